/**
 * Imported first by each entry: this package finds TensorFlow's C library, data and itself by its own place on the disk, and
 * so cannot be part of a bundle. Where a bundler has taken it in, that is said in one line, before anything else fails.
 */
import type * as Fs from 'node:fs';
import type * as Path from 'node:path';

const isInPlace = (): boolean => {
  try {
    // Bundles of ECMAScript modules have no `require` for Node.js's modules: esbuild's throws.
    /* eslint-disable @typescript-eslint/no-require-imports -- it may fail, which an import could not say in these words */
    const { readFileSync } = require('node:fs') as typeof Fs;
    const path = require('node:path') as typeof Path;
    /* eslint-enable @typescript-eslint/no-require-imports */
    const manifest = readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { name?: unknown }).name === 'keras-pipe';
  } catch {
    return false;
  }
};

if (!isInPlace()) {
  throw new Error(
    'keras-pipe must not be bundled: it must find its native library. Mark it as external, with esbuild --external:keras-pipe, and install it where the bundle runs.',
  );
}
