/**
 * Images from a folder: `npm run bench:images`, or `npm run bench:images -- --rounds 5 --files 400`. JPEG files of 500 × 375 pixels and PNG files
 * of 240 × 180 are read, decoded and made 180 × 180, by themselves and for a small convnet to train on; beside Keras 2 where `.venv-keras2` is
 * there (`npm run bench:peers`). README.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  compile,
  fit,
  imageArraySave,
  imageDatasetFromDirectory,
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerGlobalAveragePooling2d,
  layerMaxPooling2d,
  layerRescaling,
  pipe,
  tf,
  type KerasModel,
  type Tensor3D,
} from '../src/index';
import { median } from './limits';
import { markdown, roundsOf } from './table';

const SIZE = 180;
const BATCH = 32;

/** A picture with edges and noise, as photographs have them. */
const picture = (height: number, width: number, seed: number): Tensor3D =>
  tf.tidy(() => {
    const [rows, columns] = [tf.range(0, height), tf.range(0, width)].map((axis) => tf.sin(tf.mul(axis, 0.02 + (seed % 7) / 100))) as [tf.Tensor1D, tf.Tensor1D]; // prettier-ignore
    const waves = tf.outerProduct(rows, columns);
    const noise = tf.randomUniform([height, width, 3], 0, 40, 'float32', seed);
    return tf.clipByValue(tf.add<Tensor3D>(tf.mul(tf.add(tf.expandDims(waves, 2), 1), 107), noise), 0, 255);
  });

const makeFolder = async (folder: string, files: number, format: 'jpg' | 'png'): Promise<void> => {
  const [height, width] = format === 'jpg' ? [375, 500] : [180, 240];
  for (const name of ['cats', 'dogs']) mkdirSync(path.join(folder, name), { recursive: true });
  for (let index = 0; index < files; index++) {
    const image = picture(height, width, index);
    const name = path.join(folder, index % 2 === 0 ? 'cats' : 'dogs', `${index}.${format}`);
    await imageArraySave(image, name, { scale: false });
    image.dispose();
  }
};

const convnet = (): KerasModel =>
  pipe(
    kerasModelSequential({ inputShape: [SIZE, SIZE, 3] }),
    layerRescaling({ scale: 1 / 255 }),
    layerConv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'relu' }),
    layerMaxPooling2d({ poolSize: 2 }),
    layerConv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    layerGlobalAveragePooling2d(),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy' }),
  );

/** Images a second of each way, of each round. */
interface Rates {
  readonly decoded: number[];
  readonly stepped: number[];
  readonly trained: number[];
}

const secondsOf = async (run: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await run();
  return (performance.now() - begun) / 1000;
};

const measure = async (folder: string, files: number, rounds: number, peer: () => void): Promise<Rates> => {
  const data = await imageDatasetFromDirectory(folder, { imageSize: SIZE, batchSize: BATCH, labelMode: 'binary', seed: 1 }); // prettier-ignore
  const model = convnet();
  const rates: Rates = { decoded: [], stepped: [], trained: [] };
  const options = { epochs: 1, verbose: 0, engine: 'compiled' } as const;
  const [x, y] = [tf.randomUniform([files, SIZE, SIZE, 3], 0, 255), tf.zeros([files, 1])];
  const decode = async (): Promise<void> => {
    for await (const batch of data) tf.dispose(batch);
  };
  await fit(model, data, options);
  await fit(model, x, y, { ...options, batchSize: BATCH });
  for (let round = 0; round < rounds; round++) {
    rates.decoded.push(files / (await secondsOf(decode)));
    rates.stepped.push(files / (await secondsOf(() => fit(model, x, y, { ...options, batchSize: BATCH }))));
    rates.trained.push(files / (await secondsOf(() => fit(model, data, options))));
    peer();
  }
  tf.dispose([x, y]);
  return rates;
};

const PYTHON = path.join(__dirname, '../.venv-keras2/bin/python');

/** What Keras does in a round of its own: images a second, decoded and trained on. */
const kerasRound = (folder: string): { readonly decoded: number; readonly trained: number } => {
  const { stdout, status, stderr } = spawnSync(
    PYTHON,
    [path.join(__dirname, 'peers/images_peer.py'), folder, String(SIZE), String(BATCH)],
    { encoding: 'utf8', env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } },
  );
  if (status !== 0) throw new Error(`bench: Keras failed: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ReturnType<typeof kerasRound>; // what it prints
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '3' }, files: { type: 'string', default: '400' } },
  });
  const files = Number(values.files);
  const hasKeras = existsSync(PYTHON);
  if (!hasKeras) console.log('.venv-keras2 is not there: without Keras');
  const rows: string[][] = [];
  for (const format of ['jpg', 'png'] as const) {
    const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-images-'));
    try {
      await makeFolder(folder, files, format);
      const keras: ReturnType<typeof kerasRound>[] = [];
      const rates = await measure(folder, files, roundsOf(values.rounds), () => {
        if (hasKeras) keras.push(kerasRound(folder));
      });
      const of = (list: readonly number[]): string => median(list).toFixed(0);
      // By turns, both take as long as each after the other.
      const byTurns = rates.decoded.map((rate, round) => 1 / (1 / rate + 1 / (rates.stepped[round] ?? NaN)));
      rows.push([
        format,
        of(rates.decoded),
        of(rates.stepped),
        of(byTurns),
        of(rates.trained),
        ...(hasKeras
          ? [of(keras.map(({ decoded }) => decoded)), of(keras.map(({ trained }) => trained))]
          : []),
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  console.log(`${files} files, to ${SIZE} × ${SIZE}, batches of ${BATCH}; images a second`);
  markdown(
    ['files', 'decoded', 'trained from memory', 'both by turns', 'trained from files', ...(hasKeras ? ['Keras: decoded', 'Keras: trained from files'] : [])], // prettier-ignore
    rows,
  );
};

void main();
