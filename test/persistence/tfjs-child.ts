/**
 * TensorFlow.js by itself, without this library: loads models, and saves some.
 *
 *     node --import tsx tfjs-child.ts JOB RESULT
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import type { Plain } from './support/case-models';

export interface Job {
  readonly load: readonly { readonly folder: string; readonly inputs: readonly Plain[] }[];
  /** Where models go that are made here. */
  readonly save: string | null;
}

export interface Result {
  readonly loaded: readonly { readonly error?: string; readonly outputs?: readonly Plain[] }[];
  readonly saved: readonly {
    readonly folder: string;
    readonly inputs: readonly Plain[];
    readonly outputs: readonly Plain[];
  }[];
  readonly classes: readonly string[];
}

const plain = (tensor: core.Tensor): Plain => ({
  shape: tensor.shape,
  dtype: tensor.dtype,
  values: [...(tensor.dataSync() as Iterable<number>)],
});

const tensorOf = ({ shape, dtype, values }: Plain): core.Tensor =>
  core.tensor([...values], [...shape], dtype as 'float32');

const handler = (folder: string): core.io.IOHandler => ({
  load: () => {
    const json = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')) as core.io.ModelJSON;
    return core.io.getModelArtifactsForJSON(json, (manifest) => {
      const files = manifest
        .flatMap(({ paths }) => paths)
        .map((name) => readFileSync(path.join(folder, name)));
      const bytes = Buffer.concat(files);
      const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
      return Promise.resolve([manifest.flatMap(({ weights }) => weights), data]);
    });
  },
  save: (artifacts) => {
    mkdirSync(folder, { recursive: true });
    const manifest = [{ paths: ['./weights.bin'], weights: artifacts.weightSpecs ?? [] }];
    const { weightData, weightSpecs: _specs, ...described } = artifacts;
    const json = { ...described, weightsManifest: manifest };
    writeFileSync(path.join(folder, 'model.json'), JSON.stringify(json));
    writeFileSync(path.join(folder, 'weights.bin'), Buffer.from(weightData as ArrayBuffer));
    return Promise.resolve({ modelArtifactsInfo: core.io.getModelArtifactsInfoForJSON(artifacts) });
  },
});

const predict = (model: layers.LayersModel, inputs: readonly core.Tensor[]): Plain[] =>
  [model.predict(inputs.length === 1 ? (inputs[0] as core.Tensor) : [...inputs])].flat().map(plain);

const load = async ({ folder, inputs }: Job['load'][number]): Promise<Result['loaded'][number]> => {
  try {
    const model = await layers.loadLayersModel(handler(folder));
    return { outputs: predict(model, inputs.map(tensorOf)) };
  } catch (error) {
    return { error: String(error) };
  }
};

type Step = (x: layers.SymbolicTensor) => layers.SymbolicTensor;
const of =
  (layer: layers.layers.Layer): Step =>
  (x) =>
    layer.apply(x) as layers.SymbolicTensor; // of a symbolic tensor

