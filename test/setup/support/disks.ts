import { privileged } from './mounts';

export { makeReadOnly, smallDisk, unmountAll } from './mounts';

/** Mounting needs privileges that a test run often lacks: then what needs it is reported as skipped. */
export const withMount = privileged('unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', __dirname)
  ? it
  : it.skip;
