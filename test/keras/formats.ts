/** The formats that models go to Keras in and come back in; test/keras/check.py has the same list. */
import {
  loadModel,
  loadModelHdf5,
  saveModel,
  saveModelHdf5,
  type AnyModel,
  type KerasModel,
} from '../../src/index';

/** A format of files. */
export interface Format {
  readonly ending: string;
  readonly save: (model: AnyModel, file: string) => Promise<unknown>;
  readonly load: (file: string) => Promise<KerasModel>;
}

export const FORMATS: readonly Format[] = [
  { ending: '.h5', save: saveModelHdf5, load: loadModelHdf5 },
  { ending: '.keras', save: saveModel, load: loadModel },
];
