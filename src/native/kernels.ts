import type { Library } from './library';
import { Status } from './status';

/** Where a `TF_Buffer` says how many bytes it has, as the number of a word: after their address. */
const LENGTH = 1;

/** Whether a library has an operation that can run; not all builds have all of them. */
export const hasKernel = ({ api, memory }: Library, operation: string): boolean => {
  const { TF_GetRegisteredKernelsForOp: find } = api;
  if (find === undefined) return false;
  const status = new Status(api);
  try {
    const buffer = find(operation, status.address);
    if (buffer === 0) return false;
    const words = memory.scratch(LENGTH + 1);
    memory.read(words.bytes, buffer, 8 * (LENGTH + 1));
    api.TF_DeleteBuffer(buffer);
    return status.isOk && words.word(LENGTH) > 0;
  } finally {
    status.free();
  }
};
