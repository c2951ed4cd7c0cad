/** TensorFlow.js by itself, in a process of its own, reads what saveModelTfjs writes, and the other way round. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  bidirectional,
  KerasArgumentError,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerInput,
  layerLstm,
  layerMaxPooling2d,
  layerModel,
  loadModelTfjs,
  pipe,
  saveModelTfjs,
  shared,
  timeDistributed,
  tf,
  type KerasModel,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import {
  caseModel,
  distance,
  inputsOf,
  layerCases,
  plain,
  predicted,
  tensorOf,
  type Plain,
} from './support/case-models';
import type { Job, Result } from './tfjs-child';

jest.setTimeout(300_000);

interface Written {
  readonly title: string;
  readonly folder: string;
  readonly inputs: Plain[];
  readonly outputs: Plain[];
}

const root = mkdtempSync(path.join(tmpdir(), 'keras-pipe-tfjs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const written: Written[] = [];
const refused = new Map<string, string>();

const write = async (title: string, model: KerasModel, inputs: readonly Tensor[]): Promise<void> => {
  const folder = path.join(root, `model-${written.length}`);
  await saveModelTfjs(model, folder);
  written.push({
    title,
    folder,
    inputs: inputs.map(plain),
    outputs: (await predicted(model, inputs)).map(plain),
  });
};

const ids = (shape: number[]): Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 7) % 9),
    shape,
    'int32',
  );
const numbers = (shape: number[]): Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.3)),
    shape,
  );

/** The lecture's kinds of models, and graphs. */
const models: readonly [title: string, make: () => KerasModel, inputs: () => Tensor[]][] = [
  [
    'a convolutional network',
    () =>
      pipe(
        kerasModelSequential(),
        layerConv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
        layerMaxPooling2d(),
        layerFlatten(),
        layerDropout({ rate: 0.5 }),
        layerDense({ units: 3, activation: 'softmax' }),
      ),
    () => [numbers([2, 8, 8, 1])],
  ],
  [
    'words, masked',
    () =>
      pipe(
        kerasModelSequential(),
        layerEmbedding({ inputDim: 9, outputDim: 4, maskZero: true, inputLength: 6 }),
        layerLstm({ units: 3, returnSequences: true }),
        bidirectional({ layer: layerGru({ units: 2, resetAfter: false }) }),
        layerDense({ units: 1 }),
      ),
    () => [ids([3, 6])],
  ],
  [
    'a graph with a shared layer and two outputs',
    () => {
      const a = layerInput({ shape: [4] });
      const b = layerInput({ shape: [4] });
      const encoder = shared(layerDense({ units: 3, activation: 'tanh' }));
      const [x, y] = [encoder(a), encoder(b)] as [SymbolicTensor, SymbolicTensor];
      const sum = layerAdd([x, y]);
      return kerasModel(
        [a, b],
        [pipe(sum, layerDense({ units: 2 })), layerConcatenate([x, sum])],
      ) as unknown as KerasModel; // of two outputs
    },
    () => [numbers([2, 4]), tf.neg(numbers([2, 4]))],
  ],
  [
    'models within models, whose layers have the same names',
    () => {
      const inner = (): KerasModel =>
        pipe(
          kerasModelSequential(),
          layerDense({ units: 3, activation: 'relu', inputShape: [4] }),
          layerDense({ units: 4 }),
        );
      const input = layerInput({ shape: [4] });
      const first = pipe(input, layerModel(inner()));
      const second = pipe(first, layerDense({ units: 4 }), layerModel(inner()));
      return kerasModel(input, second);
    },
    () => [numbers([2, 4])],
  ],
  [
    'a model at each step',
    () =>
      pipe(
        kerasModelSequential(),
        timeDistributed({ layer: layerDense({ units: 2 }), inputShape: [5, 3] }),
        layerGlobalAveragePooling1d(),
      ),
    () => [numbers([2, 5, 3])],
  ],
];

let result: Result;

