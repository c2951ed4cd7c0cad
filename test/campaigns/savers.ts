/** All functions that save models, and how what they saved is read: a line for each. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fieldsOf } from '../../src/files/protocol-buffers';
import {
  callbackBackupAndRestore,
  callbackModelCheckpoint,
  compile,
  exportOnnx,
  exportSavedmodel,
  fit,
  getWeights,
  kerasModelSequential,
  layerDense,
  loadModel,
  loadModelHdf5,
  loadModelTf,
  loadModelTfjs,
  loadModelWeights,
  loadModelWeightsHdf5,
  loadModelWeightsTf,
  optimizerSgd,
  pipe,
  saveModel,
  saveModelHdf5,
  saveModelTf,
  saveModelTfjs,
  saveModelWeights,
  saveModelWeightsHdf5,
  saveModelWeightsTf,
  setWeights,
  tf,
  type Callback,
  type KerasModel,
  type ServedModel,
  type Tensor,
} from '../../src/index';

const UNITS = 150;

/** A model all of whose weights are one number, which training does not change. */
export const modelOf = (version: number): KerasModel => {
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: UNITS, inputShape: [UNITS] }),
    layerDense({ units: UNITS }),
    compile({ optimizer: optimizerSgd({ learningRate: 0, momentum: 0.5 }), loss: 'mse' }),
  );
  const weights = getWeights(model).map(({ shape }) => tf.fill(shape, version));
  setWeights(model, weights);
  tf.dispose(weights);
  return model;
};

/** One epoch with a callback that saves. */
const trainWith = async (model: KerasModel, callbacks: Callback<KerasModel>): Promise<void> => {
  const data = tf.zeros([1, UNITS]);
  try {
    await fit(model, data, data, { epochs: 1, verbose: 0, engine: 'eager', callbacks });
  } finally {
    data.dispose();
  }
};

class Enough extends Error {}

/** Goes on with the training that a backup is of, for so many epochs, at whose end the model has the weights that it has now. */
const goOn = async (model: KerasModel, backupDir: string, epochs: number): Promise<void> => {
  const weights = getWeights(model);
  const data = tf.zeros([1, UNITS]);
  let done = 0;
  const callbacks = [
    callbackBackupAndRestore({ backupDir }),
    {
      onEpochBegin: () => {
        // After what was there has been given back.
        if (done++ === epochs) throw new Enough();
        setWeights(model, weights);
      },
    },
  ];
  try {
    await fit(model, data, data, { epochs: 1_000_000, verbose: 0, engine: 'eager', callbacks });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  } finally {
    tf.dispose([...weights, data]);
  }
};

/** What was found: the number that all weights are, or what is wrong with them. */
export interface Found {
  readonly version: number;
  readonly problem?: string;
}

/** The number that all of some weights are. */
const versionIn = (weights: readonly ArrayLike<number>[]): Found => {
  const version = weights[0]?.[0] ?? NaN;
  let count = 0;
  for (const values of weights) {
    count += values.length;
    for (let index = 0; index < values.length; index++)
      if (values[index] !== version)
        return { version, problem: `weights of ${version} and of ${values[index]}` };
  }
  return count === 2 * (UNITS + 1) * UNITS ? { version } : { version, problem: `${count} weights` };
};

const versionOf = async (model: KerasModel): Promise<Found> => {
  const weights = getWeights(model);
  const values = await Promise.all(weights.map(async (weight) => weight.data()));
  tf.dispose(weights);
  return versionIn(values);
};

/** Reads what makes a model, or fills one. */
const asModel =
  (load: (place: string) => Promise<KerasModel>) =>
  async (place: string): Promise<Found> => {
    const model = await load(place);
    try {
      return await versionOf(model);
    } finally {
      model.dispose();
    }
  };

/** Into a model whose weights are 0. */
const asWeights = (
  load: (model: KerasModel, place: string) => Promise<KerasModel>,
): ((place: string) => Promise<Found>) => asModel((place) => load(modelOf(0), place));

/** What the graph of a folder makes of nothing, and of each input by itself: that says what the weights are. */
const asGraph = async (place: string): Promise<Found> => {
  const served = await loadModelTf<ServedModel>(place);
  const x = tf.tidy(() => tf.concat([tf.zeros([1, UNITS]), tf.eye(UNITS)]));
  try {
    const output = (await served.predict(x)) as Tensor; // it has one
    const [ofNothing = NaN, ...others] = [...(await output.data())];
    output.dispose();
    const version = [1, 2, 3].find((one) => ofNothing === UNITS * one ** 2 + one) ?? NaN;
    const wrong = others.find(
      (value, index) => value !== (index < UNITS - 1 ? 1 : 2) * UNITS * version ** 2 + version,
    );
    return wrong === undefined ? { version } : { version, problem: `an output of ${wrong}` };
  } finally {
    x.dispose();
    served.dispose();
  }
};

/** Where ONNX has the graph of a model, its initializers, and their bytes. */
const ONNX = { graph: 7, initializer: 5, bytes: 9 };

const asOnnx = async (place: string): Promise<Found> => {
  const fields = (message: Uint8Array, number: number): Uint8Array[] =>
    [...fieldsOf(message, place)].filter((field) => field.number === number).map(({ bytes }) => bytes);
  const tensors = fields(await readFile(place), ONNX.graph).flatMap((graph) =>
    fields(graph, ONNX.initializer),
  );
  const weights = tensors
    .flatMap((tensor) => fields(tensor, ONNX.bytes))
    .map((bytes) => new Float32Array(Uint8Array.from(bytes).buffer));
  return versionIn(weights);
};

/** A function that saves. */
export interface Saver {
  /** The name of the file, or of the folder, below one of its own. */
  readonly file: string;
  readonly save: (model: KerasModel, place: string) => Promise<unknown>;
  readonly read: (place: string) => Promise<Found>;
}

const weightsIn = (place: string): string => path.join(place, 'weights');

export const SAVERS: Readonly<Record<string, Saver>> = {
  saveModelHdf5: { file: 'model.h5', save: saveModelHdf5, read: asModel(loadModelHdf5) },
  saveModelWeightsHdf5: {
    file: 'weights.h5',
    save: saveModelWeightsHdf5,
    read: asWeights(loadModelWeightsHdf5),
  },
  saveModel: { file: 'model.keras', save: saveModel, read: asModel(loadModel) },
  saveModelWeights: { file: 'model.weights.h5', save: saveModelWeights, read: asWeights(loadModelWeights) },
  // The format is told by the content.
  saveModelTf: { file: 'model', save: saveModelTf, read: asModel(loadModel) },
  exportSavedmodel: { file: 'served', save: exportSavedmodel, read: asGraph },
  saveModelWeightsTf: {
    file: 'checkpoint',
    save: (model, place) => saveModelWeightsTf(model, weightsIn(place)),
    read: asWeights((model, place) => loadModelWeightsTf(model, weightsIn(place))),
  },
  saveModelTfjs: { file: 'browser', save: saveModelTfjs, read: asModel(loadModelTfjs) },
  exportOnnx: { file: 'model.onnx', save: exportOnnx, read: asOnnx },
  callbackModelCheckpoint: {
    file: 'checkpoint.h5',
    save: (model, filepath) => trainWith(model, callbackModelCheckpoint({ filepath })),
    read: asModel(loadModelHdf5),
  },
  callbackBackupAndRestore: {
    file: 'backup',
    save: (model, backupDir) => goOn(model, backupDir, 1),
    read: asModel(async (backupDir) => {
      const model = modelOf(0);
      await goOn(model, backupDir, 0);
      return model;
    }),
  },
};
