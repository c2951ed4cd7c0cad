/** tfjs-node's JavaScript on a binding of ours: its kernels map tfjs's operations to TensorFlow's; its compiled addon is not loaded. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Tfjs from '@tensorflow/tfjs';
import type { Binding } from '../native/binding';
import type { NativeTensor } from '../native/eager';
import { NativeMemory } from '../native/memory';

/** tfjs's key of a tensor's data, which lives as long as a tensor of that data does. */
type DataId = Tfjs.TensorInfo['dataId'];

/** The part of tfjs-node's backend that is changed here; tfjs's types do not have it. */
interface NodeBackend extends Tfjs.KernelBackend {
  readonly binding: Binding;
  readonly tensorMap: Tfjs.DataStorage<{ readonly id: number; readonly values: unknown }>;
  createOutputTensor(output: NativeTensor): Tfjs.Tensor;
  getInputTensorIds(tensors: readonly Tfjs.TensorInfo[]): number[];
}

type BackendClass = new (binding: Binding, packageName: string) => NodeBackend;

/** A binding that says when tensors are freed by hand. */
const reporting = (binding: Binding, memory: () => NativeMemory): Binding => ({
  ...binding,
  deleteTensor: (id) => {
    memory().forget(id);
    binding.deleteTensor(id);
  },
});

const BYTES_OF_A_VALUE = 4; // of nearly all types that tfjs has

const bytesOf = (shape: readonly number[]): number =>
  shape.reduce((size, next) => size * next, BYTES_OF_A_VALUE);

/** tfjs-node's backend, whose tensors free their native memory when JavaScript forgets them. */
const selfFreeing = (Backend: BackendClass): BackendClass =>
  class SelfFreeingBackend extends Backend {
    readonly #native: NativeMemory;

    constructor(binding: Binding, packageName: string) {
      super(
        reporting(binding, () => this.#native),
        packageName,
      );
      this.#native = new NativeMemory({ free: (id) => binding.deleteTensor(id) });
    }

    override createOutputTensor(output: NativeTensor): Tfjs.Tensor {
      const tensor = super.createOutputTensor(output);
      this.#native.watch(tensor.dataId, output.id, bytesOf(output.shape));
      return tensor;
    }

    /** Also brings values that JavaScript has made to TensorFlow. */
    override getInputTensorIds(tensors: readonly Tfjs.TensorInfo[]): number[] {
      const waiting: { readonly dataId: DataId; readonly shape: readonly number[] }[] = [];
      for (const { dataId, shape } of tensors) {
        // tfjs-node's 64-bit numbers are no tensors, and have no such key.
        if ((dataId as DataId | undefined) !== undefined && this.tensorMap.get(dataId).values !== null) {
          waiting.push({ dataId, shape });
        }
      }
      const ids = super.getInputTensorIds(tensors);
      for (const { dataId, shape } of waiting) {
        this.#native.watch(dataId, this.tensorMap.get(dataId).id, bytesOf(shape));
      }
      return ids;
    }
  };

/** Above the backends that tfjs itself brings, so that it is the one in use. */
const PRIORITY = 3;

/**
 * tfjs with tfjs-node's kernels and additions, as its own index gives them, on another binding.
 *
 * @param directory the package `@tensorflow/tfjs-node`
 */
export const loadWithoutAddon = (directory: string, binding: Binding): typeof Tfjs => {
  const require = createRequire(path.join(directory, 'package.json'));
  require('./dist/register_all_kernels');
  const tf = require('@tensorflow/tfjs') as typeof Tfjs;
  // Each of these is what its file in that package exports.
  const { NodeJSKernelBackend } = require('./dist/nodejs_kernel_backend') as {
    NodeJSKernelBackend: BackendClass;
  };
  const { node } = require('./dist/node') as { node: object };
  const { nodeFileSystemRouter } = require('./dist/io/file_system') as {
    nodeFileSystemRouter: Parameters<typeof Tfjs.io.registerLoadRouter>[0];
  };
  const nodeIo = require('./dist/io/index') as object;
  const { version } = require('./dist/version') as { version: string };
  const Backend = selfFreeing(NodeJSKernelBackend);
  tf.registerBackend('tensorflow', () => new Backend(binding, '@tensorflow/tfjs-node'), PRIORITY);
  // It is ready at once: the promise is for backends that are not.
  void tf.setBackend('tensorflow');
  tf.io.registerLoadRouter(nodeFileSystemRouter);
  tf.io.registerSaveRouter(nodeFileSystemRouter);
  const additions = { node, io: { ...tf.io, ...nodeIo }, version: { ...tf.version, 'tfjs-node': version } };
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(tf), ...Object.getOwnPropertyDescriptors(additions) },
  ) as typeof Tfjs; // all of its properties, and more
};
