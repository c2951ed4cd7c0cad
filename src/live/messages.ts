/** What the program tells the page, as JSON. */

/** A number; JSON itself has no way to say those that are not finite. */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** Loss and metrics, by name. */
export type Values = Readonly<Record<string, JsonNumber>>;

/** What a fit is doing: `pausing` and `stopping` once that is asked for, until the steps that run are done. */
export type Phase =
  'preparing' | 'running' | 'pausing' | 'paused' | 'stopping' | 'done' | 'stopped' | 'failed';

/** What holds for all of a fit. */
export interface Facts {
  readonly model: string;
  readonly epochs: number;
  /** Epochs before this fit, which an earlier one has done. */
  readonly initialEpoch: number;
  /** Steps of an epoch; null as long as nobody knows. */
  readonly steps: number | null;
  readonly batchSize: number;
}

/** Where a fit is. */
export interface Position {
  /** Counted from 1. */
  readonly epoch: number;
  /** How many steps of it are done. */
  readonly step: number;
  /** Seconds without those in which it was paused. */
  readonly elapsed: number;
  /** Seconds to come; null as long as nobody knows. */
  readonly left: number | null;
  readonly stepsPerSecond: number | null;
  readonly learningRate: JsonNumber;
  /** Why the learning rate cannot be lowered, if it cannot. */
  readonly fixedRate: string | null;
}

/** The values of an epoch, counted from 1, as they go into the history. */
export interface EpochPoint {
  readonly epoch: number;
  readonly values: Values;
}

/** Means over the last steps before one, of which `step` of the epoch's and `total` of the fit's are done. */
export interface StepPoint {
  readonly epoch: number;
  readonly step: number;
  readonly total: number;
  readonly values: Values;
}

/** Euclidean norms of a layer's weights. */
export interface LayerRow {
  readonly name: string;
  readonly type: string;
  readonly parameters: number;
  /** |w|. */
  readonly norm: JsonNumber;
  /** |∂ loss / ∂ w| of the last look at gradients; null where there was none, or where nothing is trained. */
  readonly gradient: JsonNumber | null;
  /** |w after − w before| of one epoch; null where none was looked at yet. */
  readonly change: JsonNumber | null;
}

/** The layers after an epoch, counted from 1; 0: before the first. */
export interface LayerNorms {
  readonly epoch: number;
  /** The epoch after which the gradients were taken; null where none were. */
  readonly gradientEpoch: number | null;
  readonly rows: readonly LayerRow[];
}

/** What is new, or all that there is. */
export interface Message {
  /** Whether it is all that there is, and takes the place of what came before. */
  readonly isWhole: boolean;
  readonly phase: Phase;
  /** Why the fit has failed. */
  readonly reason: string | null;
  readonly facts: Facts | null;
  readonly position: Position | null;
  /** The values of the epoch that is under way. */
  readonly values: Values;
  readonly epochs: readonly EpochPoint[];
  readonly steps: readonly StepPoint[];
  /** Null: those that were told before. */
  readonly layers: LayerNorms | null;
}

/** A number as JSON can say it. */
export const jsonNumber = (value: number): JsonNumber =>
  Number.isFinite(value) ? value : (String(value) as JsonNumber); // what String gives of the three that are not finite

/** Values as JSON can say them. */
export const jsonValues = (values: Readonly<Record<string, number>>): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, jsonNumber(value)]));
