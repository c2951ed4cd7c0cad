/**
 * Registers the matchers with Vitest's `expect`, in `vitest.config.ts`: `setupFiles: ['keras-pipe/matchers/vitest']`.
 */
import { expect } from 'vitest';
import { kerasMatchers } from './index.js';
import type { KerasMatchers } from './types.js';

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- all of it is inherited
  interface Assertion<T> extends KerasMatchers<void, T> {}
}

expect.extend(kerasMatchers);
