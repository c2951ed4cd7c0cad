import { basename, join, resolve } from 'node:path';
import { homedir } from 'node:os';
import {
  argumentError,
  boolean,
  checkOptions,
  nonEmptyString,
  oneOf,
  optional,
  required,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { refuseSurplus } from '../base/function-name';
import type { Checksum } from '../files/download';
import { cacheEnvironment } from './cache';
import { cachedFile } from './cached-file';
import { orNull } from './options';

/** Options of {@link getFile}. */
export interface GetFileOptions {
  /** The address of the file: http or https. */
  origin: string;
  /** What the file is called in the cache: by default as in `origin`. May be an absolute path. */
  fname?: string | undefined;
  /** The hash that the file must have, in hexadecimal digits. Without one, what comes is taken as it is. */
  fileHash?: string | undefined;
  /** The folder below the cache's; 'datasets' by default. May be an absolute path. */
  cacheSubdir?: string | undefined;
  /** 'sha256' or 'md5'; 'auto', by default, tells them apart by their lengths, 64 and 32 digits. */
  hashAlgorithm?: 'auto' | 'sha256' | 'md5' | undefined;
  /** Whether the file is an archive that is to be unpacked beside it; false by default. */
  extract?: boolean | undefined;
  /** 'tar', plain or by gzip, 'zip', or 'auto', by default, for either; null to unpack nothing. */
  archiveFormat?: 'auto' | 'tar' | 'zip' | null | undefined;
  /** The cache's folder: by default `KERAS_HOME`, or `.keras` in the home folder. */
  cacheDir?: string | undefined;
  /** An older form of `extract`: `fname` is what the archive unpacks to, which is what comes back; the archive is `fname`.tar.gz. */
  untar?: boolean | undefined;
}

const NAME = 'getFile';

const address: Check<URL> = (value, place) => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw argumentError(place, 'an address that begins with http:// or https://', value);
};

const CHECKS = {
  fname: optional(nonEmptyString),
  origin: required(address),
  fileHash: optional(nonEmptyString),
  cacheSubdir: optional(nonEmptyString, 'datasets'),
  hashAlgorithm: optional(oneOf('auto', 'sha256', 'md5'), 'auto'),
  extract: optional(boolean, false),
  archiveFormat: optional(orNull(oneOf('auto', 'tar', 'zip')), 'auto'),
  cacheDir: optional(nonEmptyString),
  untar: optional(boolean, false),
} satisfies OptionChecks<GetFileOptions>;

const DIGITS = { sha256: 64, md5: 32 } as const;

const checksumOf = (hash: string | undefined, algorithm: 'auto' | 'sha256' | 'md5'): Checksum | undefined => {
  if (hash === undefined) return undefined;
  const chosen = algorithm === 'auto' ? (hash.length === DIGITS.md5 ? 'md5' : 'sha256') : algorithm;
  if (hash.length === DIGITS[chosen] && /^[\da-f]+$/i.test(hash)) {
    return { algorithm: chosen, hex: hash.toLowerCase() };
  }
  const wanted =
    algorithm === 'auto'
      ? '64 hexadecimal digits, of sha256, or 32, of md5'
      : `${DIGITS[chosen]} hexadecimal digits, of ${chosen}`;
  throw argumentError({ function: NAME, argument: 'fileHash' }, wanted, hash, 'sha256sum FILE prints them');
};

const nameOf = (origin: URL, fname: string | undefined): string => {
  if (fname !== undefined) return fname;
  const name = decodeURIComponent(basename(origin.pathname));
  if (name !== '' && !/[/\\]/.test(name) && name !== '..') return name;
  throw argumentError(
    { function: NAME, argument: 'fname' },
    'given where the address does not end in the name of a file',
    undefined,
    "Write for example fname: 'data.csv'",
  );
};

/**
 * The path of a file from the network, which is downloaded into Keras's cache unless it is there: a promise of it.
 *
 * With `fileHash` the file is checked, an old one in the cache, too: one that differs is downloaded anew, and kept under another name. A
 * download that breaks off is then continued, by the next call as well. With `extract` an archive is unpacked beside it, as a whole or
 * not at all; what would lead out of the folder, links and devices are refused.
 *
 * @throws KerasArgumentError if `origin` is no address, or `fileHash` no hash.
 * @throws KerasFileError if the file cannot be had, has another hash, or cannot be unpacked.
 * @example
 * await assert.rejects(getFile({ origin: 'nietzsche.txt' }), /must be an address that begins with http/)
 * @see R keras `get_file`
 */
export const getFile = async (options: GetFileOptions, ...surplus: []): Promise<string> => {
  refuseSurplus(NAME, ['options'], surplus);
  const checked = checkOptions(NAME, options, CHECKS);
  const { origin, cacheSubdir, cacheDir, extract, archiveFormat, untar } = checked;
  const environment = cacheEnvironment();
  const home =
    cacheDir === undefined ? environment.home : resolve(cacheDir.replace(/^~(?=$|[/\\])/, homedir()));
  const name = nameOf(origin, checked.fname);
  const bare = name.replace(/\.tar\.gz$/, '');
  return cachedFile(
    {
      address: origin,
      place: [cacheSubdir, untar ? `${bare}.tar.gz` : name],
      hash: checksumOf(checked.fileHash, checked.hashAlgorithm),
      archive: untar ? 'tar' : extract && archiveFormat !== null ? archiveFormat : undefined,
      unpacked: untar ? join(resolve(home, cacheSubdir), bare) : undefined,
    },
    { ...environment, home },
  );
};
