/** Whole models as ONNX files: names, open batches, masks, graphs, and what is refused. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  bidirectional,
  exportOnnx,
  KerasArgumentError,
  KerasFileError,
  kerasModel,
  kerasModelSequential,
  layerActivation,
  layerAdd,
  layerBatchNormalization,
  layerConcatenate,
  layerConv1d,
  layerConv2d,
  layerConv2dTranspose,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGlobalAveragePooling2d,
  layerGru,
  layerInput,
  layerLambda,
  layerLayerNormalization,
  layerLstm,
  layerMasking,
  layerMaxPooling1d,
  layerMaxPooling2d,
  layerModel,
  layerMultiHeadAttention,
  layerRnn,
  layerGruCell,
  layerLstmCell,
  layerSimpleRnn,
  pipe,
  shared,
  tf,
  timeDistributed,
  type KerasModel,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index';
import { checkFileSize } from '../../src/persistence/internal/onnx/model';
import { distance, plain, predicted } from './support/case-models';
import { compute } from './support/onnx';

jest.setTimeout(200_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => path.join(folder, name);

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const numbers = (shape: number[], step = 1.3): Tensor =>
  tf.tensor(
    Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index * step)),
    shape,
  );
const ids = (shape: number[]): Tensor =>
  tf.tensor(
    Array.from({ length: sizeOf(shape) }, (_, index) => (index * 7) % 9),
    shape,
    'int32',
  );

interface Example {
  readonly title: string;
  readonly make: () => KerasModel;
  /** Inputs of so many rows. */
  readonly inputs: (rows: number) => Tensor[];
  readonly names: readonly [inputs: readonly string[], outputs: readonly string[]];
}

const sequential = kerasModelSequential;

/** Ids in which 0 stands for nothing, with zeros at the end, in the middle and throughout. */
const padded = (rows: number): Tensor => {
  const row = (index: number): number[] =>
    [
      [3, 1, 4, 0, 0],
      [2, 0, 5, 1, 0],
      [0, 0, 0, 0, 0],
      [1, 2, 3, 4, 5],
    ][index % 4] as number[];
  return tf.tensor2d(
    Array.from({ length: rows }, (_, index) => row(index)),
    undefined,
    'int32',
  );
};

const words = (...steps: ((x: SymbolicTensor) => SymbolicTensor)[]): KerasModel => {
  const input = layerInput({ shape: [5], dtype: 'int32', name: 'words' });
  const embedded = pipe(input, layerEmbedding({ inputDim: 9, outputDim: 4, maskZero: true }));
  return kerasModel(
    input,
    steps.reduce((x, step) => step(x), embedded),
  );
};

const transformer = (): KerasModel => {
  const x = layerInput({ shape: [null, 8], name: 'sequence' });
  const attended = layerMultiHeadAttention([x, x], { numHeads: 2, keyDim: 4, useCausalMask: true });
  const first = pipe(layerAdd([x, attended]), layerLayerNormalization());
  const second = pipe(first, layerDense({ units: 16, activation: 'gelu' }), layerDense({ units: 8 }));
  return kerasModel(
    x,
    pipe(
      layerAdd([first, second]),
      layerLayerNormalization(),
      layerGlobalAveragePooling1d({ name: 'pooled' }),
    ),
  );
};

const graph = (): KerasModel => {
  const left = layerInput({ shape: [4], name: 'left' });
  const right = layerInput({ shape: [4], name: 'right' });
  const encoder = shared(layerDense({ units: 3, activation: 'tanh' }));
  const [a, b] = [encoder(left), encoder(right)] as [SymbolicTensor, SymbolicTensor];
  const inner = pipe(
    sequential(),
    layerDense({ units: 3, activation: 'relu', inputShape: [3] }),
    layerDense({ units: 3 }),
  );
  const sum = layerAdd([pipe(a, layerModel(inner)), b]);
  return kerasModel(
    [left, right],
    [pipe(sum, layerDense({ units: 2, name: 'answer' })), layerConcatenate([a, sum], { name: 'both' })],
  ) as unknown as KerasModel; // of two outputs
};

const states = (): KerasModel => {
  const x = layerInput({ shape: [5, 3], name: 'steps' });
  const h = layerInput({ shape: [4], name: 'h' });
  const c = layerInput({ shape: [4], name: 'c' });
  const outputs = layerLstm(x, {
    units: 4,
    returnSequences: true,
    returnState: true,
    initialState: [h, c],
    name: 'memory',
  });
  return kerasModel([x, h, c], outputs as unknown as SymbolicTensor[]) as unknown as KerasModel; // of three outputs
};

