import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Tfjs from '@tensorflow/tfjs';
import { javascriptPackages, packageRoot } from '../../src/native/runtime';
import { registerNodeKernels } from '../../src/tfjs/node-kernels';
import { tf } from '../../src/tfjs/tensorflow';

const directory = javascriptPackages(packageRoot)[0]?.directory ?? '';
const load = createRequire(path.join(directory, 'package.json'));
const files = readdirSync(path.join(directory, 'dist/kernels')).filter((file) => file.endsWith('.js'));

const unregistered: string[] = [];

/** Registers kernels with a record in tfjs's place. */
const registered = (require: NodeJS.Require): Tfjs.KernelConfig[] => {
  const configs: Tfjs.KernelConfig[] = [];
  const registry = {
    registerKernel: (config: Tfjs.KernelConfig) => configs.push(config),
    unregisterKernel: (name: string) => unregistered.push(name),
    scalar: tf.scalar,
  };
  registerNodeKernels(registry as unknown as typeof Tfjs, directory, require); // all that is called of it
  return configs;
};

test('each of tfjs-node’s kernels is registered, and is what its file has', () => {
  const loaded: string[] = [];
  const recorder = ((name: string): unknown => {
    loaded.push(name);
    return load(name);
  }) as NodeJS.Require;
  const configs = registered(recorder);
  expect(loaded).toEqual(['./dist/version']);
  expect(configs).toHaveLength(files.length);
  expect(configs.length).toBeGreaterThan(150);
  for (const file of files) {
    const exported = Object.values(load(`./dist/kernels/${file}`) as Record<string, unknown>);
    const [config, ...others] = exported.filter((each) => typeof each === 'object');
    expect(others).toEqual([]);
    const mine = configs.find(({ kernelName }) => kernelName === path.basename(file, '.js'));
    // All that a kernel may have: it is registered under that name for that backend, and nothing else is lost.
    expect(config).toEqual({ ...mine, kernelFunc: expect.any(Function) as unknown });
    expect(tf.getKernel(path.basename(file, '.js'), 'tensorflow')).toBeDefined();
  }
});

test('a kernel is loaded when it is first called, once', () => {
  const loaded: string[] = [];
  const calls: unknown[] = [];
  const require = ((name: string): unknown => {
    if (name === './dist/version') return load(name);
    loaded.push(name);
    return { absConfig: { kernelName: 'Abs', kernelFunc: (call: unknown) => calls.push(call) } };
  }) as NodeJS.Require;
  const abs = registered(require).find(({ kernelName }) => kernelName === 'Abs');
  const call = { inputs: {}, backend: {} };
  abs?.kernelFunc(call);
  abs?.kernelFunc(call);
  expect(loaded).toEqual(['./dist/kernels/Abs']);
  expect(calls).toEqual([call, call]);
});

test('gather is this library’s own, and tfjs-node’s is never registered', () => {
  const loaded: string[] = [];
  const recorder = ((name: string): unknown => {
    loaded.push(name);
    return load(name);
  }) as NodeJS.Require;
  const [gather, ...others] = registered(recorder).filter(({ kernelName }) => kernelName === 'GatherV2');
  const [x, indices] = [tf.tensor2d([[1], [2], [3]]), tf.tensor1d([2, 0], 'int32')];
  const given = gather?.kernelFunc({
    inputs: { x, indices },
    attrs: { axis: 0, batchDims: 0 },
    backend: tf.backend(),
  }) as Tfjs.TensorInfo;
  expect(tf.engine().makeTensorFromTensorInfo(given).arraySync()).toEqual([[3], [1]]);
  expect([others, unregistered, loaded]).toEqual([[], [], ['./dist/version']]);
});

test('another version of tfjs-node registers its kernels itself, and then gather is this library’s', () => {
  const loaded: string[] = [];
  const require = ((name: string): unknown => {
    loaded.push(name);
    return { version: '4.21.0' };
  }) as NodeJS.Require;
  const gather = {
    kernelName: 'GatherV2',
    backendName: 'tensorflow',
    kernelFunc: expect.any(Function) as unknown,
  };
  expect(registered(require)).toEqual([gather]);
  expect(loaded).toEqual(['./dist/version', './dist/register_all_kernels']);
  expect(unregistered).toEqual(['GatherV2']);
});
