/** What a model computes for batches of any number of rows. */
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { sameShape } from '../../base/shapes';
import { atOnce } from '../../base/steps';
import { KerasArgumentError } from '../../base/errors';
import type { KerasModel } from '../../models/model';
import { Hashing } from '../../layers/internal/feature-layers';
import { StringLookup } from '../../layers/internal/lookup-layer';
import type { TextVectorization } from '../../layers/internal/text-vectorization-layer';
import { textModel } from '../../models/text-inputs';
import { stateVariablesOf } from '../../step/layers';
import { variableOf } from '../../tfjs/private';
import { tf, type DataType, type Tensor, type Variable } from '../../tfjs/tensorflow';
import { traceForward, type TracedForward } from '../compiled-forward';
import type { RecordedConstant, RecordedOp, RecordedScan } from '../trace/recording';
import { FEED_NAMES, isFed } from '../trace/traced-step';
import { openConstant, type OpenConstant } from './open-constant';
import { reasonNotInGraph } from './text-graph';

/**
 * The numbers of rows at which a model is traced: what is the same at all of them is so at any. Primes that hardly any layer has as a
 * size of its own, and three of them: two make a rule, and the third shows that it is one.
 */
const BATCH_SIZES = [5, 7, 11] as const;

/** A tensor that goes in or comes out; a size of −1 is open. */
export interface OpenTensor {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
}

/** A tensor of numbers with which the operations begin. */
interface OpenNumbers extends Omit<OpenTensor, 'name'> {
  readonly id: number;
}

/** How a model makes numbers of texts. */
export interface OpenReading {
  readonly inputs: readonly SymbolicTensor[];
  /** What is made of them, in the order of the numbers with which the operations begin. */
  readonly numbers: readonly SymbolicTensor[];
}

/** A model's prediction for any number of rows. */
export interface OpenForward {
  readonly ops: readonly RecordedOp[];
  /** The constants that are the same for any number of rows. */
  readonly constants: ReadonlyMap<number, RecordedConstant>;
  readonly openConstants: ReadonlyMap<number, OpenConstant>;
  readonly inputs: readonly OpenTensor[];
  /** Of what the operations are: the inputs, or, where a model takes texts, what is made of these. */
  readonly numbers: readonly OpenNumbers[];
  /** There where the model takes texts. */
  readonly reading?: OpenReading;
  readonly variables: readonly { readonly variable: Variable; readonly id: number }[];
  /** The two numbers by which layers draw that drop in predictions, too; none where nothing is drawn. */
  readonly seed?: number;
  /** What variables become that a prediction writes: moving averages of layers that train in it. */
  readonly writes: readonly { readonly place: number; readonly id: number }[];
  readonly outputs: readonly (OpenTensor & { readonly id: number })[];
}

const OPEN = -1;

/** Why it cannot be, and where. */
class NotOpen extends Error {
  constructor(
    readonly reason: string,
    readonly layer: string | undefined,
  ) {
    super(reason);
  }
}

type Ids = readonly number[];

/** Compares the traces of one computation at several numbers of rows. */
class Comparison {
  /** For each tensor of the first trace, that of each other one. */
  private readonly others = new Map<number, Ids>();
  readonly fixed = new Map<number, RecordedConstant>();
  readonly open = new Map<number, OpenConstant>();

  constructor(
    private readonly traces: readonly TracedForward[],
    private readonly rows: readonly number[],
  ) {
    const [first] = traces as [TracedForward]; // there are several
    const named = traces.map(({ feeds }) => new Map([...feeds].map(([id, name]) => [name, id])));
    for (const [id, name] of first.feeds)
      this.match([id, ...named.slice(1).map((ids) => ids.get(name) ?? -1)]);
  }

  private match([id, ...others]: Ids): void {
    this.others.set(id ?? -1, others);
  }

  /** Checks that something uses the same tensor in all traces. */
  uses(ids: Ids, { name, layer }: Pick<RecordedOp, 'name' | 'layer'>): void {
    const [id, ...others] = ids as [number, ...number[]]; // one of each trace
    const known = this.others.get(id);
    if (known !== undefined) {
      if (!sameShape(known, others))
        throw new NotOpen(`an input of ${name} is another one for other batches`, layer);
      return;
    }
    const versions = this.traces.map(({ recording }, index) => ({
      rows: this.rows[index] ?? 0,
      constant: recording.constants.get(ids[index] ?? -1),
    }));
    if (versions.some(({ constant }) => constant === undefined))
      throw new NotOpen(`${name} uses a tensor from outside of the model`, layer);
    const constant = openConstant(versions as { rows: number; constant: RecordedConstant }[]); // as seen
    if (constant === undefined)
      throw new NotOpen(
        `a constant of ${name} is another one for each batch, such as numbers drawn in JavaScript`,
        layer,
      );
    this.match(ids);
    if (constant.kind === 'fixed') this.fixed.set(id, constant.constant);
    else this.open.set(id, constant);
  }

