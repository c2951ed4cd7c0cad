import type { Trial } from './check';
import type { NativeRelease, PinnedPackage, PinnedWheel } from '../native/pinned';
import type { Platform } from '../native/platform';
import type { Report } from './report';

/** All that setup depends on. */
export interface SetupOptions {
  /** This package's own folder. */
  readonly root: string;
  /** The user's project, in which npm and pip are run. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The per-user cache. */
  readonly cache: string;
  readonly platform: Platform;
  readonly javascript: PinnedPackage;
  readonly release: NativeRelease;
  readonly wheels: readonly PinnedWheel[];
  readonly report: Report;
  /** How the library in a folder is tried. */
  readonly tryNative: (folder: string) => Promise<Trial>;
  /** How koffi is tried, which calls the library. */
  readonly tryKoffi: () => Promise<Trial>;
  /** Whether to go on although TensorFlow is in place and works. */
  readonly force: boolean;
  /** A version or a folder; undefined if anything that works will do. */
  readonly library?: string | undefined;
  /** How long the C archive's host may take to answer, and how long its download may do nothing. */
  readonly answerMilliseconds: number;
  readonly idleMilliseconds: number;
}
