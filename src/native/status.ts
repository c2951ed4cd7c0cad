import type { CApi } from './c-api';

/** TensorFlow refused, or failed, to do what was asked. */
export class TensorflowError extends Error {
  /** TensorFlow's number of the kind of error: 3 is an invalid argument. */
  readonly code: number;
  /** What TensorFlow says, without the places in graphs that it lists below. */
  readonly reason: string;
  /** The node of a graph that failed, if it is named. */
  readonly node: string | undefined;

  constructor(code: number, text: string) {
    // The form of tfjs-node's messages, which are read as text elsewhere.
    super(`Invalid TF_Status: ${code}\nMessage: ${text}`);
    this.name = 'TensorflowError';
    this.code = code;
    this.reason = text.split('\n')[0] ?? text;
    this.node = /\{\{(?:function_)?node ([^}]+)\}\}/.exec(text)?.[1];
  }
}

/** Where functions of the C library say whether they did what was asked. */
export class Status {
  readonly address: number;

  constructor(private readonly api: CApi) {
    this.address = api.TF_NewStatus();
  }

  /** @throws TensorflowError if the function that was called last failed. */
  check(): void {
    if (this.api.TF_GetCode(this.address) !== 0) throw this.error();
  }

  get isOk(): boolean {
    return this.api.TF_GetCode(this.address) === 0;
  }

  error(): TensorflowError {
    return new TensorflowError(this.api.TF_GetCode(this.address), this.api.TF_Message(this.address));
  }

  free(): void {
    this.api.TF_DeleteStatus(this.address);
  }
}
