/**
 * Registers the matchers with Jest's global `expect`, in `jest.config.js`: `setupFilesAfterEnv: ['keras-pipe/matchers/jest']`.
 */
import { KerasStateError } from '../base/errors';
import { kerasMatchers } from './index';

const { expect } = globalThis as { expect?: { extend(matchers: object): void } };
if (expect === undefined) {
  throw new KerasStateError({
    function: 'keras-pipe/matchers/jest',
    expected: 'there must be a global `expect`, as in a test of Jest',
    received: 'none',
    advice:
      "Put the module into Jest's `setupFilesAfterEnv`; in tests that import `expect`, write expect.extend(kerasMatchers)",
  });
}
expect.extend(kerasMatchers);
