/** Both sides of the thresholds of graphs: what is optimized, what lies in them, and how many are kept. See tuning.ts. */
import {
  compile,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerMaxPooling2d,
  pipe,
  predictOnBatch,
  tf,
  type KerasModel,
  type Tensor,
} from '../src/index';
import { attr, bytesOf, tensorAttribute } from '../src/engine/graph/attributes';
import { GraphBuilder } from '../src/engine/graph/builder';
import { emit } from '../src/engine/graph/emit';
import { Frame } from '../src/engine/graph/frame';
import type { Nodes } from '../src/engine/graph/nodes';
import { Session } from '../src/engine/graph/session';
import { record } from '../src/engine/trace/record';
import type { RecordedOp, Recording } from '../src/engine/trace/recording';
import { rewrite } from '../src/engine/trace/rewrite';
import * as tuning from '../src/engine/tuning';
import { idOf, TYPES } from '../src/tfjs/binding';
import { variableOf } from '../src/tfjs/private';
import { median } from './limits';

/** Milliseconds of processors that a piece of work takes. */
const processors = (run: () => void): number => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
};

/** The median of several. */
const usual = (run: () => void, rounds = 7): number =>
  median(Array.from({ length: rounds }, () => processors(run)));

/** A loop of a recording's operations, which take `fed` and of whose results, single numbers, the sum is kept; it runs so often. */
const loopOf = (
  { ops, constants }: Pick<Recording, 'ops' | 'constants'>,
  fed: readonly Tensor[],
  target: number,
  { isSequential, isOptimized }: { isSequential: boolean; isOptimized: boolean },
): ((iterations: number) => void) => {
  const graph = new GraphBuilder();
  graph.placeholder('steps', TYPES.int32, []);
  const frame = new Frame(graph, 'loop', isSequential);
  const zero = graph.constant({ dtype: TYPES.float, shape: [], values: [0] });
  const sum = { name: 'sum', first: { name: zero, dtype: TYPES.float } };
  const { iteration, now } = frame.loop({ name: 'steps', dtype: TYPES.int32 }, graph.ints(0), [sum]);
  const nodes: Nodes = new Map();
  fed.forEach((tensor, index) => {
    const name = graph.placeholder(`fed${index}`, TYPES.float, tensor.shape);
    nodes.set(idOf(tensor), { name: frame.enter({ name, dtype: TYPES.float }), dtype: TYPES.float });
  });
  emit(frame, 'loop', ops, constants, [target], nodes, iteration);
  const type = { T: attr.type(TYPES.float) };
  const plus = frame.node('loop/plus', 'Add', [now[0] ?? '', nodes.get(target)?.name ?? ''], type);
  const [exit = ''] = frame.next([sum], [plus]);
  graph.node('out', 'Identity', [exit], type);
  const session = new Session(graph, isSequential ? 'caller' : 'pool', isOptimized);
  const feeds = Object.fromEntries(fed.map((tensor, index) => [`fed${index}`, tensor]));
  return (iterations) => {
    const steps = tf.scalar(iterations, 'int32');
    tf.dispose(session.run({ ...feeds, steps }, ['out']));
    steps.dispose();
  };
};

const stack = (layers: number): KerasModel => {
  const model = kerasModelSequential();
  for (let layer = 0; layer < layers; layer++)
    pipe(model, layerDense({ units: 16, activation: 'relu', ...(layer === 0 ? { inputShape: [16] } : {}) }));
  return pipe(model, layerDense({ units: 1 }), compile({ optimizer: 'sgd', loss: 'mse' }));
};

const convnet = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerConv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
    layerMaxPooling2d(),
    layerConv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layerMaxPooling2d(),
    layerFlatten(),
    layerDense({ units: 10 }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );

/** Forward and backward of a model, as a loop that is optimized, and as one that is not. */
export const optimize = (): void => {
  console.log(
    `optimize: graphs of up to ${tuning.MAX_OPTIMIZED_OPERATIONS} operations are optimized, of small ones on TensorFlow 1 up to ${tuning.MAX_OPTIMIZED_SMALL_OPERATIONS}`,
  );
  const cases = [
    { name: '3 small dense layers', model: stack(2), input: [8, 16], iterations: 1000, isSequential: true },
    { name: '41 small dense layers', model: stack(40), input: [8, 16], iterations: 200, isSequential: true },
    { name: 'convnet', model: convnet(), input: [64, 28, 28, 1], iterations: 10, isSequential: false },
  ];
  for (const { name, model, input, iterations, isSequential } of cases) {
    const x = tf.randomUniform(input);
    const weights = model.tf.weights.map(variableOf);
    const { result, recording } = record(() => {
      const { grads } = tf.variableGrads(() => tf.mean(model.tf.apply(x, { training: true }) as Tensor)); // of one input
      return tf.addN(Object.values(grads).map((gradient) => tf.sum(gradient)));
    });
    const fed = [x, ...weights];
    const shapes = new Map(fed.map((tensor) => [idOf(tensor), tensor.shape]));
    const { recording: rewritten, resolve } = rewrite(recording, shapes);
    const target = resolve(idOf(result));
    const seen = [true, false].map((isOptimized) => {
      const run = loopOf(rewritten, fed, target, { isSequential, isOptimized });
      const first = processors(() => run(1));
      return { run, first, times: [] as number[] };
    });
    for (let round = 0; round < 9; round++)
      for (const { run, times } of seen) times.push(processors(() => run(iterations)) / iterations);
    const [on, off] = seen.map(({ first, times }) => ({ first, step: median(times) }));
    if (on === undefined || off === undefined) return;
    const operations = rewritten.ops.length;
    console.log(
      `  ${name}, ${operations} operations: ${((on.first - off.first) / operations).toFixed(2)} ms an operation to optimize, ` +
        `steps then take ${(on.step / off.step).toFixed(2)} times as long`,
    );
  }
};

