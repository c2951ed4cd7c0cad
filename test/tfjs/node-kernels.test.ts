import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Tfjs from '@tensorflow/tfjs';
import { javascriptPackages, packageRoot } from '../../src/native/runtime';
import { registerNodeKernels } from '../../src/tfjs/node-kernels';
import { compiledStep, type Engine, type Tensor } from '../../src/index';
import { tf } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

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
    getKernel: () => ({ kernelFunc: () => [] }),
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

const OWN = ['GatherV2', 'Round', 'FloorDiv', 'Mod', 'CropAndResize'];

test('another version of tfjs-node registers its kernels itself, and then some are this library’s', () => {
  const loaded: string[] = [];
  const require = ((name: string): unknown => {
    loaded.push(name);
    return { version: '4.21.0' };
  }) as NodeJS.Require;
  const kernelFunc = expect.any(Function) as unknown;
  expect(registered(require)).toEqual(
    OWN.map((kernelName) => ({ kernelName, backendName: 'tensorflow', kernelFunc })),
  );
  expect(loaded).toEqual(['./dist/version', './dist/register_all_kernels']);
  expect(unregistered).toEqual(OWN);
});

describe.each<[Engine]>([['eager'], ['compiled']])('whole numbers, %s,', (engine) => {
  const given = (fn: (x: Tensor, y: Tensor) => Tensor, x: Tensor, y: Tensor): unknown => {
    const step = compiledStep(fn, { engine });
    return tf.tidy(() => step(x, y).arraySync());
  };
  const whole = (values: number[]): Tensor => tf.tensor1d(values, 'int32');
  const smallest = -(2 ** 31);

  test('are round', () => {
    expect(given((x) => tf.round(x), whole([3, -1, smallest]), whole([0]))).toEqual([3, -1, smallest]);
  });

  test.each<[string, (x: Tensor, y: Tensor) => Tensor, number[]]>([
    ['div', (x, y) => tf.div(x, y), [smallest, -7, 7, 3]],
    ['floorDiv', (x, y) => tf.floorDiv(x, y), [smallest, -7, 7, 3]],
    ['mod', (x, y) => tf.mod(x, y), [0, 0, 0, 1]],
  ])('are divided by −1, the smallest too: %s', (_name, divide, expected) => {
    expect(given(divide, whole([smallest, 7, -7, 7]), whole([-1, -1, -1, 2]))).toEqual(expected);
  });

  test('are divided as far as they go: the quotient is rounded down, and what is left over has the sign of the divisor', () => {
    const largest = 2 ** 31 - 1;
    const sizes = [
      smallest,
      smallest + 1,
      -2e9,
      -(2 ** 30),
      -7,
      -3,
      -2,
      -1,
      1,
      2,
      3,
      7,
      2 ** 30,
      2e9,
      largest,
    ];
    const pairs = [...sizes, 0].flatMap((x) => sizes.map((y) => [x, y] as const));
    const [xs, ys] = [whole(pairs.map(([x]) => x)), whole(pairs.map(([, y]) => y))];
    // −2³¹ divided by −1 is 2³¹, which 32 bits take for −2³¹; `| 0` does so, and makes 0 of −0.
    const quotients = pairs.map(([x, y]) => Math.floor(x / y) | 0);
    expect(given((x, y) => tf.floorDiv(x, y), xs, ys)).toEqual(quotients);
    expect(given((x, y) => tf.div(x, y), xs, ys)).toEqual(quotients);
    expect(given((x, y) => tf.mod(x, y), xs, ys)).toEqual(
      pairs.map(([x, y]) => (x - y * Math.floor(x / y)) | 0),
    );
  });

  test('are divided by one number, and one by several', () => {
    const square = tf.tensor2d([[smallest, 3]], [1, 2], 'int32');
    expect(given((x, y) => tf.floorDiv(x, y), square, whole([-1]))).toEqual([[smallest, -3]]);
    expect(
      given((x, y) => tf.floorDiv(x, y), whole([smallest]), tf.tensor2d([[-1, 1]], [1, 2], 'int32')),
    ).toEqual([[smallest, smallest]]);
    expect(() => given((x, y) => tf.floorDiv(x, y), whole([1]), whole([0]))).toThrow(/division by zero/);
  });

  test('leave no tensors', () => {
    const [x, y] = [whole([7]), whole([2])];
    const before = tensorCount();
    tf.tidy(() => tf.round(tf.mod(tf.floorDiv(x, y), y)).dataSync());
    expect(tensorCount()).toBe(before);
    const quotient = tf.floorDiv(x, y);
    expect(tensorCount()).toBe(before + 1);
    tf.dispose([x, y, quotient]);
  });
});
