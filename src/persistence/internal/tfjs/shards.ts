/** Weights in files of a few megabytes each, which browsers keep better than large ones. */
import { constants } from 'node:fs';
import { open, readdir, realpath, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { MalformedError } from '../../../files/malformed';
import { bytesOf, type WeightEntry, type WeightGroup } from './manifest';

/** Bytes in a file, as TensorFlow.js's converter has it. */
export const SHARD_BYTES = 4 * 1024 * 1024;

const NAME = /^group(\d+)-shard\d+of\d+\.bin$/;

/** Whether a file is named as shards are. */
export const isShardName = (name: string): boolean => NAME.test(name);

/** Names of files for so many bytes, none of which is in the folder: TensorFlow.js's converter begins with group 1. */
export const freeShardNames = (present: readonly string[], bytes: number): string[] => {
  const taken = new Set(present.map((name) => NAME.exec(name)?.[1]));
  let group = 1;
  while (taken.has(String(group))) group++;
  const count = Math.max(1, Math.ceil(bytes / SHARD_BYTES));
  return Array.from({ length: count }, (_, index) => `group${group}-shard${index + 1}of${count}.bin`);
};

/** Writes bytes into one file after the other. */
export class ShardWriter {
  private readonly names: string[];
  private handle: FileHandle | undefined;
  private left = 0;

  constructor(
    private readonly folder: string,
    names: readonly string[],
  ) {
    this.names = [...names];
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const handle = await this.current();
      const part = bytes.subarray(from, from + this.left);
      await handle.writeFile(part);
      from += part.length;
      this.left -= part.length;
    }
  }

  /** Files that nothing was written to are made, too. */
  async close(): Promise<void> {
    while (this.names.length > 0) {
      this.left = 0;
      await this.current();
    }
    await this.finish();
  }

  /** Lets go of the file that is open. */
  async discard(): Promise<void> {
    await this.handle?.close().catch(() => undefined);
    this.handle = undefined;
  }

  private async current(): Promise<FileHandle> {
    if (this.handle !== undefined && this.left > 0) return this.handle;
    await this.finish();
    const name = this.names.shift();
    if (name === undefined) throw new RangeError('there are more bytes than were to be written');
    // Never over a file that is there.
    this.handle = await open(path.join(this.folder, name), 'wx');
    this.left = SHARD_BYTES;
    return this.handle;
  }

  private async finish(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    if (handle === undefined) return;
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** A file of weights that is open. */
interface Shard {
  readonly file: string;
  readonly handle: FileHandle;
  readonly size: number;
}

/** Opens a file in a folder: no link out of it, and nothing but a file. */
const openShard = async (folder: string, name: string): Promise<Shard> => {
  const file = path.join(folder, name);
  const real = await realpath(file);
  const inside = path.relative(await realpath(folder), real);
  if (inside.startsWith('..') || path.isAbsolute(inside))
    throw new MalformedError(`${name} is a link out of the folder of model.json: put the file itself there`);
  // What is no file, such as a pipe, must not be waited for.
  const handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
  const status = await handle.stat();
  if (status.isFile()) return { file: real, handle, size: status.size };
  await handle.close();
  throw new MalformedError(`${name} must be a file`);
};

/** Reads the bytes of a group's weights, one after the other. */
export class ShardReader {
  private index = 0;
  private position = 0;

  private constructor(
    private readonly shards: readonly Shard[],
    private readonly group: WeightGroup,
  ) {}

  /** Opens the files of a group, which must have as many bytes as its weights. */
  static async open(folder: string, group: WeightGroup): Promise<ShardReader> {
    const shards: Shard[] = [];
    const reader = new ShardReader(shards, group);
    try {
      for (const name of group.paths) shards.push(await openShard(folder, name));
      const found = shards.reduce((sum, { size }) => sum + size, 0);
      const declared = group.weights.reduce((sum, weight) => sum + bytesOf(weight), 0);
      if (found !== declared) {
        throw new MalformedError(
          `the weights of ${group.paths.join(', ')} take ${declared} bytes by the manifest, and the files have ${found}`,
        );
      }
      return reader;
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** The files, behind links to them. */
  get files(): readonly string[] {
    return this.shards.map(({ file }) => file);
  }

  /** The bytes of the next weight. */
  async next(weight: WeightEntry): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(bytesOf(weight));
    for (let filled = 0; filled < bytes.length;) {
      const shard = this.shards[this.index];
      const read =
        shard === undefined
          ? 0
          : (await shard.handle.read(bytes, filled, bytes.length - filled, this.position)).bytesRead;
      filled += read;
      this.position += read;
      if (read > 0) continue;
      this.index++;
      this.position = 0;
      if (this.index >= this.shards.length)
        throw new MalformedError(`${this.group.paths.join(', ')} became shorter while they were read`);
    }
    return bytes;
  }

  async close(): Promise<void> {
    for (const { handle } of this.shards) await handle.close();
  }
}

/** Removes files of a folder. */
export const removeFiles = async (folder: string, names: readonly string[]): Promise<void> => {
  for (const name of names) await rm(path.join(folder, name), { force: true });
};

/** The names in a folder. */
export const namesIn = async (folder: string): Promise<string[]> => readdir(folder);