/** A sum with an array of equal numbers: one that is made in each step, and one that lies in the graph. */
export const folding = (): void => {
  console.log(`fold: constants of up to ${tuning.MAX_FOLDED_ELEMENTS} elements lie in the graph`);
  for (const elements of [64, 1024, 4096, 16384, 65536, 1048576]) {
    const x = tf.ones([elements]);
    const { result, recording } = record(() => tf.max(tf.add(x, tf.fill([elements], 0.5))));
    const filled = recording.ops.find(({ name }) => name === 'Fill');
    const id = filled?.outputs[0]?.id ?? -1;
    const constant = { shape: [elements], dtype: TYPES.float, values: new Float32Array(elements).fill(0.5) };
    const folded = {
      ops: recording.ops.filter((op: RecordedOp) => op !== filled),
      constants: new Map([...recording.constants, [id, constant]]),
    };
    const iterations = Math.max(50, Math.floor(5e6 / elements / 10));
    const [made, lying] = [recording, folded].map((one) => {
      let run: (iterations: number) => void = () => undefined;
      const build = processors(() => {
        run = loopOf(one, [x], idOf(result), { isSequential: true, isOptimized: false });
        run(1);
      });
      return { build, step: usual(() => run(iterations)) / iterations };
    });
    if (made === undefined || lying === undefined) return;
    console.log(
      `  ${elements} elements: ${((made.step - lying.step) * 1e3).toFixed(2)} µs a step less in the graph, ` +
        `of ${(lying.step * 1e3).toFixed(2)}; ${(lying.build - made.build).toFixed(1)} ms more to build, ${4 * elements} bytes`,
    );
  }
};

/** What it takes to look whether a constant is there already, and what a node more costs. */
export const sharing = (): void => {
  console.log(`share: constants of up to ${tuning.MAX_SHARED_CONSTANT_BYTES} bytes are shared`);
  const count = 500;
  for (const bytes of [16, 256, 4096, 16384, 65536, 262144]) {
    const constants = Array.from({ length: count }, (_, index) => {
      const values = new Float32Array(bytes / 4).fill(1);
      values[0] = index;
      return { dtype: TYPES.float, shape: [bytes / 4], values };
    });
    const looking = usual(() => {
      const known = new Map<string, string>();
      for (const { dtype, values } of constants) {
        const key = Buffer.from(bytesOf(dtype, values)).toString('latin1');
        known.set(key, known.get(key) ?? 'node');
      }
    });
    const node = (): void => {
      const graph = new GraphBuilder();
      const names = constants.map((constant, index) =>
        graph.node(`c${index}`, 'Const', [], {
          dtype: attr.type(constant.dtype),
          value: tensorAttribute(constant, bytesOf(constant.dtype, constant.values)),
        }),
      );
      graph.node(
        'out',
        'NoOp',
        names.map((name) => `^${name}`),
      );
      graph.node('one', 'Identity', [graph.ints(1), '^out'], { T: attr.type(TYPES.int32) });
      const session = new Session(graph, 'caller', false);
      tf.dispose(session.run({}, ['one']));
      session.dispose();
    };
    console.log(
      `  ${bytes} bytes: ${((looking / count) * 1e3).toFixed(1)} µs to look, ${((usual(node, 3) / count) * 1e3).toFixed(0)} µs a node`,
    );
  }
};

/** What one shape more costs to keep, and what it saves. */
export const shapes = (): void => {
  console.log(`shapes: the predictions of ${tuning.MAX_COMPILED_SHAPES} shapes are kept compiled`);
  const models = { 'MNIST MLP': [784, 512], 'Boston MLP': [13, 64] } as const;
  for (const [name, [inputs, units]] of Object.entries(models)) {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units, activation: 'relu', inputShape: [inputs] }),
      layerDense({ units: 10 }),
    );
    const predict = (rows: number): void => {
      tf.tidy(() => void predictOnBatch(model, tf.zeros([rows, inputs])));
    };
    const warm = (rows: number): void => {
      for (let call = 0; call <= tuning.CALLS_BEFORE_COMPILING; call++) predict(rows);
    };
    warm(1);
    const [memory, calls] = [process.memoryUsage().rss, 200];
    const eager = usual(() => {
      for (let call = 0; call < 10; call++) predict(2);
    }, 2);
    const building = [3, 4, 5].map((rows) => processors(() => warm(rows)));
    const compiled = usual(() => {
      for (let call = 0; call < calls; call++) predict(1);
    });
    console.log(
      `  ${name}: a shape more takes ${((process.memoryUsage().rss - memory) / 3e6).toFixed(1)} MB, ` +
        `${(median(building) - (eager / 10) * tuning.CALLS_BEFORE_COMPILING).toFixed(0)} ms to build, and saves ` +
        `${((eager / 10 - compiled / calls) * 1e3).toFixed(0)} µs of ${((eager / 10) * 1e3).toFixed(0)} a call`,
    );
    model.dispose();
  }
};
