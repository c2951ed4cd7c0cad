/** Models of which only the graph is known. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { toTensor, type ArrayLike } from '../../../arrays/tensors';
import { isText, textTensor, type NestedText } from '../../../arrays/texts';
import { argumentError } from '../../../base/checks';
import { messageOf } from '../../../base/causes';
import {
  describe,
  describeShape,
  KerasArgumentError,
  KerasNativeError,
  KerasShapeError,
  KerasStateError,
} from '../../../base/errors';
import { MalformedError } from '../../../files/malformed';
import type { ModelMetadata } from '../../../models/metadata';
import { TensorBundle } from '../../../files/tensor-bundle';
import type { FedValues, Feed, FetchedValues, PreparedRun, Session } from '../../../native/index';
import { binding, idOf, TYPES, typeNumber } from '../../../tfjs/binding';
import { tf, type Tensor } from '../../../tfjs/tensorflow';
import { readMetadataFile } from '../user-metadata';
import { FILES } from './files';
import { nodeOf, servedGraph, type ServedGraph } from './served-graph';
import type { Signature, SignatureTensor } from './signatures';

/** Numbers, or texts where a signature takes these. */
export type ServedInput = ArrayLike | readonly NestedText[];

/** Arrays under the names that a signature has for them. */
export type NamedArrays = Readonly<Record<string, ServedInput>>;

/** Options of a prediction of a {@link ServedModel}. */
export interface ServedPredictOptions {
  /** Which of the graph's signatures; `'serving_default'`, or the only one, by default. */
  readonly signature?: string | undefined;
}

/** What a tensor of a signature is. */
export interface ServedTensor {
  /** TensorFlow's name of its type: `'float32'`, `'int64'`. */
  readonly dtype: string;
  /** Its shape, in which sizes that are open are null; null if its rank is open, too. */
  readonly shape: readonly (number | null)[] | null;
}

/** What a signature takes and gives. */
export interface ServedSignature {
  readonly inputs: Readonly<Record<string, ServedTensor>>;
  readonly outputs: Readonly<Record<string, ServedTensor>>;
}

const NAMES: Readonly<Record<number, string>> = {
  1: 'float32', 2: 'float64', 3: 'int32', 4: 'uint8', 5: 'int16', 6: 'int8', 7: 'string', 9: 'int64', 10: 'bool', 14: 'bfloat16', 17: 'uint16', 19: 'float16',
}; // prettier-ignore

const nameOf = (dtype: number): string => NAMES[dtype] ?? `type ${dtype}`;

const described = (tensors: ReadonlyMap<string, SignatureTensor>): Record<string, ServedTensor> =>
  Object.fromEntries(
    [...tensors].map(([name, { dtype, shape }]) => [
      name,
      { dtype: nameOf(dtype), shape: shape?.map((size) => (size < 0 ? null : size)) ?? null },
    ]),
  );

const isNamed = (x: unknown): x is NamedArrays =>
  typeof x === 'object' &&
  x !== null &&
  !(x instanceof tf.Tensor) &&
  !Array.isArray(x) &&
  !ArrayBuffer.isView(x) &&
  !('shape' in x);

/** What is fed: a tensor of the type itself, or numbers that TensorFlow has in a type that tfjs has not. */
const feedOf = (tensor: Tensor, { dtype }: SignatureTensor): Feed => {
  if (typeNumber(tensor.dtype) === dtype) return idOf(tensor);
  const { shape } = tensor;
  const numbers = Array.from(tensor.dataSync<'float32'>());
  const values =
    dtype === TYPES.int64 ? BigInt64Array.from(numbers, (value) => BigInt(Math.trunc(value))) : numbers;
  return { shape, dtype, values };
};

const tensorOf = ({ shape, dtype, values }: FetchedValues): Tensor => {
  if (dtype === TYPES.string) {
    const texts = (values as Uint8Array[]).map((text) => Buffer.from(text).toString()); // as strings are read
    return tf.tensor(texts, shape, 'string');
  }
  const numbers = values as Exclude<FetchedValues['values'], Uint8Array[]>; // all others
  if (dtype === TYPES.bool) return tf.tensor(numbers as Uint8Array, shape, 'bool');
  return dtype === TYPES.float || dtype === TYPES.double
    ? tf.tensor(Float32Array.from(numbers as Float32Array), shape, 'float32')
    : tf.tensor(Int32Array.from(numbers as Int32Array, Number), shape, 'int32');
};

/** The types that can be fetched: those that are numbers here, and texts. */
const FETCHED = new Set<number>([1, 2, 3, 4, 5, 6, 7, 9, 10, 17]);

