/**
 * Measures both sides of the engine's thresholds (src/engine/tuning.ts) on the machine at hand: `npm run bench:tuning`, or
 * `npm run bench:tuning -- filter sequence`. Each figure is a median; on a busy machine only ratios mean something.
 */
import { compile, fit, kerasModelSequential, layerDense, pipe, tf, type Tensor } from '../src/index';
import { emit } from '../src/engine/graph/emit';
import { Frame } from '../src/engine/graph/frame';
import type { Nodes } from '../src/engine/graph/nodes';
import { GraphBuilder } from '../src/engine/graph/builder';
import { Session } from '../src/engine/graph/session';
import { attr } from '../src/engine/graph/attributes';
import { record } from '../src/engine/trace/record';
import type { RecordedOp, Recording } from '../src/engine/trace/recording';
import { rewrite } from '../src/engine/trace/rewrite';
import * as tuning from '../src/engine/tuning';
import { binding, idOf, TYPES } from '../src/tfjs/binding';
import type { Tensor4D } from '../src/tfjs/tensorflow';
import { folding, optimize, shapes, sharing } from './tuning-graphs';
import { operations } from './tuning-operations';
import { loading } from './tuning-load';
import { sparse } from './tuning-sparse';
import { xla } from './tuning-xla';

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Milliseconds that processors have worked for this process. */
const processors = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};

/** Milliseconds of a run: the median of several, after one that warms up. */
const time = (run: () => void, rounds = 9): number => {
  run();
  return median(
    Array.from({ length: rounds }, () => {
      const begun = performance.now();
      run();
      return performance.now() - begun;
    }),
  );
};

/** Runs recorded operations one by one. */
const replay = (ops: readonly RecordedOp[], constants: Recording['constants']): void => {
  const native = binding();
  const ids = new Map<number, number>();
  const idFor = (id: number): number => {
    const known = ids.get(id);
    if (known !== undefined) return known;
    const constant = constants.get(id);
    if (constant === undefined) return id; // what is fed
    const made = native.createTensor(constant.shape, constant.dtype, constant.values);
    ids.set(id, made);
    return made;
  };
  for (const { name, attributes, inputs, outputs } of ops) {
    const made = native.executeOp(name, attributes, inputs.map(idFor), outputs.length);
    outputs.forEach(({ id }, index) => ids.set(id, made[index]?.id ?? -1));
  }
  for (const id of ids.values()) native.deleteTensor(id);
};

/** What building a graph costs, and what an operation costs on its way through JavaScript. */
const compiling = async (): Promise<void> => {
  console.log(
    `compile: ${tuning.BUILD_MILLISECONDS} ms and ${tuning.BUILD_MILLISECONDS_PER_OPERATION} ms an operation are assumed`,
  );
  const x = tf.randomNormal([16, 8]);
  const y = tf.randomNormal([16, 1]);
  for (const layers of [1, 2, 10, 40]) {
    const model = kerasModelSequential();
    for (let layer = 0; layer < layers; layer++)
      pipe(model, layerDense({ units: 8, activation: 'tanh', ...(layer === 0 ? { inputShape: [8] } : {}) }));
    pipe(model, layerDense({ units: 1 }), compile({ optimizer: 'sgd', loss: 'mse' }));
    const options = { epochs: 1, batchSize: 8, verbose: 0 } as const;
    await fit(model, x, y, { ...options, engine: 'eager' });
    const eager = processors();
    await fit(model, x, y, { ...options, engine: 'eager', epochs: 10 });
    const perStep = (processors() - eager) / 20;
    const begun = processors();
    await fit(model, x, y, { ...options, engine: 'compiled' });
    const first = processors() - begun;
    const again = processors();
    await fit(model, x, y, { ...options, engine: 'compiled' });
    const second = processors() - again;
    const { recording } = record(() =>
      tf.tidy(() => tf.variableGrads(() => tf.mean(model.tf.apply(x, { training: true }) as Tensor))),
    );
    const operations = recording.ops.length;
    console.log(
      `  ${layers + 1} layers, about ${operations} operations: built in ${(first - second).toFixed(0)} ms of processors; ` +
        `eager ${perStep.toFixed(2)} ms a step, ${(perStep / operations).toFixed(4)} ms an operation`,
    );
    model.dispose();
  }
};

