import { writeFile } from 'node:fs/promises';
import { callable, type Itself } from '../base/call-styles';
import { boolean, checkOptions, optional, type OptionChecks } from '../base/checks';
import { replaceFile } from '../files/replace-file';
import { modelSubject, type ModelTask } from '../models/call-styles';
import { builtModel, type KerasModel } from '../models/model';
import { isPath, pathIn } from './internal/arguments';
import { fileError } from './internal/errors';
import { onnxModel } from './internal/onnx/model';

/** Options of {@link exportOnnx}. */
export interface ExportOnnxOptions {
  /** Whether a file that is there is replaced; true by default. */
  overwrite?: boolean | undefined;
}

const exportChecks = { overwrite: optional(boolean, true) } satisfies OptionChecks<ExportOnnxOptions>;

/**
 * Writes what a model predicts as an ONNX file, which ONNX Runtime and others compute in browsers, on phones, and in other languages.
 * Gives the model.
 *
 * Inputs and outputs have the names of the model's input and output layers, and a batch of any size. Operators are those of opset 17.
 * What layers do while training only is left out. A layer without a form in ONNX is an error that names it: docs/onnx.md lists those
 * that have one, and their operators.
 *
 * The old file or the new one is there whole, whatever happens meanwhile; folders that are missing are made.
 *
 * @throws KerasStateError if the model's input shape is not known yet.
 * @throws KerasArgumentError if it has a layer without a form in ONNX.
 * @throws KerasFileError if the file cannot be written, or is there and `overwrite` is false.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 2, inputShape: [3] }))
 * assert.strictEqual(await exportOnnx(model, 'model.onnx'), model)
 * @see https://onnx.ai/onnx/operators
 */
export const exportOnnx: ModelTask<[filepath: string, options?: ExportOnnxOptions], Itself> = callable({
  name: 'exportOnnx',
  subject: modelSubject,
  data: ['filepath'],
  isData: isPath,
  optionNames: Object.keys(exportChecks),
  checkOptions: (options) => checkOptions('exportOnnx', options, exportChecks),
  run: async (model: KerasModel, data: readonly [unknown], { overwrite }) => {
    const file = pathIn('exportOnnx', data);
    const { bytes } = onnxModel(builtModel(model).tf, model.metadata);
    try {
      await replaceFile(file, (temporary) => writeFile(temporary, bytes), { overwrite });
    } catch (error) {
      throw fileError(file, 'written', error);
    }
    return model;
  },
  givesPromise: true,
}) as unknown as typeof exportOnnx; // the call styles are told apart by the arguments
