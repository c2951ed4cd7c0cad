import { readdirSync } from 'node:fs';
import path from 'node:path';
import type * as Tfjs from '@tensorflow/tfjs';

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

/**
 * Registers tfjs-node's kernels. Each is loaded when it is first called: to load all takes as long as to load all of tfjs, and a
 * program calls a few of them.
 */
export const registerNodeKernels = (tf: typeof Tfjs, directory: string, require: NodeJS.Require): void => {
  const { version } = require('./dist/version') as { version: string };
  if (version !== KNOWN_VERSION) {
    require('./dist/register_all_kernels');
    return;
  }
  for (const file of readdirSync(path.join(directory, 'dist', 'kernels'))) {
    if (!file.endsWith('.js')) continue;
    const kernelName = path.basename(file, '.js');
    let kernel: Tfjs.KernelFunc | undefined;
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: (call) => {
        kernel ??= kernelIn(require(`./dist/kernels/${kernelName}`) as object, kernelName);
        return kernel(call);
      },
    });
  }
};
