import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { KerasNativeError } from '../../src/base/errors';
import { load } from '../../src/tfjs/load';
import { TYPESCRIPT } from '../support/programs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (file: string, content: string): void => {
  const whole = path.join(folder, file);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, content);
};

/** An environment that names nothing, and a cache that is empty. */
const emptyEnvironment = (): NodeJS.ProcessEnv => ({ KERAS_PIPE_CACHE: path.join(folder, 'cache') });

const failure = (environment: NodeJS.ProcessEnv = {}): KerasNativeError => {
  try {
    load(folder, { ...emptyEnvironment(), ...environment });
  } catch (error) {
    if (error instanceof KerasNativeError) return error;
    throw error;
  }
  throw new Error('it loaded');
};

const message = (received: string): string =>
  `keras-pipe: TensorFlow's C library must be in place. Received: ${received}. Run \`npx keras-pipe setup\` ` +
  'in the project, after each `npm ci` again; it says what it does and, if it cannot, why.';

const javascript = 'node_modules/@tensorflow/tfjs-node';

it("says what to do when tfjs-node's JavaScript is missing", () => {
  put('package.json', '{}');
  const { message: text, kind } = failure();
  expect(text).toBe(message('no @tensorflow/tfjs-node'));
  expect(kind).toBe('native');
});

it('says what to do when the library is missing, or none is of the version that is asked for', () => {
  put('package.json', '{}');
  put(`${javascript}/package.json`, '{}');
  expect(failure().message).toBe(message('none'));
  for (const asked of ['2.x', '2.x ']) {
    expect(failure({ KERAS_PIPE_LIBRARY: asked }).message).toBe(
      "keras-pipe: TensorFlow's C library must be in place. Received: none of version 2.x, which KERAS_PIPE_LIBRARY names. " +
        'Run `npx keras-pipe setup` in the project while KERAS_PIPE_LIBRARY is so, which fetches that version, or unset it.',
    );
  }
});

it.each(['3', '1.14'])(
  'says which versions there are where setup cannot fetch what is asked for: %s',
  (asked) => {
    put('package.json', '{}');
    put(`${javascript}/package.json`, '{}');
    const { message: text } = failure({ KERAS_PIPE_LIBRARY: asked });
    expect(text).toMatch(
      new RegExp(
        `Received: none of version ${asked}, which KERAS_PIPE_LIBRARY names\\. ` +
          'Ask for (`KERAS_PIPE_LIBRARY=[\\d.]+`, )+or name a folder with another\\.$',
      ),
    );
    if (process.platform === 'linux' && process.arch === 'x64')
      for (const version of ['1.15.0', '2.21.0', '2.13.1', '2.9.1'])
        expect(text).toContain(`\`KERAS_PIPE_LIBRARY=${version}\``);
  },
);

it('says which folder is gone', () => {
  put('package.json', '{}');
  put(`${javascript}/package.json`, '{}');
  const chosen = path.join(folder, 'chosen');
  put('native/library.json', JSON.stringify({ folder: chosen, version: '2.9.1' }));
  expect(failure().message).toBe(message(`none in ${chosen}, the folder that setup has chosen`));
});

it('says what is wrong with the library that it finds', () => {
  put('package.json', '{}');
  put(`${javascript}/package.json`, '{}');
  put(`${javascript}/deps/lib/libtensorflow.so.1`, 'rubbish');
  if (process.platform === 'linux') {
    expect(failure().message).toMatch(
      /must be a shared library. Received: .*libtensorflow\.so\.1, 7 bytes, which is none\. Run `npx/,
    );
  }
});

it('says which variable names a folder without a library', () => {
  put('package.json', '{}');
  put(`${javascript}/package.json`, '{}');
  put('empty/nothing', '');
  for (const name of ['nowhere', 'empty']) {
    const asked = path.join(folder, name);
    expect(failure({ LIBTENSORFLOW_DIR: asked }).message).toMatch(
      new RegExp(
        `Received: none in ${asked}, which LIBTENSORFLOW_DIR names\\. Have LIBTENSORFLOW_DIR name a folder with \\w+`,
      ),
    );
    expect(failure({ KERAS_PIPE_LIBRARY: asked }).message).toContain(
      'Have KERAS_PIPE_LIBRARY name a version, such as 1.15 or 2.x, or a folder with ',
    );
  }
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
  const program = (sources: string): string =>
    `const { tf } = require(${JSON.stringify(path.join(sources, 'tfjs', 'tensorflow.ts'))}); console.log(tf.add(1, 2).dataSync()[0]);`;
  const start = (sources: string, environment: NodeJS.ProcessEnv = {}) => {
    const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
    return spawnSync(process.execPath, [...TYPESCRIPT, '-e', program(sources)], {
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
    expect(stderr).toMatch(/[ /]cpu_feature_guard\.cc:\d+\] /);
  });

  it('names the command when there is no TensorFlow', () => {
    const copy = path.join(folder, 'src');
    mkdirSync(copy);
    for (const part of ['base', 'native', 'tfjs']) {
      cpSync(path.join(source, part), path.join(copy, part), { recursive: true });
    }
    const { status, stderr } = start(copy);
    expect(status).toBe(1);
    expect(stderr).toContain(`KerasNativeError: ${message('no @tensorflow/tfjs-node')}`);
  });
});
