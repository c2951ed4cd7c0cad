import type * as Tfjs from '@tensorflow/tfjs';
import { KerasNativeError } from '../base/errors';
import { openRuntimeLater } from '../native/index';
import { lookedFor, SETUP_ADVICE } from '../native/library';
import {
  askedFor,
  goneFolder,
  LIBRARY_VARIABLE,
  libraryNames,
  locateLibrary,
  matchesVersion,
} from '../native/locate';
import { currentPlatform } from '../native/platform';
import { javascriptPackages, packageRoot } from '../native/runtime';
import { askFor, versionsFor } from '../native/versions';
import { loadTfjsNode } from './tfjs-node';

const missing = (received: string, advice = SETUP_ADVICE): KerasNativeError =>
  new KerasNativeError({
    function: 'keras-pipe',
    expected: "TensorFlow's C library must be in place",
    received,
    advice,
  });

/**
 * Loads tfjs on TensorFlow's C library, from where `keras-pipe setup` put that or the user says it is. The library is loaded by another
 * thread meanwhile, and waited for when it is first called, or the event loop goes round.
 *
 * TensorFlow's own lines on standard error are off, unless the user has set `TF_CPP_MIN_LOG_LEVEL`.
 *
 * @throws KerasNativeError if the library or tfjs-node's JavaScript is missing or does not load.
 */
export const load = (root = packageRoot, env = process.env): typeof Tfjs => {
  const [javascript] = javascriptPackages(root);
  if (javascript === undefined) throw missing('no @tensorflow/tfjs-node');
  const { platform: os, arch } = process;
  const located = locateLibrary({ root, cwd: process.cwd(), env, os, arch });
  const asked = askedFor(env);
  if (located === undefined) {
    const gone = goneFolder(root);
    if (asked === undefined)
      throw missing(gone === undefined ? 'none' : `none in ${gone}, the folder that setup has chosen`);
    const versions = versionsFor(currentPlatform());
    throw missing(
      `none of version ${asked.value}, which ${asked.variable} names`,
      versions.every((version) => !matchesVersion(asked.value, version))
        ? askFor(asked.variable, versions)
        : `Run \`npx keras-pipe setup\` in the project while ${asked.variable} is so, which fetches that version, or unset it.`,
    );
  }
  if (asked !== undefined && libraryNames(located.folder, os).length === 0) {
    const version = asked.variable === LIBRARY_VARIABLE ? 'a version, such as 1.15 or 2.x, or ' : '';
    throw missing(
      `none in ${located.folder}, which ${asked.variable} names`,
      `Have ${asked.variable} name ${version}a folder with ${lookedFor(os)}, or unset it.`,
    );
  }
  const runtime = openRuntimeLater(located.folder);
  try {
    return loadTfjsNode(javascript.directory, () => runtime.open().binding);
  } catch (error) {
    runtime.leave();
    throw error;
  }
};