beforeAll(async () => {
  for (const { title, one } of layerCases()) {
    const model = caseModel(one);
    try {
      await write(title, model, inputsOf(one));
    } catch (error) {
      expect(error).toBeInstanceOf(KerasArgumentError);
      expect((error as KerasArgumentError).message).toContain(
        'saveModelTfjs: TensorFlow.js by itself must be able to',
      );
      refused.set(title, (error as KerasArgumentError).received ?? '');
    }
    model.dispose();
  }
  for (const [title, make, inputs] of models) await write(title, make(), inputs());
  const [job, answer] = [path.join(root, 'job.json'), path.join(root, 'result.json')];
  writeFileSync(job, JSON.stringify({ load: written, save: path.join(root, 'plain') } satisfies Job));
  // It imports modules of tfjs that Node.js does not load as they are.
  const child = spawnSync(
    process.execPath,
    ['--import', 'tsx', path.join(__dirname, 'tfjs-child.ts'), job, answer],
    {
      encoding: 'utf8',
      timeout: 200_000,
    },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  result = JSON.parse(readFileSync(answer, 'utf8')) as Result;
});

test('it computes the same', () => {
  const wrong = written.flatMap(({ title, outputs }, index): object[] => {
    const { error, outputs: actual = [] } = result.loaded[index] ?? {};
    if (error !== undefined) return [{ title, error }];
    const far = outputs.map((one, place) => distance(actual[place]?.values ?? [], one.values));
    return Math.max(...far) <= 1e-5 ? [] : [{ title, far }];
  });
  expect(wrong).toEqual([]);
});

/** Its classes that are none of layers, or of layers that are not here or that it computes in another way. */
const OTHERS = new Set([
  ...['Adadelta', 'Adagrad', 'Adam', 'Adamax', 'Momentum', 'RMSProp', 'SGD'],
  ...[
    'Constant',
    'RandomNormal',
    'TruncatedNormal',
    'Identity',
    'VarianceScaling',
    'GlorotNormal',
    'HeNormal',
  ],
  ...['HeUniform', 'LeCunNormal', 'LeCunUniform', 'MaxNorm', 'UnitNorm', 'NonNeg', 'MinMaxNorm'],
  ...['BaseRandomLayer', 'ConvRNN2D', 'ConvLSTM2DCell', 'Functional', 'Model', 'SeparableConv', 'Sequential'],
  ...['CategoryEncoding', 'RandomWidth', 'Resizing', 'CenterCrop'],
]);

test('every layer class that it has is written for it', () => {
  const classes = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('class_name' in value) classes.add(String(value.class_name));
    Object.values(value).forEach(collect);
  };
  for (const { folder } of written)
    collect(JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')));
  const missing = result.classes.filter(
    (name) => /^[A-Z]/.test(name) && !OTHERS.has(name) && !classes.has(name),
  );
  expect(missing).toEqual([]);
});

test('what it cannot compute is refused, with the layer and the reason', () => {
  expect(refused.size).toBeGreaterThan(50);
  for (const [title, reason] of refused)
    expect(`${title}: ${reason}`).toMatch(/layer '.+' of the class \w+: .{10,}/);
  const gru = [...refused].find(([title]) => title.includes('layerGru'))?.[1];
  expect(gru).toMatch(/^layer 'gru' of the class GRU: its GRU resets before the matrix product only/);
});

test('models that it saves are read, and compute the same', async () => {
  expect(result.saved.length).toBeGreaterThan(12);
  for (const { folder, inputs, outputs } of result.saved) {
    const model = await loadModelTfjs(folder);
    const far = (await predicted(model, inputs.map(tensorOf))).map((one, index) =>
      distance([...one.dataSync()], outputs[index]?.values ?? []),
    );
    expect({ folder, far: far.every((one) => one <= 1e-5) ? 0 : far }).toEqual({ folder, far: 0 });
    model.dispose();
  }
});

test('what is written comes back here, and computes the same', async () => {
  for (const { title, folder, inputs, outputs } of written) {
    const model = await loadModelTfjs(path.join(folder, 'model.json'));
    const far = (await predicted(model, inputs.map(tensorOf))).map((one, index) =>
      distance([...one.dataSync()], outputs[index]?.values ?? []),
    );
    expect({ title, far: far.every((one) => one <= 1e-6) ? 0 : far }).toEqual({ title, far: 0 });
    model.dispose();
  }
});
