/**
 * A Jest environment in which TensorFlow works: Jest gives each test file typed arrays of its own, and tfjs does not
 * recognize those that the native library makes. Here test files share Node's.
 *
 * In `jest.config.js`: `testEnvironment: 'keras-pipe/jest-environment'`.
 */
import { createRequire } from 'node:module';
import { TestEnvironment } from 'jest-environment-node';
import { KOFFI_OUTSIDE } from './native/koffi';
import { keepTelling } from './native/telling';

const load = createRequire(__filename);

// What a test file has goes when it ends, its registries, too. This is outside of it.
keepTelling();

export default class KerasPipeEnvironment extends TestEnvironment {
  constructor(...parameters: ConstructorParameters<typeof TestEnvironment>) {
    super(...parameters);
    Object.assign(this.global, {
      ArrayBuffer,
      Uint8Array,
      Uint8ClampedArray,
      Uint16Array,
      Uint32Array,
      Int8Array,
      Int16Array,
      Int32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
      DataView,
      // koffi's JavaScript puts functions of its own into its addon, of which there is one for all test files: loaded by each of them,
      // it would hold on to all that went before.
      [KOFFI_OUTSIDE]: () => load('koffi') as unknown,
    });
  }
}
