/**
 * Writes an ONNX file of every case of every layer, with what goes in and what this library predicts, for ONNX's own checker.
 *
 *     tsx test/onnx/write.ts FOLDER
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { exportOnnx, KerasArgumentError } from '../../src/index';
import { caseModels, plain, predicted, rowModels, textModels } from '../persistence/support/case-models';

const folder = process.argv[2] ?? '.';

const main = async (): Promise<void> => {
  const expected: object[] = [];
  for (const { title, model: make, inputs: makeInputs } of [
    ...caseModels(),
    ...rowModels(),
    ...textModels(),
  ]) {
    const model = make();
    const file = `${expected.length}.onnx`;
    try {
      await exportOnnx(model, path.join(folder, file));
      const inputs = makeInputs();
      expected.push({
        file,
        title,
        inputs: inputs.map(plain),
        outputs: (await predicted(model, inputs)).map(plain),
      });
    } catch (error) {
      // What has no form in ONNX.
      if (!(error instanceof KerasArgumentError)) throw error;
    }
    model.dispose();
  }
  writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(expected));
};

void main();
