import { binding } from '../../src/tfjs/binding';

/** Whether the C library that the tests run on is of a version that begins so: `onLibrary('1.')`. See docs/libraries.md. */
export const onLibrary = (start: string): boolean => binding().TF_Version.startsWith(start);
