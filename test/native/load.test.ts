import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import util from 'node:util';
import { KerasNativeError } from '../../src/base/errors';
import { load } from '../../src/native/load';
import { setupRuntime } from '../../src/native/runtime';
import { addonText, makeProject, removeFolders, run, temporaryFolder, write } from '../setup/support/project';

afterEach(removeFolders);

const addonOf = (runtime: string): string => path.join(runtime, 'lib', 'napi-v8', 'tfjs_binding.node');

const failure = (root: string): KerasNativeError => {
  try {
    load(root);
  } catch (error) {
    if (error instanceof KerasNativeError) return error;
    throw error;
  }
  throw new Error('it loaded');
};

const message = (received: string): string =>
  `keras-pipe: TensorFlow's C library must be in place. Received: ${received}. Run \`npx keras-pipe setup\`, ` +
  'once in each project; it says what it does and, if it cannot, why.';

it('says what to do when tfjs-node is missing', () => {
  const { message: text, kind } = failure(makeProject({ withRuntime: false }).options.root);
  expect(text).toBe(message('no @tensorflow/tfjs-node'));
  expect(kind).toBe('native');
});

it('says what to do when its native part is missing', () => {
  expect(failure(makeProject().options.root).message).toBe(
    message('@tensorflow/tfjs-node without its native part'),
  );
});

it('says what to do when its native part does not load, with the cause', () => {
  const project = makeProject();
  write(addonOf(project.runtime), 'rubbish');
  const error = failure(project.options.root);
  expect(error.message).toBe(message('a native part that does not load: invalid ELF header'));
  expect(error.cause).toMatchObject({ message: 'invalid ELF header\nmore' });
});

it.each([
  ["npm's tfjs-node if it is whole", addonText('2.9.1')],
  ['else the one that setup brought', undefined],
])('takes %s', async (_name, addon) => {
  const [source, project] = [makeProject({ withRuntime: false }), makeProject()];
  await run(source);
  const own = setupRuntime(project.options.root);
  const modules = (runtime: string): string => path.join(runtime, '..', '..');
  cpSync(modules(setupRuntime(source.options.root)), modules(own), { recursive: true });
  if (addon !== undefined) write(addonOf(project.runtime), addon);
  expect(load(project.options.root)).toMatchObject({ addon: addon ?? addonText('1.15.0') });
});

it('gives node:util back what tfjs-node calls', () => {
  const removed = ['isNullOrUndefined', 'isArray', 'isString', 'isObject'] as const;
  const functions = util as unknown as Record<string, ((value: unknown) => boolean) | undefined>;
  for (const name of removed) functions[name] = undefined;
  load();
  const results = removed.map((name) =>
    [null, undefined, [], 'a', {}, 0].map((value) => functions[name]?.(value)),
  );
  expect(results).toEqual([
    [true, true, false, false, false, false],
    [false, false, true, false, false, false],
    [false, false, false, true, false, false],
    [false, false, true, false, true, false],
  ]);
});

describe('the import', () => {
  const source = path.join(__dirname, '..', '..', 'src');
  const program = (folder: string): string =>
    `const { tf } = require(${JSON.stringify(path.join(folder, 'tfjs', 'tensorflow.ts'))}); console.log(tf.add(1, 2).dataSync()[0]);`;
  const start = (folder: string, environment: NodeJS.ProcessEnv = {}) => {
    const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
    return spawnSync(process.execPath, ['--require', require.resolve('tsx'), '-e', program(folder)], {
      encoding: 'utf8',
      env: { ...env, ...environment },
    });
  };

  it('is silent', () => {
    expect(start(source)).toMatchObject({ status: 0, stdout: '3\n', stderr: '' });
  });

  it('leaves the log level to the user', () => {
    const { status, stderr } = start(source, { TF_CPP_MIN_LOG_LEVEL: '0' });
    expect(status).toBe(0);
    expect(stderr).toContain('tensorflow/core/platform/cpu_feature_guard.cc');
  });

  it('names the command when there is no TensorFlow', () => {
    const copy = path.join(temporaryFolder(), 'src');
    mkdirSync(copy);
    for (const part of ['base', 'native', 'tfjs']) {
      cpSync(path.join(source, part), path.join(copy, part), { recursive: true });
    }
    const { status, stderr } = start(copy);
    expect(status).toBe(1);
    expect(stderr).toContain(`KerasNativeError: ${message('no @tensorflow/tfjs-node')}`);
  });
});
