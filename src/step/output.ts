import type { Loss } from '../losses/registry';

/** What is known of one output of a compiled model. */
export interface Output {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly loss: Loss;
  readonly lossWeight: number;
  /** Resolved once the labels' shape is known, which 'accuracy' depends on. */
  readonly metrics: readonly unknown[];
}