  /** The operations of the first trace for any number of rows. */
  ops(lists: readonly (readonly RecordedOp[])[]): RecordedOp[] {
    const [first = []] = lists;
    const longer = lists.find((list) => list.length !== first.length);
    if (longer !== undefined) {
      const place = first.findIndex(({ name }, index) => longer[index]?.name !== name);
      const { layer } = (first[place] ?? longer[first.length] ?? first.at(-1)) as RecordedOp; // one list is not empty
      throw new NotOpen(
        'it has as many operations as the batch has rows, or looks at their number otherwise',
        layer,
      );
    }
    return first.map((_, index) => this.op(lists.map((list) => list[index] as RecordedOp))); // as long, as seen
  }

  private op(versions: readonly RecordedOp[]): RecordedOp {
    const [op] = versions as [RecordedOp]; // one of each trace
    const { name, layer } = op;
    if (versions.some((one) => one.name !== name || one.inputs.length !== op.inputs.length))
      throw new NotOpen(`${name} is another operation for other batches`, layer);
    if (versions.some(({ attributes }) => JSON.stringify(attributes) !== JSON.stringify(op.attributes)))
      throw new NotOpen(`${name} has the number of rows as an attribute`, layer);
    op.inputs.forEach((_, position) =>
      this.uses(
        versions.map(({ inputs }) => inputs[position] ?? -1),
        op,
      ),
    );
    const scan = op.scan === undefined ? undefined : this.scan(versions, op);
    op.outputs.forEach((_, position) =>
      this.match(versions.map(({ outputs }) => outputs[position]?.id ?? -1)),
    );
    return scan === undefined ? op : { ...op, scan };
  }

  private scan(versions: readonly RecordedOp[], op: RecordedOp): RecordedScan {
    const scans = versions.map(({ scan }) => scan as RecordedScan); // the same operation
    const [scan] = scans as [RecordedScan]; // one of each trace
    if (scans.some(({ steps }) => steps !== scan.steps))
      throw new NotOpen('its time steps are as many as the batch has rows', op.layer);
    scan.feeds.sequences.forEach((_, position) =>
      this.match(scans.map(({ feeds }) => feeds.sequences[position] ?? -1)),
    );
    this.match(scans.map(({ feeds }) => feeds.state));
    const body = this.ops(scans.map((one) => one.body));
    scan.results.forEach((_, position) =>
      this.uses(
        scans.map(({ results }) => results[position] ?? -1),
        op,
      ),
    );
    return {
      ...scan,
      body,
      stateShape: openShape(scans.map(({ stateShape }) => stateShape)),
      outputShapes: scan.outputShapes.map((_, position) =>
        openShape(scans.map(({ outputShapes }) => outputShapes[position] ?? [])),
      ),
    };
  }
}

/** A shape whose sizes that are others for other batches are open. */
const openShape = (shapes: readonly (readonly number[])[]): number[] => {
  const [first = []] = shapes;
  return first.map((size, axis) => (shapes.every((shape) => shape[axis] === size) ? size : OPEN));
};

/** How texts become numbers, by operations of TensorFlow; undefined where a model takes none. */
const readingOf = (model: KerasModel): OpenReading | undefined => {
  const { inputs } = model.tf;
  const texts = inputs.find(({ dtype }) => dtype === 'string');
  if (texts === undefined) return undefined;
  const parts = textModel(model.tf);
  if (parts === undefined)
    throw notOpen(model, new NotOpen(`texts come out of it, which JavaScript makes`, undefined));
  for (const layer of parts.readers) {
    const reason = reasonNotInGraph(layer);
    if (reason !== undefined) throw notOpen(model, new NotOpen(reason, layer.name));
  }
  return { inputs, numbers: parts.computing.inputs };
};

/** The type of what is made of texts: of one number for each, whole ones. */
const typeOf = ({ sourceLayer, dtype }: SymbolicTensor): DataType => {
  if (sourceLayer.getClassName() === 'InputLayer') return dtype;
  return outputModeOf(sourceLayer) === 'int' ? 'int32' : 'float32';
};

const outputModeOf = (layer: object): unknown =>
  layer instanceof StringLookup
    ? layer.vocabulary.rules.outputMode
    : layer instanceof Hashing
      ? layer.hashing.outputMode
      : (layer as TextVectorization).outputMode; // there is no other

const openShapes = (model: KerasModel, inputs: readonly SymbolicTensor[]): (number | null)[][] =>
  inputs.map(({ shape, name }) => {
    if (shape.slice(1).every((size) => size !== null)) return shape;
    throw new KerasArgumentError({
      argument: 'model',
      expected:
        'all sizes of the input but the number of rows must be known, to become a graph of TensorFlow',
      received: `the input '${name}' of the model '${model.name}', [${shape.map((size) => size ?? 'null').join(', ')}]`,
      advice: 'Give its layer an inputShape without null',
    });
  });

