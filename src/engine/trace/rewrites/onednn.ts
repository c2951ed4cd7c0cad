import { binding } from '../../../tfjs/binding';

/** The name of oneDNN's operation for one of TensorFlow's. */
export const oneDnnName = (operation: string): string => `_MklNative${operation}`;

/** Whether the library has oneDNN's operation for one of its own, and uses it: most builds of TensorFlow 2 for x86 do. */
export const hasOneDnn = (operation: string): boolean => {
  const native = binding();
  return !native.isUsingGpuDevice() && native.hasKernel(oneDnnName(operation));
};
