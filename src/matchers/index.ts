/**
 * Matchers for the tests of programs that use this library, in Jest and in Vitest.
 *
 * ```ts
 * import { kerasMatchers } from 'keras-pipe/matchers';
 * expect.extend(kerasMatchers);
 * ```
 *
 * or, for all test files, `setupFilesAfterEnv: ['keras-pipe/matchers/jest']` in Jest's configuration, and
 * `setupFiles: ['keras-pipe/matchers/vitest']` in Vitest's.
 */
import { toBeCloseToTensor } from './close-to';
import { toLeaveNoTensors } from './memory';
import { toHaveShape } from './shape';
import '../tfjs/ready';

export type { KerasMatchers, MatcherResult } from './types';
export { toBeCloseToTensor, toHaveShape, toLeaveNoTensors };

/** All matchers, for `expect.extend(kerasMatchers)`. */
export const kerasMatchers = { toBeCloseToTensor, toHaveShape, toLeaveNoTensors };
