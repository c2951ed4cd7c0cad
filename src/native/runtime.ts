import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** A folder with tfjs-node's JavaScript in it. */
export interface JavascriptPackage {
  readonly directory: string;
  /** Installed by npm, or brought by `keras-pipe setup` into this package's own folder. */
  readonly origin: 'npm' | 'setup';
}

/** This package's own folder: two up from here, in the sources and in what is compiled from them. */
export const packageRoot = path.resolve(__dirname, '..', '..');

/** The folder for what `keras-pipe setup` brings. It is outside `node_modules`, where npm would prune it. */
export const setupFolder = (root: string): string => path.join(root, 'native');

/**
 * Where setup puts tfjs-node when npm left it out: below {@link setupFolder}, so that what tfjs-node requires is found
 * among this package's own dependencies.
 */
export const setupJavascript = (root: string): string =>
  path.join(setupFolder(root), 'node_modules', '@tensorflow', 'tfjs-node');

const npmJavascript = (root: string): string | undefined => {
  try {
    const manifest = createRequire(path.join(root, 'package.json')).resolve(
      '@tensorflow/tfjs-node/package.json',
    );
    return path.dirname(manifest);
  } catch {
    return undefined;
  }
};

/** The folders with tfjs-node's JavaScript in them: npm's, then the one that setup made. */
export const javascriptPackages = (root: string): JavascriptPackage[] => {
  const found: JavascriptPackage[] = [];
  const npm = npmJavascript(root);
  if (npm !== undefined) found.push({ directory: npm, origin: 'npm' });
  const own = setupJavascript(root);
  if (existsSync(path.join(own, 'package.json'))) found.push({ directory: own, origin: 'setup' });
  return found;
};
