import { readdirSync } from 'node:fs';
import path from 'node:path';
import type * as Tfjs from '@tensorflow/tfjs';
import { OWN_KERNELS } from './kernels';

/** The version of tfjs-node each of whose kernels is in a file of its name, without functions that set it up or end it. */
const KNOWN_VERSION = '4.22.0';

const BACKEND = 'tensorflow';

/** The kernel that a file of tfjs-node's exports. */
const kernelIn = (exports: object, name: string): Tfjs.KernelFunc => {
  const kernel = (Object.values(exports) as Tfjs.KernelConfig[]).find(
    ({ kernelName }) => kernelName === name,
  );
  if (kernel === undefined) throw new Error(`tfjs-node's file ${name}.js has no kernel of that name`);
  return kernel.kernelFunc;
};

/** What tfjs-node's file of a kernel exports, once it is called. */
const loadedLater = (kernelName: string, require: NodeJS.Require): Tfjs.KernelFunc => {
  let kernel: Tfjs.KernelFunc | undefined;
  return (call) => {
    kernel ??= kernelIn(require(`./dist/kernels/${kernelName}`) as object, kernelName);
    return kernel(call);
  };
};

/**
 * Registers the backend's kernels: those of this library's own, and tfjs-node's. Each of these is loaded when it is first called: to load
 * all takes as long as to load all of tfjs, and a program calls a few of them.
 */
export const registerNodeKernels = (tf: typeof Tfjs, directory: string, require: NodeJS.Require): void => {
  const { version } = require('./dist/version') as { version: string };
  if (version !== KNOWN_VERSION) {
    require('./dist/register_all_kernels');
    for (const [kernelName, own] of OWN_KERNELS) {
      const original = tf.getKernel(kernelName, BACKEND).kernelFunc;
      tf.unregisterKernel(kernelName, BACKEND);
      tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc: own(tf, original) });
    }
    return;
  }
  for (const file of readdirSync(path.join(directory, 'dist', 'kernels'))) {
    if (!file.endsWith('.js')) continue;
    const kernelName = path.basename(file, '.js');
    const original = loadedLater(kernelName, require);
    const kernelFunc = OWN_KERNELS.get(kernelName)?.(tf, original) ?? original;
    tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
  }
};
