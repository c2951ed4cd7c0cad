/** Zip archives of a few entries: written as they are, not packed, and read where they lie. */
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Transform, Writable, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile as OpenZip } from 'yauzl';
import { ZipFile } from 'yazl';
import { messageOf } from '../base/causes';
import { excerpt, MalformedError } from './malformed';
import { withPrivateFolder } from './unfinished';

/** An entry to be written: its bytes, or the file that has them. */
export interface ZipContent {
  readonly name: string;
  readonly content: Buffer | { readonly file: string };
}

/** Writes an archive whose entries are stored as they are, so that others can read them where they lie. */
export const writeZip = async (file: string, entries: readonly ZipContent[]): Promise<void> => {
  const zip = new ZipFile();
  const output = zip.outputStream as NodeJS.ReadableStream & { destroy(error: Error): void }; // a stream of Node's
  zip.on('error', (error: Error) => output.destroy(error));
  for (const { name, content } of entries) {
    if (Buffer.isBuffer(content)) zip.addBuffer(content, name, { compress: false });
    else zip.addFile(content.file, name, { compress: false });
  }
  zip.end();
  await pipeline(output, createWriteStream(file));
};

/** A part of a file, or all of it. */
export interface FilePart {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

const STORED = 0;
const MAX_ENTRIES = 100_000;

/** What a system says of a file stays as it is; what the archive's reader says is about its content. */
const asMalformed = (error: unknown): unknown =>
  error instanceof MalformedError || (typeof error === 'object' && error !== null && 'syscall' in error)
    ? error
    : new MalformedError(`its archive cannot be read: ${excerpt(messageOf(error))}`);

const orMalformed = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw asMalformed(error);
  }
};

/** An archive that is open for reading. Nothing of it is trusted: sizes, names and checksums are held against what there is. */
export class ZipReader {
  private constructor(
    private readonly file: string,
    private readonly zip: OpenZip,
    private readonly entries: ReadonlyMap<string, Entry>,
    private readonly limit: number,
  ) {}

  /**
   * Opens an archive whose entries may unpack to `limit` bytes each at the most.
   *
   * @throws MalformedError if it is no zip, or has names that lead out of it or come twice.
   */
  static async open(file: string, limit: number): Promise<ZipReader> {
    return orMalformed(async () => {
      const zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true });
      try {
        if (zip.entryCount > MAX_ENTRIES)
          throw new MalformedError(`its archive is said to have ${zip.entryCount} entries`);
        const entries = new Map<string, Entry>();
        for await (const entry of zip.eachEntry()) {
          const { fileName } = entry;
          if (entries.has(fileName)) throw new MalformedError(`its archive has '${excerpt(fileName)}' twice`);
          entries.set(fileName, entry);
        }
        return new ZipReader(file, zip, entries, limit);
      } catch (error) {
        zip.close();
        throw error;
      }
    });
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** The text of an entry. */
  async text(name: string): Promise<string> {
    return (await this.bytes(name)).toString('utf8');
  }

  /** The bytes of an entry. */
  async bytes(name: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    const collect = new Writable({
      write(chunk: Buffer, _encoding, done) {
        parts.push(chunk);
        done();
      },
    });
    await this.copy(this.entry(name), collect);
    return Buffer.concat(parts);
  }

  /** Uses an entry as a part of a file: where it lies if it is stored as it is, and unpacked in a private place otherwise. */
  async withPart<T>(name: string, use: (part: FilePart) => Promise<T>): Promise<T> {
    const entry = this.entry(name);
    if (entry.compressionMethod === STORED) {
      await this.copy(entry, new Writable({ write: (_chunk, _encoding, done) => done() }));
      const { fileDataStart } = await orMalformed(async () =>
        this.zip.readLocalFileHeaderPromise(entry, { minimal: true }),
      );
      return use({ file: this.file, offset: fileDataStart, length: entry.uncompressedSize });
    }
    return withPrivateFolder(async (folder) => {
      const unpacked = path.join(folder, 'entry');
      await this.copy(entry, createWriteStream(unpacked, { flags: 'wx', mode: 0o600 }));
      return use({ file: unpacked, offset: 0, length: entry.uncompressedSize });
    });
  }

  close(): void {
    this.zip.close();
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      const there = this.names.slice(0, 5).join(', ');
      throw new MalformedError(
        `its archive has no '${name}', but ${excerpt(there === '' ? 'nothing' : there)}`,
      );
    }
    if (entry.isEncrypted()) throw new MalformedError(`'${name}' in its archive is encrypted`);
    if (entry.uncompressedSize > this.limit)
      throw new MalformedError(
        `'${name}' in its archive is said to unpack to ${entry.uncompressedSize} bytes`,
      );
    return entry;
  }

  private async copy(entry: Entry, target: Writable): Promise<void> {
    await orMalformed(async () => {
      const content = await this.zip.openReadStreamPromise(entry);
      await pipeline(content, new Checksum(entry), target);
    });
  }
}

/** Passes bytes on, and ends with an error unless their checksum is the one that the archive has. */
export class Checksum extends Transform {
  private sum = 0;

  constructor(private readonly entry: Entry) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.sum = crc32(chunk, this.sum);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const isRight = this.sum === this.entry.crc32;
    done(isRight ? null : new MalformedError(`the checksum of '${excerpt(this.entry.fileName)}' is wrong`));
  }
}
