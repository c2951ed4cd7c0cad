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

/** Whether what is for one system is for another. */
export const samePlatform = (one: Platform, other: Platform): boolean =>
  one.os === other.os && one.arch === other.arch && one.libc === other.libc;