/**
 * A model of which only its graph is known: it predicts as its signatures say, and cannot be trained. `loadModelTf` gives one for
 * folders that Keras did not write.
 *
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * const served = await loadModelTf<ServedModel>(await exportSavedmodel(model, 'served'))
 * assert.deepStrictEqual(Object.keys(served.signatures), ['serving_default'])
 * const output = await served.predict([[1, 2, 3], [4, 5, 6]])
 * assert.deepStrictEqual(output.shape, [2, 2])
 */
export class ServedModel {
  private session: Session | undefined;
  private readonly runs = new Map<string, PreparedRun>();

  /** @internal */
  constructor(
    readonly name: string,
    private readonly known: ReadonlyMap<string, Signature>,
    session: Session,
    /** What was kept with the model that was exported. */
    readonly metadata: ModelMetadata | undefined,
  ) {
    this.session = session;
  }

  /** What the signatures take and give, by their names. */
  get signatures(): Readonly<Record<string, ServedSignature>> {
    return Object.fromEntries(
      [...this.known].map(([name, { inputs, outputs }]) => [
        name,
        { inputs: described(inputs), outputs: described(outputs) },
      ]),
    );
  }

  /**
   * What the model gives for a batch: a tensor for one output, else tensors by their names. Several inputs are given by their names.
   *
   * @throws KerasArgumentError if an input is missing, or is none of the signature's.
   * @throws KerasShapeError if an input does not fit.
   * @throws KerasNativeError if the graph cannot run.
   */
  async predict(
    x: ServedInput | NamedArrays,
    options: ServedPredictOptions = {},
  ): Promise<Tensor | Record<string, Tensor>> {
    const [name, signature] = this.signatureOf(options.signature);
    const tensors = this.inputsOf(x, signature);
    try {
      const feeds = [...signature.inputs.values()].map((input, index) =>
        feedOf(tensors[index] as Tensor, input),
      ); // one for each
      const values = await this.run(name, signature, feeds);
      const outputs = [...signature.outputs.keys()].map((key, index): [string, Tensor] => [
        key,
        tensorOf(values[index] as FetchedValues), // one for each
      ]);
      return outputs.length === 1 ? (outputs[0] as [string, Tensor])[1] : Object.fromEntries(outputs);
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }

  /** Frees the graph and its variables. */
  dispose(): void {
    this.session?.close();
    this.session = undefined;
    this.runs.clear();
  }

  get isDisposed(): boolean {
    return this.session === undefined;
  }

  private signatureOf(wanted: string | undefined): [string, Signature] {
    const name = wanted ?? (this.known.size === 1 ? [...this.known.keys()][0] : 'serving_default');
    const signature = this.known.get(name ?? '');
    if (name !== undefined && signature !== undefined) return [name, signature];
    const names = [...this.known.keys()].map((one) => `'${one}'`).join(', ');
    throw argumentError(
      { function: 'predict', argument: 'signature' },
      `one of ${names}`,
      name,
      'Give { signature }',
    );
  }

  private inputsOf(x: ServedInput | NamedArrays, { inputs }: Signature): Tensor[] {
    const names = [...inputs.keys()];
    const list = names.map((name) => `'${name}'`).join(', ');
    const given = isNamed(x) ? x : names.length === 1 ? { [names[0] ?? '']: x } : undefined;
    const keys = Object.keys(given ?? {});
    if (given === undefined || keys.length !== names.length || keys.some((key) => !inputs.has(key))) {
      throw new KerasArgumentError({
        function: 'predict',
        argument: 'x',
        expected: `\`x\` must have an array for each of ${list}`,
        received:
          given === undefined ? describe(x) : `arrays for ${keys.map((key) => `'${key}'`).join(', ')}`,
        advice: 'Give an object with an array under each of these names',
      });
    }
    const made: Tensor[] = [];
    try {
      for (const [name, input] of inputs) {
        const tensor = inputTensor(given[name] as ServedInput, input, name); // given, as seen
        made.push(tensor);
        checkShape(tensor, input, name);
      }
      return made;
    } catch (error) {
      for (const tensor of made) tensor.dispose();
      throw error;
    }
  }

  /** @throws KerasNativeError if TensorFlow cannot run the graph. */
  private async run(name: string, signature: Signature, feeds: readonly Feed[]): Promise<FetchedValues[]> {
    const run = this.runOf(name, signature);
    try {
      return await run.readOnThread(feeds);
    } catch (cause) {
      throw new KerasNativeError({
        function: 'predict',
        expected: `the graph of the signature '${name}' must run`,
        received: reasonOf(cause),
        advice: 'The graph is not right, or it is not for such values',
        cause,
      });
    }
  }

  private runOf(name: string, { inputs, outputs }: Signature): PreparedRun {
    if (this.session === undefined) {
      throw new KerasStateError({
        function: 'predict',
        expected: 'the model must not be disposed',
        received: `the model '${this.name}', whose graph has been freed by dispose()`,
        advice: 'Load it again, or call dispose() later',
      });
    }
    let run = this.runs.get(name);
    if (run === undefined) {
      run = this.session.prepare({
        feeds: [...inputs.values()].map(({ node }) => node),
        fetches: [...outputs.values()].map(({ node }) => node),
      });
      this.runs.set(name, run);
    }
    return run;
  }
}

/** A tensor of its own of an input's type. */
const inputTensor = (value: ServedInput, { dtype }: SignatureTensor, name: string): Tensor =>
  tf.tidy(() => {
    const place = { function: 'predict', argument: `x['${name}']` };
    if ((dtype === TYPES.string) !== isText(value)) {
      const expected = dtype === TYPES.string ? 'texts' : 'numbers';
      throw argumentError(place, expected, value, `The signature says that '${name}' is ${nameOf(dtype)}`);
    }
    if (dtype === TYPES.string)
      return value instanceof tf.Tensor ? tf.clone(value) : textTensor(value, place);
    const type =
      dtype === TYPES.bool ? 'bool' : dtype === TYPES.float || dtype === TYPES.double ? 'float32' : 'int32';
    const { tensor } = toTensor(value, place);
    return tensor.dtype === type ? tf.clone(tensor) : tf.cast(tensor, type);
  });

const checkShape = (tensor: Tensor, { shape }: SignatureTensor, name: string): void => {
  if (shape === undefined) return;
  const fits =
    shape.length === tensor.rank && shape.every((size, axis) => size < 0 || size === tensor.shape[axis]);
  if (fits) return;
  const wanted = shape.map((size) => (size < 0 ? null : size));
  throw new KerasShapeError({
    function: 'predict',
    argument: 'x',
    expected: `the input '${name}' must have the shape ${describeShape(wanted)}`,
    received: `an array of shape ${describeShape(tensor.shape)}`,
    advice: 'Give a whole batch: with the rows as the first axis',
  });
};

/** TensorFlow's own words, without the number of its kind of error. */
const reasonOf = (error: unknown): string =>
  messageOf(error)
    .replace(/^Invalid TF_Status: \d+\nMessage: /, '')
    .split('\n')[0] ?? '';

/** Runs what restores the variables, and what initializes tables. */
const restoreGraph = async (session: Session, graph: ServedGraph, folder: string): Promise<void> => {
  const text = (value: string): FedValues => ({ shape: [], dtype: TYPES.string, values: [value] });
  const assets = graph.assets.map(({ file }) => text(path.join(folder, 'assets', file)));
  const names = graph.assets.map(({ tensor }) => tensor);
  const prefix = path.join(folder, FILES.variables);
  if (graph.restore !== undefined && existsSync(`${prefix}.index`)) {
    // Whether all is within its files is checked before TensorFlow reads it.
    await (await TensorBundle.open(prefix)).close();
    const { file, target } = graph.restore;
    session
      .prepare({ feeds: [file, ...names], fetches: [], targets: [nodeOf(target)] })
      .run([text(prefix), ...assets]);
  }
  if (graph.initialize !== undefined)
    session.prepare({ feeds: names, fetches: [], targets: [nodeOf(graph.initialize)] }).run(assets);
};

/** Loads the graph of a folder. */
export const loadServed = async (folder: string, name: string): Promise<ServedModel> => {
  const graph = servedGraph(await readFile(path.join(folder, FILES.graph)));
  for (const [signature, { inputs, outputs }] of graph.signatures) {
    for (const [tensor, { node, dtype }] of [...inputs, ...outputs])
      if (node === '' || !FETCHED.has(dtype))
        throw new MalformedError(
          `'${tensor}' of the signature '${signature}' is of ${nameOf(dtype)}, which cannot be given or taken`,
        );
  }
  const metadata = await readMetadataFile(folder);
  let session: Session | undefined;
  try {
    session = binding().createSession(graph.definition);
    await restoreGraph(session, graph, folder);
    return new ServedModel(name, graph.signatures, session, metadata);
  } catch (error) {
    session?.close();
    if (error instanceof MalformedError) throw error;
    throw new MalformedError(`TensorFlow does not load the graph: ${reasonOf(error)}`);
  }
};
