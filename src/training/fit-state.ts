import type { KerasModel } from '../models/model';
import type { SavedSums } from '../step/plan';
import type { CallbackState } from './callback-list';
import type { Engine, SavedSeeds } from './step-runners';

/** What the numbers to come of a fit depend on, besides its data, weights and optimizer. */
export interface FitState {
  /** The epoch that comes next or is under way, counted from 0, and how many of its steps are done. */
  readonly epoch: number;
  readonly step: number;
  /** Whether a callback has ended the training. */
  readonly isOver: boolean;
  /** The place of the stream that all seeds are drawn from. */
  readonly random: number;
  /** The place of the stream that orders of rows are drawn from, before that of the epoch. */
  readonly shuffling: number;
  readonly seeds: SavedSeeds;
  /** What the steps of the epoch have told so far. */
  readonly sums: SavedSums;
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly engine: Engine;
  /** Whether rows that are nearly all zeros were trained on as sparse ones. */
  readonly sparseRows?: boolean;
  /** Steps of an epoch, and rows of a batch: of an epoch that is under way, they must be the same again. */
  readonly steps: number;
  readonly batchSize: number;
  /** What callbacks keep, each under its class and number. */
  readonly callbacks: Readonly<Record<string, CallbackState>>;
}

/** A fit that was kept. */
export interface KeptFit {
  readonly state: Omit<FitState, 'callbacks'>;
  /** Gives the model its weights and its optimizer's state, and tells what the callbacks kept. */
  restore(model: KerasModel): Promise<FitState['callbacks']>;
}

/** Where a fit is kept so that it can go on in another process: a callback may have one. */
export interface FitKeeper {
  /** `'epoch'`, or after how many batches the fit is kept. */
  readonly saveFreq: 'epoch' | number;
  /** What is kept there, if there is something. */
  open(): Promise<KeptFit | undefined>;
  save(model: KerasModel, state: FitState): Promise<void>;
  /** The fit has come to its end. */
  finish(): Promise<void>;
}
