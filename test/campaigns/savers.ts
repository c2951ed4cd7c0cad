/** All functions that save models, and how what they saved is read: a line for each. */
import {
  callbackBackupAndRestore,
  callbackModelCheckpoint,
  compile,
  fit,
  getWeights,
  kerasModelSequential,
  layerDense,
  loadModelHdf5,
  loadModelWeightsHdf5,
  optimizerSgd,
  pipe,
  saveModelHdf5,
  saveModelWeightsHdf5,
  setWeights,
  tf,
  type Callback,
  type KerasModel,
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

/** A function that saves. */
export interface Saver {
  /** The name of the file, or of the folder, below one of its own. */
  readonly file: string;
  readonly save: (model: KerasModel, place: string) => Promise<unknown>;
  readonly load: (place: string) => Promise<KerasModel>;
}

export const SAVERS: Readonly<Record<string, Saver>> = {
  saveModelHdf5: { file: 'model.h5', save: saveModelHdf5, load: loadModelHdf5 },
  saveModelWeightsHdf5: {
    file: 'weights.h5',
    save: saveModelWeightsHdf5,
    load: (place) => loadModelWeightsHdf5(modelOf(0), place),
  },
  callbackModelCheckpoint: {
    file: 'checkpoint.h5',
    save: (model, filepath) => trainWith(model, callbackModelCheckpoint({ filepath })),
    load: loadModelHdf5,
  },
  callbackBackupAndRestore: {
    file: 'backup',
    save: (model, backupDir) => goOn(model, backupDir, 1),
    load: async (backupDir) => {
      const model = modelOf(0);
      await goOn(model, backupDir, 0);
      return model;
    },
  },
};

/** The number that all weights of a model are, or what is wrong with them. */
export const versionOf = async (
  model: KerasModel,
): Promise<{ readonly version: number; readonly problem?: string }> => {
  const weights = getWeights(model);
  const values = await Promise.all(weights.map(async (weight) => weight.data()));
  tf.dispose(weights);
  const [version = NaN] = values[0] ?? [];
  const other = values.flatMap((list) => [...list]).find((value) => value !== version);
  return other === undefined ? { version } : { version, problem: `weights of ${version} and of ${other}` };
};
