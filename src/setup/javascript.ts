import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cachedPackage, type Fetching } from './npm-package';
import type { PinnedPackage } from './pinned';
import { addonFolder, addonName } from '../native/runtime';
import { unpackJavaScript } from './unpack';

/**
 * All that tfjs-node asks of `@mapbox/node-pre-gyp` at run time: where its addon is. The real package would bring forty
 * more that nothing else needs.
 */
const finder = `'use strict';
const path = require('node:path');
exports.find = (manifest) => path.join(path.dirname(manifest), ...${JSON.stringify([...addonFolder.split(path.sep), addonName])});
`;

/**
 * Puts tfjs-node's JavaScript into a `node_modules` folder, for where npm left the package out: as an optional dependency
 * it goes without a word when its own install script fails.
 */
export const addJavaScript = async (
  wanted: PinnedPackage,
  modules: string,
  fetching: Fetching,
): Promise<void> => {
  const tarball = await cachedPackage(wanted, fetching);
  await unpackJavaScript(tarball, wanted, path.join(modules, ...wanted.name.split('/')));
  const folder = path.join(modules, '@mapbox', 'node-pre-gyp');
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'package.json'),
    '{ "name": "@mapbox/node-pre-gyp", "main": "index.js" }\n',
  );
  await writeFile(path.join(folder, 'index.js'), finder);
};
