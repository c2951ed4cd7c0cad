/**
 * Times the training step of each layer by itself, between two dense layers: compiled, one operation after the other, in tfjs-node's own
 * `fit` where tfjs has the layer, and for those that people use most in Keras 2.13, if `npm run bench:peers` has installed it. In
 * milliseconds of processors, or with `--wall` of the clock: `npm run bench:layers`, or `npm run bench:layers -- LSTM 'random flip'`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type * as Tfjs from '@tensorflow/tfjs';
import { compile, fit, kerasModel, layerDense, layerFlatten, layerInput, pipe, tf } from '../src/index';
import { rows, type Row } from './each-layer-rows';
import { median } from './limits';
import { chosen, markdown, roundsOf, spread } from './table';

const BATCH = 32;
const STEPS = 20;
/** Steps in a round of those that take very much longer. */
const FEW_STEPS = 4;

/** Milliseconds that something takes: of processors, or of the clock. */
const milliseconds = async (run: () => Promise<unknown>, isWall: boolean): Promise<number> => {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return isWall ? performance.now() - begun : (user + system) / 1e3;
};

/** Trains some steps. */
type Train = (steps: number) => Promise<unknown>;

const dataFor = ({ shape, ids }: Row): { readonly x: tf.Tensor; readonly y: tf.Tensor } => {
  const count = BATCH * STEPS;
  const x =
    ids === undefined
      ? tf.randomUniform([count, ...shape], 0, 1, 'float32', 1)
      : tf.floor(tf.randomUniform([count, ...shape], 0, ids, 'float32', 1));
  return { x, y: tf.randomUniform([count, 1], 0, 1, 'float32', 2) };
};

const ours = (row: Row, engine: 'compiled' | 'eager'): Train => {
  const input = layerInput({ shape: [...row.shape] });
  const before = row.ids === undefined ? layerDense(input, { units: row.shape.at(-1) ?? 1 }) : input;
  const flat = row.ours(before);
  const output = layerDense(flat.shape.length > 2 ? layerFlatten(flat) : flat, { units: 1 });
  const model = pipe(kerasModel(input, output), compile({ optimizer: 'rmsprop', loss: 'mse' }));
  const { x, y } = dataFor(row);
  return (steps) =>
    fit(model, x.slice(0, steps * BATCH), y.slice(0, steps * BATCH), {
      batchSize: BATCH,
      epochs: 1,
      verbose: 0,
      engine,
    });
};

const theirs = (row: Row, layer: Tfjs.layers.Layer): Train => {
  type Symbolic = Tfjs.SymbolicTensor;
  const input = tf.input({ shape: [...row.shape] });
  const before =
    row.ids === undefined
      ? (tf.layers.dense({ units: row.shape.at(-1) ?? 1 }).apply(input) as Symbolic)
      : input;
  const made = layer.apply(before) as Symbolic;
  const flat = made.shape.length > 2 ? (tf.layers.flatten().apply(made) as Symbolic) : made;
  const model = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 1 }).apply(flat) as Symbolic });
  model.compile({ optimizer: 'rmsprop', loss: 'meanSquaredError' });
  const { x, y } = dataFor(row);
  return (steps) =>
    model.fit(x.slice(0, steps * BATCH), y.slice(0, steps * BATCH), {
      batchSize: BATCH,
      epochs: 1,
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- tfjs does not export the enum
      verbose: 0,
    });
};

/** A contender, and how many steps a round of it has. */
interface Contender {
  readonly train: Train;
  readonly steps: number;
  readonly times: number[];
}

const contender = (train: Train, steps: number): Contender => ({ train, steps, times: [] });

/** tfjs-node, where tfjs has the layer and can train it: of several it says itself that it cannot. */
const tfjsContender = async (row: Row): Promise<Contender | string> => {
  if (row.theirs === undefined) return '–';
  try {
    const train = theirs(row, row.theirs());
    await train(1);
    return contender(train, FEW_STEPS);
  } catch (error) {
    process.stderr.write(`  tfjs-node: ${String(error)}\n`);
    return 'fails';
  }
};

/** Milliseconds a step, of each in turn; the first round makes what is made once. */
const race = async (contenders: readonly Contender[], rounds: number, isWall: boolean): Promise<void> => {
  for (const { train } of contenders) await train(STEPS);
  for (let round = 0; round < rounds; round++) {
    for (const { train, steps, times } of contenders) {
      times.push((await milliseconds(() => train(steps), isWall)) / steps);
    }
  }
};

/** Milliseconds a step of Keras 2.13, by the titles of rows; none where it is not installed. */
const kerasTimes = (
  wanted: readonly Row[],
  rounds: number,
  isWall: boolean,
): Readonly<Record<string, number>> => {
  const python = path.resolve(__dirname, '../.venv-keras2/bin/python');
  const asked = wanted.filter((row) => row.python !== undefined);
  if (!existsSync(python) || asked.length === 0) return {};
  const plan = JSON.stringify({
    batch: BATCH,
    steps: STEPS,
    rounds,
    wall: isWall,
    rows: asked.map(({ title, shape, ids, python: layer }) => ({ title, shape, ids: ids ?? null, layer })),
  });
  const program = path.join(__dirname, 'peers', 'layer_peer.py');
  const text = execFileSync(python, [program, plan], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(text) as Record<string, number>; // what the program prints
};

const short = (values: readonly number[]): string =>
  values.length === 0 ? '–' : median(values).toPrecision(3);

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '5' }, wall: { type: 'boolean', default: false } },
  });
  const [rounds, isWall] = [roundsOf(values.rounds), values.wall];
  const titles = chosen(positionals, rows.map(({ title }) => title)); // prettier-ignore
  const wanted = rows.filter(({ title }) => titles.includes(title));
  const keras = kerasTimes(wanted, rounds, isWall);
  const lines: string[][] = [];
  for (const row of wanted) {
    process.stderr.write(`${row.title}\n`);
    const compiled = contender(ours(row, 'compiled'), STEPS);
    const eager = contender(ours(row, 'eager'), FEW_STEPS);
    const tfjs = await tfjsContender(row);
    const isTimed = typeof tfjs !== 'string';
    await race([compiled, eager, ...(isTimed ? [tfjs] : [])], rounds, isWall);
    const over = (times: readonly number[]): number[] =>
      times.map((time, round) => time / (compiled.times[round] ?? NaN));
    const ofKeras = keras[row.title];
    lines.push([
      row.title,
      short(compiled.times),
      short(eager.times),
      isTimed ? short(tfjs.times) : tfjs,
      isTimed ? spread(over(tfjs.times), 1) : '',
      spread(over(eager.times), 1),
      ofKeras === undefined ? '' : (ofKeras / median(compiled.times)).toFixed(1),
    ]);
  }
  const unit = isWall ? 'ms/step' : 'processor ms/step';
  markdown(['layer', unit, 'eager', 'tfjs-node', '× tfjs-node', '× eager', '× Keras 2.13'], lines);
};

void main();
