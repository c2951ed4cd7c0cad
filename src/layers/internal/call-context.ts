import type { Layer } from './target';

/** A layer of the user's own at work, and what its inner layers take over from it. */
export interface CallContext {
  readonly layer: Layer;
  readonly training: boolean;
  /** Whether the layer is being built, so that inner layers may make their weights. */
  readonly isTrial: boolean;
}

let current: CallContext | undefined;

/** The innermost layer of the user's own whose `call` runs. */
export const callContext = (): CallContext | undefined => current;

/** Runs a `call` as part of a layer. */
export const withCallContext = <T>(context: CallContext, run: () => T): T => {
  const outer = current;
  current = context;
  try {
    return run();
  } finally {
    current = outer;
  }
};
