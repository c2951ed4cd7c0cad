import { homedir } from 'node:os';
import path from 'node:path';

/** What a native library must fit. */
export interface Platform {
  /** `process.platform`. */
  readonly os: string;
  /** `process.arch`. */
  readonly arch: string;
  /** On linux `glibc` or `musl`, elsewhere `''`. */
  readonly libc: string;
}

/** The part of `process.report.getReport()` used here; Node.js's types leave it open. */
interface DiagnosticReport {
  readonly header?: { readonly glibcVersionRuntime?: string };
}

const linuxLibrary = (): string => {
  // Without this the report looks up the names of all open connections, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as DiagnosticReport;
  return report.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
};

export const currentPlatform = (): Platform => ({
  os: process.platform,
  arch: process.arch,
  libc: process.platform === 'linux' ? linuxLibrary() : '',
});

export const describePlatform = ({ os, arch, libc }: Platform): string =>
  `${os} ${arch}${libc === '' ? '' : ` with ${libc}`}`;

/** The folder, one per user, in which setup keeps what all projects share. */
export const cacheFolder = (
  env: NodeJS.ProcessEnv,
  os: string = process.platform,
  home = homedir(),
): string => {
  const named = env['KERAS_PIPE_CACHE'];
  if (named !== undefined && named !== '') return path.resolve(named);
  const base = env['XDG_CACHE_HOME'];
  // The specification of XDG_CACHE_HOME says that a relative path is to be ignored.
  if (base !== undefined && path.isAbsolute(base)) return path.join(base, 'keras-pipe');
  if (os === 'darwin') return path.join(home, 'Library', 'Caches', 'keras-pipe');
  if (os === 'win32')
    return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'keras-pipe');
  return path.join(home, '.cache', 'keras-pipe');
};
