import { tensorflow115, tensorflowWheels, type NativeRelease, type PinnedWheel } from './pinned';
import { samePlatform, type Platform } from './platform';

/** What the archive of the C library has, of which an older one comes on some systems. */
export const ARCHIVED = '2.9.1';

/** What setup fetches with npm and with pip. */
export interface Fetchable {
  readonly release: NativeRelease;
  readonly wheels: readonly PinnedWheel[];
}

/** The versions that setup can fetch for a system, in the order in which they are tried. */
export const versionsFor = (
  platform: Platform,
  { release, wheels }: Fetchable = { release: tensorflow115, wheels: tensorflowWheels },
): string[] => {
  const serves = (needed: Platform): boolean => samePlatform(needed, platform);
  return [
    ...(serves(release.platform) ? [release.tensorflow] : []),
    ...wheels.filter((wheel) => serves(wheel.platform)).map(({ version }) => version),
    ...(platform.libc === 'musl' ? [] : [ARCHIVED]),
  ];
};

/** What to do where nothing has the version that an option or a variable asks for. */
export const askFor = (by: string, versions: readonly string[]): string => {
  const asked = versions.map((one) => (by.startsWith('--') ? `\`${by} ${one}\`` : `\`${by}=${one}\``));
  return `${asked.length === 0 ? 'Name' : `Ask for ${asked.join(', ')}, or name`} a folder with another.`;
};
