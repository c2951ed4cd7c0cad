import path from 'node:path';
import { cachedPackage, type Fetching } from './npm-package';
import type { PinnedPackage } from '../native/pinned';
import { unpackJavaScript } from './unpack';

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
};
