/** Where an error arises: what the caller gave, shapes, the state of a model, data sets, files, the native library. */
export type KerasErrorKind = 'argument' | 'shape' | 'state' | 'dataset' | 'file' | 'native';

/** What a {@link KerasError} carries besides its message. */
export interface KerasErrorDetails {
  /**
   * The function that was called, as the user writes it: `layerDense`. Left out where the error arises inside: it is filled
   * in where the error leaves the function that the user called (see `asFunction`).
   */
  readonly function?: string | undefined;
  /** What was expected, as a clause: `` `units` must be a positive integer``. */
  readonly expected: string;
  /** What came, already readable (see {@link describe}). */
  readonly received?: string;
  /** What to do, one or more sentences. */
  readonly advice: string;
  /** The argument at fault. */
  readonly argument?: string;
  /** The name of the layer at fault. */
  readonly layer?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Stands for the name of the function that the user called in an error's texts: `${THIS_FUNCTION}() is done`. */
export const THIS_FUNCTION = '\u{E000}';

/** The name where an error leaves no function that would have one. */
const LIBRARY = 'keras-pipe';

/** An error's texts with the name of the function in its place. */
const textsWith = (functionName: string, { expected, received, advice }: KerasErrorDetails) => {
  const named = (text: string): string => text.replaceAll(THIS_FUNCTION, functionName);
  return {
    expected: named(expected),
    received: received === undefined ? undefined : named(received),
    advice: named(advice),
  };
};

const messageWith = (functionName: string, details: KerasErrorDetails): string => {
  const { expected, received, advice } = textsWith(functionName, details);
  const came = received === undefined ? '' : ` Received: ${sentence(received)}`;
  return `${functionName}: ${sentence(expected)}${came} ${sentence(advice)}`;
};

/**
 * The base of every error of this library.
 *
 * The message has one form: *function: what was expected. Received: what came. What to do.*
 */
export class KerasError extends Error {
  readonly kind: KerasErrorKind;
  readonly function: string;
  readonly expected: string;
  readonly received: string | undefined;
  readonly advice: string;
  readonly argument: string | undefined;
  readonly layer: string | undefined;
  /** What the error is made of, as long as it has no function's name. */
  #unnamed: KerasErrorDetails | undefined;

  constructor(kind: KerasErrorKind, details: KerasErrorDetails) {
    const functionName = details.function ?? LIBRARY;
    super(
      messageWith(functionName, details),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    const { expected, received, advice } = textsWith(functionName, details);
    this.name = new.target.name;
    this.kind = kind;
    this.function = functionName;
    this.expected = expected;
    this.received = received;
    this.advice = advice;
    this.argument = details.argument;
    this.layer = details.layer;
    if (details.function === undefined) this.#unnamed = details;
  }

  /** @internal Gives the error the name of the function that it leaves, unless it has one. */
  static nameFunction(error: unknown, functionName: string): void {
    if (!(error instanceof KerasError) || error.#unnamed === undefined) return;
    const { message, stack } = error;
    const named = {
      function: functionName,
      message: messageWith(functionName, error.#unnamed),
      ...textsWith(functionName, error.#unnamed),
    };
    Object.assign(error, named);
    // V8 writes the message into the stack when the error is made.
    if (stack !== undefined) error.stack = stack.replace(message, () => named.message);
    error.#unnamed = undefined;
  }
}

/** An argument has the wrong type, value or name. */
export class KerasArgumentError extends KerasError {
  constructor(details: KerasErrorDetails) {
    super('argument', details);
  }
}

/** Shapes do not fit each other. */
export class KerasShapeError extends KerasError {
  constructor(details: KerasErrorDetails) {
    super('shape', details);
  }
}

/** A model is not in the state that the call needs: not built, not compiled, disposed, being fitted. */
export class KerasStateError extends KerasError {
  constructor(details: KerasErrorDetails) {
    super('state', details);
  }
}

/** A data set could not be had. */
export class KerasDatasetError extends KerasError {
  constructor(details: KerasErrorDetails) {
    super('dataset', details);
  }
}

/** A file is missing, unreadable, or not what it should be. */
export class KerasFileError extends KerasError {
  constructor(details: KerasErrorDetails) {
    super('file', details);
  }
}

/** TensorFlow's C library is missing, or failed. */
export class KerasNativeError extends KerasError {
  constructor(details: KerasErrorDetails) {
    super('native', details);
  }
}

const LONGEST = 80;
const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

interface TensorLike {
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
}

const isTensorLike = (value: object): value is TensorLike =>
  'shape' in value && Array.isArray(value.shape) && 'dtype' in value && typeof value.dtype === 'string';

/**
 * A value in words short enough for an error message.
 *
 * @example
 * assert.strictEqual(describe('relu'), "'relu'")
 * assert.strictEqual(describe([1, 2]), '[1, 2]')
 * assert.strictEqual(describe(undefined), 'undefined')
 */
export const describe = (value: unknown): string => {
  try {
    return describeTo(DEEPEST, value);
  } catch {
    // A proxy, or a getter that throws: what an error is about must not raise another one.
    return 'a value that cannot be read';
  }
};

/** Objects may contain themselves, so there is an end to what is looked into. */
const DEEPEST = 3;

const describeTo = (depth: number, value: unknown): string => {
  if (typeof value === 'string') return shorten(`'${value}'`);
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    if (depth === 0) return '[…]';
    // Spread, since what was left out, as in [1, , 2], is undefined.
    const shown = [...(value as unknown[]).slice(0, 6)].map((item) => describeTo(depth - 1, item));
    return shorten(`[${[...shown, ...(value.length > 6 ? ['…'] : [])].join(', ')}]`);
  }
  if (ArrayBuffer.isView(value)) {
    return `${value.constructor.name} of length ${'length' in value ? String(value.length) : value.byteLength}`;
  }
  if (isTensorLike(value)) {
    const kind = 'isDisposed' in value && value.isDisposed === true ? `disposed ${value.dtype}` : value.dtype;
    return `${kind.startsWith('i') ? 'an' : 'a'} ${kind} tensor of shape ${shapeText(value.shape)}`;
  }
  const name = (value.constructor as { name?: string } | undefined)?.name ?? '';
  if (name !== '' && name !== 'Object') return `an object of class ${name}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return '{}';
  if (depth === 0) return '{ … }';
  const entries = keys
    .slice(0, 12)
    .map((key) => `${key}: ${describeTo(depth - 1, (value as Record<string, unknown>)[key])}`);
  return shorten(`{ ${entries.join(', ')} }`);
};

const shapeText = (shape: readonly (number | null | undefined)[]): string =>
  `[${shape.map((size) => (size === undefined ? 'null' : String(size))).join(', ')}]`;

/**
 * A shape as this library prints it: unknown dimensions are `null`.
 *
 * @example
 * assert.strictEqual(describeShape([null, 10]), '[null, 10]')
 */
export const describeShape = (shape: readonly (number | null | undefined)[]): string => {
  const sizes: unknown = shape; // callers without types give anything
  const isSize = (size: unknown): boolean => size === undefined || size === null || typeof size === 'number';
  if (!Array.isArray(sizes) || !sizes.every(isSize)) {
    throw new KerasArgumentError({
      function: 'describeShape',
      argument: 'shape',
      expected: '`shape` must be a shape: an array of numbers, null where a dimension is unknown',
      received: describe(sizes),
      advice: 'Write describeShape([null, 10]); describe(value) takes any value',
    });
  }
  return shapeText(shape);
};
