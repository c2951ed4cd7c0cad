import { createRequire, Module } from 'node:module';
import type * as Tfjs from '@tensorflow/tfjs';

/** The version of tfjs whose parts export what is listed here. */
const KNOWN_VERSION = '4.22.0';

/** What the parts of tfjs export that a program seldom needs, by their packages; a test holds the lists against the parts. */
export const LATE_PARTS: Readonly<
  Record<string, { readonly version: string; readonly names: readonly string[] }>
> = {
  '@tensorflow/tfjs-converter': {
    version: 'version_converter',
    names: ['GraphModel', 'deregisterOp', 'loadGraphModel', 'loadGraphModelSync', 'registerOp'],
  },
  '@tensorflow/tfjs-data': {
    version: 'version_data',
    names: [
      ...['CSVDataset', 'Dataset', 'FileDataSource', 'TextLineDataset', 'URLDataSource', 'array', 'csv'],
      ...['func', 'generator', 'microphone', 'webcam', 'zip'],
    ],
  },
  '@tensorflow/tfjs-backend-webgl': {
    version: 'version_webgl',
    names: [
      ...['GPGPUContext', 'MathBackendWebGL', 'forceHalfFloat', 'gpgpu_util', 'setWebGLContext', 'webgl'],
      'webgl_util',
    ],
  },
};

type Exports = Readonly<Record<string, unknown>>;

/** A file that is loaded when one first looks at what it exports. */
class LateModule {
  private readonly standIn: NodeJS.Module;
  private loaded: Exports | undefined;

  constructor(
    private readonly require: NodeJS.Require,
    readonly file: string,
    exports: (of: () => Exports) => object,
  ) {
    this.standIn = Object.assign(new Module(file), { filename: file, loaded: true });
    this.standIn.exports = exports(() => this.load());
  }

  /** Puts it where `require` looks first, unless the file was loaded before or that is not permitted, as under Jest. */
  install(): void {
    const { cache } = this.require;
    if (cache[this.file] === undefined) cache[this.file] = this.standIn;
  }

  load(): Exports {
    if (this.loaded !== undefined) return this.loaded;
    const { require, file } = this;
    if (require.cache[file] === this.standIn) Reflect.deleteProperty(require.cache, file);
    return (this.loaded = require(file) as Exports);
  }
}

/** What a part exports: its version at once, and all else when it is looked at. */
const exportsOf =
  ({ version, names }: { readonly version: string; readonly names: readonly string[] }) =>
  (of: () => Exports): object =>
    Object.defineProperties(
      { [version]: KNOWN_VERSION },
      Object.fromEntries(names.map((name) => [name, { enumerable: true, get: () => of()[name] }])),
    );

/** What is known of a flag before all that set flags have been loaded. */
interface Environment {
  readonly flagRegistry: Readonly<Record<string, unknown>>;
  set(name: string, value: unknown): void;
  evaluateFlag(name: string): unknown;
}

/** Loads the parts before a flag that none has set yet: it may be one of theirs. */
const completeFlags = (tf: typeof Tfjs, parts: readonly LateModule[]): void => {
  const environment = tf.env() as unknown as Environment; // its own fields, some of which are private
  const set = environment.set.bind(environment);
  const evaluateFlag = environment.evaluateFlag.bind(environment);
  const complete = (name: string): void => {
    if (environment.flagRegistry[name] === undefined) for (const part of parts) part.load();
  };
  environment.set = (name, value) => {
    complete(name);
    set(name, value);
  };
  environment.evaluateFlag = (name) => {
    complete(name);
    return evaluateFlag(name);
  };
};

/**
 * Loads tfjs, but for the parts that programs on Node.js seldom need, a third of it: graph models, data sets, WebGL. They are loaded when
 * one first looks at what they export. So are the classes of Google's protocol buffers that tfjs-node has for SavedModels.
 *
 * @param require that of the package tfjs-node
 */
export const loadTfjs = (require: NodeJS.Require): typeof Tfjs => {
  const file = require.resolve('@tensorflow/tfjs');
  const ofTfjs = createRequire(file);
  const versionOf = (part: string): unknown =>
    (ofTfjs(`${part}/package.json`) as { readonly version: unknown }).version;
  const parts = Object.entries(LATE_PARTS)
    .filter(([part]) => versionOf(part) === KNOWN_VERSION)
    .map(([part, exports]) => new LateModule(ofTfjs, ofTfjs.resolve(part), exportsOf(exports)));
  for (const part of parts) part.install();
  const messages = new LateModule(
    require,
    require.resolve('./dist/proto/api_pb'),
    (of) => new Proxy({}, { get: (_, name) => Reflect.get(of(), name) as unknown }),
  );
  messages.install();
  const tf = require('@tensorflow/tfjs') as typeof Tfjs;
  completeFlags(tf, parts);
  return tf;
};
