import type { LibraryHandle } from './koffi';

/** Releases of the Abseil library, whose names are in those of its functions, that TensorFlow has been built with. */
const ABSEIL_RELEASES = [20230802, 20240116, 20240722, 20250127, 20250512, 20250814];

/**
 * Makes newer versions write only what `TF_CPP_MIN_LOG_LEVEL` asks for. They read that variable for some of their lines only:
 * what Abseil logs goes to standard error until a program says otherwise.
 */
export const followLogLevel = (libraries: readonly LibraryHandle[]): void => {
  const level = Number(process.env['TF_CPP_MIN_LOG_LEVEL']);
  if (!(level > 0)) return;
  for (const library of libraries) {
    for (const release of ABSEIL_RELEASES) {
      try {
        // absl::SetStderrThreshold(absl::LogSeverityAtLeast), whose levels are numbered as the variable's.
        library.func(`_ZN4absl12lts_${release}18SetStderrThresholdENS0_18LogSeverityAtLeastE`, 'void', [
          'int',
        ])(level);
        return;
      } catch {
        // Built with another release, or none.
      }
    }
  }
};