/** Models of one layer or a few, by their input's shape. */
const MODELS: readonly [shape: number[], steps: Step[]][] = [
  [
    [4],
    [
      of(layers.layers.dense({ units: 3, activation: 'hardSigmoid' })),
      of(layers.layers.dropout({ rate: 0.5 })),
    ],
  ],
  [
    [6, 3],
    [
      of(layers.layers.gru({ units: 4, returnSequences: true })),
      of(layers.layers.gru({ units: 2, recurrentActivation: 'sigmoid' })),
    ],
  ],
  [[6, 3], [of(layers.layers.lstm({ units: 4 }))]],
  [[6, 3], [of(layers.layers.simpleRNN({ units: 4, goBackwards: true }))]],
  [
    [6, 3],
    [
      of(
        layers.layers.bidirectional({
          layer: layers.layers.lstm({ units: 2, returnSequences: true }),
          mergeMode: 'ave',
        }),
      ),
    ],
  ],
  [
    [6, 3],
    [
      of(
        layers.layers.rnn({
          cell: [layers.layers.gruCell({ units: 3 }), layers.layers.lstmCell({ units: 2 })] as never,
        }),
      ),
    ],
  ],
  [[6, 3], [of(layers.layers.timeDistributed({ layer: layers.layers.dense({ units: 2 }) }))]],
  [[6, 3], [of(layers.layers.softmax({ axis: -1 }))]],
  [
    [6, 3],
    [
      of(layers.layers.conv1d({ filters: 2, kernelSize: 3, padding: 'same' })),
      of(layers.layers.maxPooling1d({})),
    ],
  ],
  [
    [8, 8, 3],
    [
      of(layers.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' })),
      of(layers.layers.batchNormalization({})),
      of(layers.layers.depthwiseConv2d({ kernelSize: 2 })),
      of(layers.layers.averagePooling2d({ poolSize: 2 })),
      of(layers.layers.flatten()),
      of(layers.layers.leakyReLU({ alpha: 0.2 })),
    ],
  ],
  [
    [5, 5, 2],
    [
      of(layers.layers.separableConv2d({ filters: 4, kernelSize: 3 })),
      of(layers.layers.globalMaxPooling2d({})),
    ],
  ],
  [
    [5, 5, 2],
    [
      of(layers.layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2 })),
      of(layers.layers.upSampling2d({ size: [2, 3] })),
    ],
  ],
  [[4, 4, 4, 2], [of(layers.layers.conv3d({ filters: 2, kernelSize: 2 }))]],
  [
    [5, 3],
    [
      of(layers.layers.layerNormalization({})),
      of(layers.layers.prelu({})),
      of(layers.layers.permute({ dims: [2, 1] })),
    ],
  ],
  [[3, 4, 4, 2], [of(layers.layers.convLstm2d({ filters: 2, kernelSize: 2 }))]],
];

const gridOf = (shape: readonly number[]): core.Tensor => {
  const size = shape.reduce((product, one) => product * one, 1);
  return core.tensor(
    Array.from({ length: size }, (_, index) => Math.sin(index * 1.7)),
    [...shape],
  );
};

/** Other weights than zeros and ones. */
const shake = (model: layers.LayersModel): void => {
  model.setWeights(
    model
      .getWeights()
      .map((weight, index) => core.add(weight, core.mul(core.abs(gridOf(weight.shape)), 0.1 * (index + 1)))),
  );
};

const save = async (
  folder: string,
  shape: number[],
  steps: readonly Step[],
): Promise<Result['saved'][number]> => {
  const input = layers.input({ shape });
  const output = steps.reduce((x, step) => step(x), input);
  const model = layers.model({ inputs: input, outputs: output });
  shake(model);
  await model.save(handler(folder));
  const x = gridOf([2, ...shape]);
  return { folder, inputs: [plain(x)], outputs: predict(model, [x]) };
};

const main = async (): Promise<void> => {
  const [jobFile = '', resultFile = ''] = process.argv.slice(2);
  const job = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
  const loaded: Result['loaded'][number][] = [];
  for (const one of job.load) loaded.push(await load(one));
  const saved: Result['saved'][number][] = [];
  if (job.save !== null)
    for (const [index, [shape, steps]] of MODELS.entries())
      saved.push(await save(path.join(job.save, String(index)), shape, steps));
  const map = core.serialization.SerializationMap.getMap() as unknown as { classNameMap: object }; // which its types call private
  const library = path.join(__dirname, '../../src') + path.sep;
  const isPlain = !Object.keys(require.cache).some((file) => file.startsWith(library));
  if (!isPlain) throw new Error('this process has loaded the library');
  writeFileSync(
    resultFile,
    JSON.stringify({ loaded, saved, classes: Object.keys(map.classNameMap) } satisfies Result),
  );
};

void main();
