import { keepingWeights } from '../layers/internal/sublayer';
import { textModel, type TextModel } from '../models/text-inputs';
import type { KerasModel } from '../models/model';
import { batchOf, type Arrays, type InputArray } from '../step/batches';
import { trainableOf, type StepPlan } from '../step/plan';
import { haveTexts, numbersOf } from '../step/texts';
import { withActivityLosses } from '../tfjs/activity';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** Rows of texts that are read at once: in between others may run. */
const ROWS = 256;

/** Why texts cannot be turned into numbers before the steps. */
export interface NotReadable {
  readonly reason: string;
}

/** It has turned out that they cannot. */
class Refusal extends Error {}

/** Whether some data has texts in it. */
export const hasTexts = ({ x }: Pick<Arrays, 'x'>): boolean =>
  haveTexts(x.filter((input) => input instanceof tf.Tensor));

const isSame = (one: Tensor, other: Tensor): boolean => {
  if (one.dtype !== other.dtype || one.shape.join() !== other.shape.join()) return false;
  const [a, b] = [one.dataSync(), other.dataSync()];
  return a.every((value, index) => Object.is(value, b[index]));
};

/** Data with texts in it, and the model that reads them. */
export interface Texts {
  readonly plan: StepPlan;
  readonly arrays: Arrays;
  readonly training: boolean;
}

/** The layers that read texts, at work on all rows. */
class Reading {
  /** The numbers that come of the texts, by their positions among all. */
  private readonly made: readonly number[];
  private readonly what: string;

  constructor(
    private readonly model: KerasModel,
    private readonly parts: TextModel,
    private readonly texts: Texts,
  ) {
    const { reading, readers } = parts;
    this.made = [...reading.outputs.keys()].filter((index) => this.inputOf(index) === undefined);
    const names = readers.map(({ name }) => `'${name}'`).join(', ');
    this.what =
      readers.length === 1
        ? `the layer ${names}, which reads texts,`
        : `one of the layers ${names}, which read texts,`;
  }

  /** The position of the model's input that a number is as it comes. */
  private inputOf(index: number): number | undefined {
    const { inputs, outputs } = this.parts.reading;
    const position = inputs.findIndex((input) => input === outputs[index]);
    return position === -1 ? undefined : position;
  }

  private refuse(reason: string): never {
    throw new Refusal(`${this.what} ${reason}`);
  }

  /** The numbers of some rows. The caller frees them. */
  private rows(from: number, count: number): Tensor[] {
    const { arrays, training } = this.texts;
    return tf.tidy(() =>
      withActivityLosses((losses, metrics) => {
        const { x } = batchOf({ ...arrays, y: [], weights: [] }, from, count);
        const { outputs = [], masks = [] } = numbersOf(this.model.tf, x, training) ?? {};
        if (losses.length > 0) this.refuse('adds to the loss');
        if (metrics.length > 0) this.refuse('tells values of each step');
        return this.made.map((index) => {
          const output = outputs[index] as Tensor; // one for each
          if ((masks[index] ?? null) !== null) this.refuse('gives a mask');
          this.checkShape(output.shape, this.parts.reading.outputs[index]?.shape ?? []);
          return tf.clone(output);
        });
      }),
    );
  }

  private checkShape(shape: readonly number[], expected: readonly (number | null)[]): void {
    const isFixed =
      shape.length === expected.length && shape.every((size, axis) => axis === 0 || size === expected[axis]);
    if (!isFixed) this.refuse('gives as much as is in a batch');
  }

  /** Throws if the numbers of a row are not the row's alone, or other ones each time. */
  probe(): void {
    const { plan, arrays, training } = this.texts;
    const weights = this.parts.readers.flatMap((layer) => layer.weights);
    const trained = new Set(training ? trainableOf(plan) : []);
    if (weights.some((weight) => trained.has(weight))) this.refuse('has weights to train');
    if (this.parts.readers.some(({ stateful }) => stateful)) this.refuse('keeps states');
    const count = Math.min(arrays.rows, ROWS);
    const before = weights.map((weight) => weight.read().dataId);
    const trials: Tensor[][] = [];
    keepingWeights(weights, () => {
      for (const rows of [count, count, 1]) trials.push(this.rows(0, rows));
      if (weights.some((weight, index) => weight.read().dataId !== before[index]))
        this.refuse('changes its weights');
    });
    const [once = [], again = [], alone = []] = trials;
    const isSteady = once.every((tensor, index) => isSame(tensor, again[index] as Tensor)); // of the same layers
    const isAlone = once.every((tensor, index) =>
      tf.tidy(() => isSame(tf.slice(tensor, 0, 1), alone[index] as Tensor)),
    );
    tf.dispose(trials);
    if (!isSteady || !isAlone) this.refuse('gives other numbers for the same texts');
  }

  /** The numbers for all rows, a part at a time, and the inputs that are numbers already. */
  async run(pause: () => Promise<void>): Promise<{ readonly x: InputArray[]; readonly made: Tensor[] }> {
    const { arrays } = this.texts;
    const parts: Tensor[][] = this.made.map(() => []);
    try {
      for (let from = 0; from < arrays.rows; from += ROWS) {
        const numbers = this.rows(from, Math.min(ROWS, arrays.rows - from));
        numbers.forEach((part, index) => parts[index]?.push(part));
        await pause();
      }
      const made = parts.map((list) => (list.length === 1 ? tf.clone(list[0] as Tensor) : tf.concat(list))); // of one
      const x = this.parts.reading.outputs.map((_, index) => {
        const input = this.inputOf(index);
        return (input === undefined ? made[this.made.indexOf(index)] : arrays.x[input]) as InputArray; // one of the two
      });
      return { x, made };
    } finally {
      tf.dispose(parts);
    }
  }
}

/** Data whose texts are numbers now, and what frees those. */
export interface ReadArrays {
  readonly arrays: Arrays;
  readonly free: () => void;
}

/**
 * The data with numbers for the texts, as the layers of the model that read texts make them: once for all epochs, and in front of the
 * steps, which can be compiled so. That is the same only where a row's numbers are its own, and the same ones each time.
 */
export const readTexts = async (
  model: KerasModel,
  texts: Texts,
  pause: () => Promise<void>,
): Promise<ReadArrays | NotReadable> => {
  const parts = textModel(model.tf);
  if (parts === undefined) return { reason: 'texts come out of the model' };
  const reading = new Reading(model, parts, texts);
  try {
    reading.probe();
    const { x, made } = await reading.run(pause);
    return { arrays: { ...texts.arrays, x }, free: () => tf.dispose(made) };
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.message };
    throw error;
  }
};