const examples: readonly Example[] = [
  {
    title: 'a convolutional network',
    make: () =>
      pipe(
        sequential(),
        layerConv2d({
          filters: 4,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
          inputShape: [9, 8, 2],
          name: 'first',
        }),
        layerBatchNormalization(),
        layerMaxPooling2d({ padding: 'same' }),
        layerFlatten(),
        layerDropout({ rate: 0.5 }),
        layerDense({ units: 3, activation: 'softmax', name: 'classes' }),
      ),
    inputs: (rows) => [numbers([rows, 9, 8, 2])],
    names: [['first_input'], ['classes']],
  },
  {
    title: 'images of any size',
    make: () => {
      const x = layerInput({ shape: [null, null, 1], name: 'image' });
      const down = pipe(x, layerConv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }));
      const up = pipe(down, layerConv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }));
      return kerasModel(
        x,
        pipe(up, layerMaxPooling2d({ padding: 'same' }), layerGlobalAveragePooling2d({ name: 'mean' })),
      );
    },
    inputs: (rows) => [numbers([rows, 7, 10, 1])],
    names: [['image'], ['mean']],
  },
  {
    title: 'sequences of any length',
    make: () => {
      const x = layerInput({ shape: [null, 3], name: 'series' });
      const deep = pipe(
        x,
        layerConv1d({ filters: 4, kernelSize: 3, padding: 'causal', dilationRate: 2 }),
        layerMaxPooling1d(),
      );
      return kerasModel(
        x,
        pipe(
          deep,
          layerGru({ units: 4, returnSequences: true }),
          timeDistributed({ layer: layerDense({ units: 2 }) }),
        ),
      );
    },
    inputs: (rows) => [numbers([rows, 11, 3])],
    names: [['series'], ['time_distributed']],
  },
  {
    title: 'a transformer',
    make: transformer,
    inputs: (rows) => [numbers([rows, 6, 8])],
    names: [['sequence'], ['pooled']],
  },
  {
    title: 'a graph with a shared layer, a model inside and two outputs',
    make: graph,
    inputs: (rows) => [numbers([rows, 4]), numbers([rows, 4], 0.7)],
    names: [
      ['left', 'right'],
      ['answer', 'both'],
    ],
  },
  {
    title: 'states that go in and come out',
    make: states,
    inputs: (rows) => [numbers([rows, 5, 3]), numbers([rows, 4], 0.3), numbers([rows, 4], 0.9)],
    names: [
      ['steps', 'h', 'c'],
      ['memory', 'memory_1', 'memory_2'],
    ],
  },
  ...(
    [
      ['an LSTM', (x) => layerLstm(x, { units: 3, name: 'last' })],
      ['a GRU of whole sequences', (x) => layerGru(x, { units: 3, returnSequences: true, name: 'last' })],
      [
        'a GRU that resets before, backwards',
        (x) => layerGru(x, { units: 3, resetAfter: false, goBackwards: true, name: 'last' }),
      ],
      ['a simple one', (x) => layerSimpleRnn(x, { units: 3, returnSequences: true, name: 'last' })],
      [
        'both directions of whole sequences',
        (x) => bidirectional(x, { layer: layerLstm({ units: 2, returnSequences: true }), name: 'last' }),
      ],
      [
        'both directions',
        (x) => bidirectional(x, { layer: layerGru({ units: 2 }), mergeMode: 'sum', name: 'last' }),
      ],
      [
        'a stack of cells',
        (x) => layerRnn(x, { cell: [layerGruCell({ units: 3 }), layerLstmCell({ units: 2 })], name: 'last' }),
      ],
      ['the mean of the steps', (x) => layerGlobalAveragePooling1d(x, { name: 'last' })],
      ['attention', (x) => layerMultiHeadAttention([x, x], { numHeads: 2, keyDim: 3, name: 'last' })],
    ] as readonly [string, (x: SymbolicTensor) => SymbolicTensor][]
  ).map(([title, step]): Example => ({
    title: `${title}, of words with a mask`,
    make: () => words(step),
    // A row without any words has no mean.
    inputs: (rows) => [
      title.startsWith('the mean')
        ? tf.maximum(padded(rows), tf.tensor1d([1, 0, 0, 0, 0], 'int32'))
        : padded(rows),
    ],
    names: [['words'], ['last']],
  })),
  {
    title: 'masked steps, through layers that pass the mask on',
    make: () =>
      pipe(
        sequential(),
        layerMasking({ maskValue: 0.5, inputShape: [4, 2], name: 'steps' }),
        layerDense({ units: 3, activation: 'tanh' }),
        layerDropout({ rate: 0.2 }),
        layerLstm({ units: 2, activation: 'softsign', name: 'last' }),
      ),
    inputs: (rows) => [
      tf.where(
        tf.greater(numbers([rows, 4, 1], 2.1), 0.2),
        tf.fill([rows, 4, 2], 0.5),
        numbers([rows, 4, 2]),
      ),
    ],
    names: [['steps_input'], ['last']],
  },
  {
    title: 'words into a dense layer',
    make: () =>
      pipe(
        sequential(),
        layerEmbedding({ inputDim: 9, outputDim: 4, inputLength: 6, name: 'words' }),
        layerFlatten({ name: 'flat' }),
      ),
    // A stack's input is of floats, as in Keras.
    inputs: (rows) => [tf.cast(ids([rows, 6]), 'float32')],
    names: [['words_input'], ['flat']],
  },
];

