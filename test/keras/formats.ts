/** The formats that models go to Keras in and come back in; test/keras/check.py has the same endings. */
import {
  exportSavedmodel,
  loadModel,
  loadModelHdf5,
  loadModelTf,
  saveModel,
  saveModelHdf5,
  saveModelTf,
  saveModelWeightsTf,
  type AnyModel,
  type KerasModel,
} from '../../src/index';

/** What is written here: the ending of its name, and how. */
export const WRITERS: Readonly<Record<string, (model: AnyModel, place: string) => Promise<unknown>>> = {
  '.h5': saveModelHdf5,
  '.keras': saveModel,
  '.tf': saveModelTf,
  '.frozen': (model, place) => exportSavedmodel(model, place, { frozen: true }),
  '.weights/weights': saveModelWeightsTf,
};

/** What Keras writes, and how it is read. Keras 2.13's files that end in .keras are others than those of Keras 3. */
export const READERS: Readonly<Record<string, (place: string) => Promise<KerasModel>>> = {
  '.h5': loadModelHdf5,
  '.keras': loadModel,
  '.tf': loadModelTf,
};
