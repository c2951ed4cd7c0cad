import { BoundedSeries } from './bounded-series';
import type { EpochPoint, Facts, LayerNorms, Message, Phase, Position, StepPoint, Values } from './messages';

/** Points of a curve: more than a screen has pixels for are of no use. */
const MAX_POINTS = 1024;

/** What changes as a whole. */
interface Present {
  readonly phase: Phase;
  readonly reason: string | null;
  readonly facts: Facts | null;
  readonly position: Position | null;
  readonly values: Values;
}

/** All that the page shows: what a fit is doing, and its past, of which no more is kept than can be drawn. */
export class LiveRecord {
  #present: Present = { phase: 'preparing', reason: null, facts: null, position: null, values: {} };
  #layers: LayerNorms | null = null;
  readonly #epochs = new BoundedSeries<EpochPoint>(MAX_POINTS);
  readonly #steps = new BoundedSeries<StepPoint>(MAX_POINTS);
  #newEpochs: EpochPoint[] = [];
  #newSteps: StepPoint[] = [];
  #hasNewLayers = false;
  #isThinned = false;
  #pending: (() => Partial<Present>) | undefined;

  /** Is called at each change. */
  onChange: () => void = () => undefined;

  get phase(): Phase {
    return this.#present.phase;
  }

  get facts(): Facts | null {
    return this.#present.facts;
  }

  set(changes: Partial<Present>): void {
    this.#settle();
    this.#present = { ...this.#present, ...changes };
    this.onChange();
  }

  /** Something has changed, which is asked for when it is told: thousands of changes a second are told ten times. */
  setLater(changes: () => Partial<Present>): void {
    this.#pending = changes;
    this.onChange();
  }

  /** Whether the point of the next epoch would be kept: if not, it need not be made. */
  get isNextEpochKept(): boolean {
    return this.#epochs.isNextKept;
  }

  /** Notes an epoch whose point is not kept. */
  skipEpoch(): void {
    this.#epochs.skip();
    this.onChange();
  }

  addEpoch(point: EpochPoint): void {
    const { isKept, isThinned } = this.#epochs.add(point);
    if (isKept) this.#newEpochs.push(point);
    this.#isThinned ||= isThinned;
    this.onChange();
  }

  addSteps(point: StepPoint): void {
    const { isKept, isThinned } = this.#steps.add(point);
    if (isKept) this.#newSteps.push(point);
    this.#isThinned ||= isThinned;
    this.onChange();
  }

  setLayers(layers: LayerNorms): void {
    this.#layers = layers;
    this.#hasNewLayers = true;
    this.onChange();
  }

  #settle(): void {
    const changes = this.#pending?.();
    this.#pending = undefined;
    if (changes !== undefined) this.#present = { ...this.#present, ...changes };
  }

  /** All that there is. */
  whole(): Message {
    this.#settle();
    return {
      isWhole: true,
      ...this.#present,
      epochs: this.#epochs.items,
      steps: this.#steps.items,
      layers: this.#layers,
    };
  }

  /** What is new since this was last asked: all, if some of the past has gone. */
  takeChanges(): Message {
    this.#settle();
    const changes: Message = this.#isThinned
      ? this.whole()
      : {
          isWhole: false,
          ...this.#present,
          epochs: this.#newEpochs,
          steps: this.#newSteps,
          layers: this.#hasNewLayers ? this.#layers : null,
        };
    this.#newEpochs = [];
    this.#newSteps = [];
    this.#hasNewLayers = false;
    this.#isThinned = false;
    return changes;
  }
}
