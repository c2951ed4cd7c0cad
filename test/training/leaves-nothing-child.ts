/**
 * Trains, tests and predicts, one operation after the other and compiled, with a folder for temporary files of its
 * own. Writes a line of JSON: what of the environment is another than before, and what lies in that folder.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as KerasPipe from '../../src/index';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = folder;
const before = { ...process.env };

const main = async (): Promise<void> => {
  // Once the environment is as it is to stay.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would come first
  const k = require('../../src/index') as typeof KerasPipe;
  for (const engine of ['eager', 'compiled'] as const) {
    const model = k.pipe(
      k.kerasModelSequential(),
      k.layerDense({ units: 4, activation: 'relu', inputShape: [3] }),
      k.layerReshape({ targetShape: [2, 2] }),
      k.layerLstm({ units: 2 }),
      k.layerDense({ units: 1 }),
      k.compile({ optimizer: 'adam', loss: 'mse' }),
    );
    const [x, y] = [k.tf.ones([40, 3]), k.tf.zeros([40, 1])];
    await k.fit(model, x, y, { epochs: 2, batchSize: 2, verbose: 0, engine });
    await k.evaluate(model, x, y, { verbose: 0, engine });
    // So often that predictions are compiled.
    for (let call = 0; call < 25; call++) (await k.predict(model, x)).dispose();
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(process.env)])];
  const changed = names.filter((name) => before[name] !== process.env[name]);
  console.log(JSON.stringify({ changed, files: readdirSync(folder) }));
};

void main().finally(() => rmSync(folder, { recursive: true }));