/** A tensor with which a trace begins. */
interface TracedInput {
  readonly dtype: DataType;
  readonly shape: readonly (number | null)[];
}

/** Names, each once, as Keras makes them: `dense`, `dense_1`, … for several outputs of one layer. */
const uniqueNames = (names: readonly string[]): string[] => {
  const taken: string[] = [];
  const counts = new Map<string, number>();
  for (const name of names) {
    let unique = name;
    while (taken.includes(unique)) {
      const count = counts.get(name) ?? 1;
      counts.set(name, count + 1);
      unique = `${name}_${count}`;
    }
    taken.push(unique);
  }
  return taken;
};

const trace = (model: KerasModel, numbers: readonly TracedInput[], rows: number): TracedForward => {
  const x = numbers.map(
    ({ dtype, shape: [batch, ...sizes] }): Tensor => tf.zeros([batch ?? rows, ...(sizes as number[])], dtype), // known, as seen
  );
  try {
    return atOnce(traceForward(model, x, weightsOf(model), true));
  } finally {
    tf.dispose(x);
  }
};

const weightsOf = (model: KerasModel) => [...new Set(model.tf.weights)];

const notOpen = (model: KerasModel, { reason, layer }: NotOpen): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'model',
    expected: 'what the model computes must be a graph of TensorFlow for any number of rows',
    received: `${layer === undefined ? `the model '${model.name}'` : `layer '${layer}' of the model '${model.name}'`}: ${reason}`,
    advice: 'Build the layer of operations on whole tensors, or save the model with saveModelHdf5()',
    ...(layer === undefined ? {} : { layer }),
  });

/** Checks that the outputs, and what is written, are the same in all traces. */
const compareResults = (comparison: Comparison, traces: readonly TracedForward[]): void => {
  const [first] = traces as [TracedForward]; // there are several
  first.outputs.forEach((_, index) =>
    comparison.uses(
      traces.map(({ outputs }) => outputs[index] ?? -1),
      { name: 'an output' },
    ),
  );
  for (const place of first.writes.keys())
    comparison.uses(
      traces.map(({ writes }) => writes.get(place) ?? -1),
      { name: 'a weight that is written' },
    );
};

/**
 * Traces a model's prediction at several numbers of rows, and gives it for any number.
 *
 * @throws KerasArgumentError if a layer computes something that is no function of whole tensors; it names the layer.
 */
export const openForward = (model: KerasModel): OpenForward => {
  const reading = readingOf(model);
  const beginnings = reading?.numbers ?? model.tf.inputs;
  const shapes = openShapes(model, beginnings);
  const numbers = beginnings.map((tensor, index) => ({ dtype: typeOf(tensor), shape: shapes[index] ?? [] }));
  if (stateVariablesOf(model).length > 0)
    throw notOpen(model, new NotOpen('it keeps states from batch to batch', undefined));
  const traces = BATCH_SIZES.map((rows) => trace(model, numbers, rows));
  const [first] = traces as [(typeof traces)[number]]; // there are several
  try {
    if (traces.some(({ recording }) => recording.readValues))
      throw new NotOpen('JavaScript reads the values of a tensor', undefined);
    const comparison = new Comparison(traces, BATCH_SIZES);
    const ops = comparison.ops(traces.map(({ recording }) => recording.ops));
    compareResults(comparison, traces);
    const idOfFeed = new Map([...first.feeds].map(([id, name]) => [name, id]));
    const { inputs } = model.tf;
    const [inputNames, outputNames] = [uniqueNames(model.tf.inputNames), uniqueNames(model.tf.outputNames)];
    return {
      ops,
      constants: comparison.fixed,
      openConstants: comparison.open,
      inputs: inputs.map(({ dtype, shape }, index) => ({
        name: inputNames[index] ?? '',
        dtype,
        shape: shape.map((size) => size ?? OPEN),
      })),
      numbers: numbers.map(({ dtype, shape }, index) => ({
        id: idOfFeed.get(`x${index}`) ?? -1,
        dtype,
        shape: shape.map((size) => size ?? OPEN),
      })),
      ...(reading === undefined ? {} : { reading }),
      variables: weightsOf(model).map((weight, index) => ({
        variable: variableOf(weight),
        id: idOfFeed.get(`weight${index}`) ?? -1,
      })),
      ...(isFed(first, FEED_NAMES.seed) ? { seed: idOfFeed.get(FEED_NAMES.seed) as number } : {}), // fed, as seen
      writes: [...first.writes].map(([place, id]) => ({ place, id })),
      outputs: first.outputs.map((id, index) => ({
        id,
        name: outputNames[index] ?? '',
        dtype: first.results[index]?.dtype ?? 'float32',
        shape: openShape(traces.map(({ results }) => results[index]?.shape ?? [])),
      })),
    };
  } catch (error) {
    if (error instanceof NotOpen) throw notOpen(model, error);
    throw error;
  }
};