/** A loop of many elementwise operations that do not wait for each other, in sequence or side by side. */
const loopOf = (elements: number, sequential: boolean): (() => void) => {
  const x = tf.ones([elements]);
  idOf(x);
  const { result, recording } = record(() =>
    Array.from({ length: 8 }, (_, index) => tf.tanh(tf.mul(tf.add(x, index), 0.5))).reduce((sum, one) =>
      tf.add(sum, one),
    ),
  );
  const graph = new GraphBuilder();
  graph.placeholder('x', TYPES.float, [elements]);
  graph.placeholder('steps', TYPES.int32, []);
  const frame = new Frame(graph, 'loop', sequential);
  const variable = { name: 'x', first: { name: 'x', dtype: TYPES.float } };
  const { iteration, now } = frame.loop({ name: 'steps', dtype: TYPES.int32 }, graph.ints(0), [variable]);
  const nodes: Nodes = new Map([[idOf(x), { name: now[0] ?? '', dtype: TYPES.float }]]);
  emit(frame, 'loop', recording.ops, recording.constants, [idOf(result)], nodes, iteration);
  const [exit = ''] = frame.next([variable], [nodes.get(idOf(result))?.name ?? '']);
  graph.node('out', 'Identity', [exit], { T: attr.type(TYPES.float) });
  const session = new Session(graph, sequential ? 'caller' : 'pool');
  const steps = tf.scalar(200, 'int32');
  return () => tf.dispose(session.run({ x, steps }, ['out']));
};

const sequence = (): void => {
  console.log(`sequence: up to ${tuning.MAX_SEQUENTIAL_ELEMENTS} elements an operation runs in sequence`);
  for (const elements of [64, 1024, 4096, 8192, 16384, 65536]) {
    const [one, many] = [time(loopOf(elements, true)), time(loopOf(elements, false))];
    console.log(
      `  ${elements} elements: side by side takes ${(many / one).toFixed(2)} times as long as in sequence`,
    );
  }
};

const filter = (): void => {
  console.log(
    `filter: from ${tuning.MIN_FILTER_GRADIENT_CHANNELS} channels and ${tuning.MIN_FILTER_GRADIENT_ROWS} rows on, a filter's gradient is a convolution`,
  );
  for (const [rows, channels] of [
    [4, 32],
    [8, 32],
    [64, 1],
    [64, 8],
    [64, 16],
    [64, 32],
  ] as const) {
    tf.tidy(() => {
      const x: Tensor4D = tf.randomNormal([rows, 13, 13, channels]);
      const kernel: Tensor4D = tf.randomNormal([3, 3, channels, 64]);
      const gradient: Tensor4D = tf.randomNormal([rows, 11, 11, 64]);
      [x, gradient].forEach(idOf);
      const convolved = (filter: Tensor): Tensor => tf.conv2d(x, filter as Tensor4D, 1, 'valid'); // the kernel
      const whole = record(() => tf.grad(convolved)(kernel, gradient)).recording;
      const recording = { ...whole, ops: whole.ops.filter(({ name }) => name === 'Conv2DBackpropFilter') };
      const own = time(() => {
        replay(recording.ops, recording.constants);
      });
      // As if the thresholds were not there: a convolution of enough rows and channels is rewritten, others are not.
      const made = rewrite(
        recording,
        new Map([x, gradient].map((tensor) => [idOf(tensor), tensor.shape])),
      ).recording;
      const rewritten = made.ops.length > recording.ops.length;
      const other = rewritten
        ? time(() => {
            replay(made.ops, made.constants);
          })
        : undefined;
      console.log(
        `  ${rows} rows, ${channels} channels: ${own.toFixed(2)} ms as TensorFlow's own` +
          (other === undefined ? ', which stays' : `, ${other.toFixed(2)} ms as a convolution`),
      );
    });
  }
};

const main = async (): Promise<void> => {
  const chosen = process.argv.slice(2);
  const isChosen = (name: string): boolean => chosen.length === 0 || chosen.includes(name);
  if (isChosen('compile')) await compiling();
  if (isChosen('sequence')) sequence();
  if (isChosen('filter')) filter();
  if (isChosen('optimize')) optimize();
  if (isChosen('fold')) folding();
  if (isChosen('share')) sharing();
  if (isChosen('shapes')) shapes();
  if (isChosen('operations')) operations();
  if (isChosen('load')) await loading();
  if (isChosen('xla')) await xla();
  if (isChosen('sparse')) await sparse();
};

void main();
