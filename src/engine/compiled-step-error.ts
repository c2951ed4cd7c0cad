/** A step of a run failed in TensorFlow. The model has the weights from before it. */
export class CompiledStepError extends Error {
  constructor(
    /** How many steps of the run were done. */
    readonly done: number,
    readonly reason: string,
    /** The operation that failed and the layer that it belongs to, where they are known. */
    readonly operation: string | undefined,
    readonly layer: string | undefined,
    cause: unknown,
  ) {
    super(reason, { cause });
    this.name = 'CompiledStepError';
  }
}
