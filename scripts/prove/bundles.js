// Programs bundled by esbuild, with the package left out, and taken in.
const { spawnSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { buildSync } = require('esbuild');
const { env, expectThat } = require('./tools');

const PROGRAM = `
import { compile, fit, kerasModelSequential, layerDense, pipe } from 'keras-pipe';
import { E } from 'keras-pipe/fp';
const model = pipe(
  kerasModelSequential(),
  layerDense({ units: 1, inputShape: [1] }),
  compile({ optimizer: 'sgd', loss: 'mse' }),
);
fit(model, [[1], [2]], [1, 2], { epochs: 2, verbose: 0 }).then(({ metrics }) => {
  if (E.isRight(E.right(metrics))) console.log('epochs:', metrics.loss.length);
});
`;

const bundle = (cwd, format, external) => {
  const outfile = path.join(cwd, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`);
  writeFileSync(path.join(cwd, 'bundled.mjs'), PROGRAM);
  buildSync({
    entryPoints: [path.join(cwd, 'bundled.mjs')],
    absWorkingDir: cwd,
    bundle: true,
    platform: 'node',
    format,
    external,
    outfile,
    logLevel: 'silent',
  });
  return spawnSync(process.execPath, [outfile], { cwd, env, encoding: 'utf8' });
};

const proveBundles = (cwd) => {
  for (const format of ['esm', 'cjs']) {
    const external = bundle(cwd, format, ['keras-pipe']);
    expectThat(external.stdout.trim() === 'epochs: 2', `${format}, external: ${external.stderr}`);
    const taken = bundle(cwd, format, []);
    const errors = taken.stderr.split('\n').filter((line) => /^\w*Error/.test(line));
    expectThat(
      taken.status === 1 && errors.length === 1 && errors[0].includes('esbuild --external:keras-pipe'),
      `${format}, bundled: ${taken.stderr.slice(0, 2000)}`,
    );
  }
};

module.exports = { proveBundles };
