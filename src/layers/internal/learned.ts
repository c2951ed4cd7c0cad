/** What preprocessing layers learn from data before the training, and the layers that have it. */
import type { layers } from '@tensorflow/tfjs';
import { KerasStateError } from '../../base/errors';
import { noteLearning } from '../../tfjs/learning';

type Layer = layers.Layer;

/** What a batch has: numbers, or texts as the bytes of their UTF-8, a character for each byte. */
export type BatchValues = ArrayLike<number> | readonly string[];

/** A part of the data that is learned from. */
export interface LearningBatch {
  readonly values: BatchValues;
  /** The batch axis first. */
  readonly shape: readonly number[];
}

/** Data are taken as these: texts, whole numbers, or numbers. */
export type LearningType = 'string' | 'int32' | 'float32';

/** A layer that shows what has been learned: it may have weights that follow. */
export interface Learner {
  /** What has been learned is other now. */
  learned(): void;
}

/**
 * What the layers of one step have learned together. Each layer that a step makes has it, so that data that are learned from once
 * count for all of them.
 */
export abstract class Learned {
  /** What the data must be. */
  abstract readonly type: LearningType;
  /** Whether the user has given what would be learned. */
  abstract readonly isGiven: boolean;
  readonly #layers = new Set<WeakRef<Layer & Learner>>();

  constructor(
    /** The function that the user called, for errors. */
    readonly functionName: string,
  ) {}

  /** Whether nothing could be learned with a number among the data: one that is none. */
  isNoNumber(value: number): boolean {
    return Number.isNaN(value);
  }

  /** Throws if nothing can be learned, for the user has given what would be learned. */
  abstract checkOpen(): void;
  /** Forgets what a pass before has counted; what was learned counts until the end of the new one. */
  abstract begin(): void;
  /** Takes a part of the data into account. */
  abstract take(batch: LearningBatch): void;
  /** Makes of what was counted what the layers use. */
  abstract end(): void;

  /** Lets a layer follow. */
  attach(layer: Layer & Learner): void {
    this.#layers.add(new WeakRef(layer));
  }

  /** The layers that there are. */
  protected get layers(): (Layer & Learner)[] {
    return [...this.#layers].flatMap((reference) => {
      const layer = reference.deref();
      if (layer === undefined) this.#layers.delete(reference);
      return layer ?? [];
    });
  }

  /** Has the layers follow, and steps that were compiled with the numbers before be made anew. */
  protected changed(): void {
    noteLearning();
    for (const layer of this.layers) layer.learned();
  }

  /** The error for what is there already. */
  protected closed(what: string): KerasStateError {
    return new KerasStateError({
      function: 'adapt',
      expected: `a layer that learns from data must not have been given ${what}`,
      received: `a layer of ${this.functionName} with ${what}`,
      advice: `Leave ${what} out, or leave adapt() out`,
    });
  }
}

/** The key of what a layer, or the step that makes it, learns. */
export const learnedOf: unique symbol = Symbol('learned');

/** What learns from data. */
export interface Adaptive {
  readonly [learnedOf]: Learned;
}

/** Whether a layer, or a step, learns from data. */
export const isAdaptive = (value: unknown): value is Adaptive =>
  (typeof value === 'object' || typeof value === 'function') && value !== null && learnedOf in value;