const ROWS = [1, 5];

test('ONNX Runtime computes the same, for batches of any size, under the names of the layers', async () => {
  const jobs = [];
  const expected = [];
  for (const [index, { title, make, inputs, names }] of examples.entries()) {
    const model = make();
    const file = place(`${index}.onnx`);
    expect(await exportOnnx(model, file)).toBe(model);
    for (const rows of ROWS) {
      const given = inputs(rows);
      jobs.push({ file, inputs: given.map(plain) });
      expected.push({
        title: `${title}, ${rows}`,
        names,
        outputs: (await predicted(model, given)).map(plain),
      });
    }
  }
  const computed = compute(folder, jobs);
  const wrong = expected.flatMap(({ title, names, outputs }, index): object[] => {
    const { error, inputNames, outputNames, outputs: actual = [] } = computed[index] ?? {};
    if (error !== undefined) return [{ title, error }];
    const far = outputs.map((one, place) => distance(actual[place]?.values ?? [], one.values));
    const isNamed = JSON.stringify([inputNames, outputNames]) === JSON.stringify(names);
    const isShaped = outputs.every((one, place) => String(one.shape) === String(actual[place]?.shape));
    return Math.max(...far) <= 1e-5 && isNamed && isShaped
      ? []
      : [{ title, far, isShaped, names: [inputNames, outputNames] }];
  });
  expect(wrong).toEqual([]);
});

const refusal = async (model: KerasModel): Promise<string> => {
  const file = place('refused.onnx');
  const error: unknown = await exportOnnx(model, file).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(KerasArgumentError);
  expect(existsSync(file)).toBe(false);
  return (error as KerasArgumentError).message;
};

test('what has no form is refused, with the layer and what to do', async () => {
  const lambda = pipe(
    sequential(),
    layerLambda({ f: (x) => tf.sin(x as Tensor), name: 'wave', inputShape: [3] }),
  );
  expect(await refusal(lambda)).toMatch(
    /^exportOnnx: all layers must have a form in ONNX\. Received: layer 'wave' of the class Lambda: .*docs\/onnx\.md/,
  );
  const texts = kerasModelSequential({ dtype: 'string', inputShape: [1] });
  const lengths = pipe(
    texts,
    layerLambda({ f: (x) => tf.ones([(x as Tensor).shape[0], 1]), name: 'lengths', outputShape: [1] }),
  );
  expect(await refusal(lengths as KerasModel)).toMatch(
    /^exportOnnx: all layers must have a form in ONNX\. Received: layer 'lengths' of the class Lambda: /,
  );
  const twice = (x: Tensor): Tensor => tf.mul(x, 2);
  const own = pipe(
    sequential(),
    layerDense({ units: 2, inputShape: [3] }),
    layerActivation({ activation: twice, name: 'own' }),
  );
  expect(await refusal(own)).toMatch(
    /layer 'own' of the class Activation: its activation is 'twice'\. Use one of linear, relu/,
  );
  const stateful = pipe(
    sequential(),
    layerLstm({ units: 2, stateful: true, batchInputShape: [2, 3, 1], name: 'kept' }),
  );
  expect(await refusal(stateful)).toMatch(
    /layer 'kept' of the class LSTM: it keeps its states .*initialState as inputs/,
  );
});

test('the old file or the new one is there', async () => {
  const model = pipe(sequential(), layerDense({ units: 2, inputShape: [3] }));
  const file = place('deep/model.onnx');
  await exportOnnx(model, file);
  const { size } = statSync(file);
  await expect(exportOnnx(model, file, { overwrite: false })).rejects.toThrow(KerasFileError);
  writeFileSync(file, 'old');
  await exportOnnx(model, file);
  expect(statSync(file).size).toBe(size);
  expect(readdirSync(path.dirname(file))).toEqual(['model.onnx']);
});

test('weights that do not fit into a file are refused', () => {
  expect(() => checkFileSize('small', 2e9)).not.toThrow();
  expect(() => checkFileSize('large', 2.2e9)).toThrow(
    /the model 'large', whose weights take 2\.2 GB\. Export it in parts/,
  );
});

test('the weights are in the file as they are, once', async () => {
  const encoder = shared(layerDense({ units: 64, useBias: false, kernelInitializer: 'ones' }));
  const input = layerInput({ shape: [64] });
  const model = kerasModel(input, encoder(encoder(input)));
  await exportOnnx(model, place('shared.onnx'));
  const bytes = readFileSync(place('shared.onnx'));
  expect(bytes.length).toBeGreaterThan(64 * 64 * 4);
  expect(bytes.length).toBeLessThan(64 * 64 * 4 + 1000);
});
