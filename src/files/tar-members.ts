/** Files by name out of a tar packed by gzip, in memory. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { messageOf } from '../base/causes';
import { excerpt, MalformedError, type ReadLimits } from './malformed';

const MAX_SEEN = 8;

/** Unpacks gzip piece by piece, and not beyond a limit. */
const inflate = async function* (content: Buffer, limit: number): AsyncGenerator<Buffer, void, void> {
  const stream = Readable.from([content]).pipe(createGunzip({ chunkSize: 1 << 20 }));
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw new MalformedError(`it unpacks to more than ${limit} bytes`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof MalformedError) throw error;
    throw new MalformedError(`it is no whole gzip archive (${excerpt(messageOf(error))})`, { cause: error });
  } finally {
    stream.destroy();
  }
};

/**
 * Reads files by name out of the content of a `.tar.gz`. Other members are not looked at; of several of one name the last counts, as
 * when they are unpacked. Nothing is written to the disk.
 *
 * @throws MalformedError if it is no such archive, is damaged, unpacks to more than `limits` allow, or lacks one of the names.
 */
export const readTarMembers = async <Name extends string>(
  content: Buffer,
  names: readonly Name[],
  limits: ReadLimits,
): Promise<Record<Name, Buffer>> => {
  const found = new Map<string, Buffer>();
  const seen: string[] = [];
  let failure: unknown;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      if (seen.length < MAX_SEEN) seen.push(excerpt(entry.path));
      const isWanted = entry.type === 'File' && names.some((name) => name === entry.path);
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => {
        // The parser may use its buffer again.
        if (isWanted) chunks.push(Buffer.from(chunk));
      });
      entry.on('end', () => {
        if (isWanted) found.set(entry.path, Buffer.concat(chunks));
      });
    },
  });
  parser.on('error', (error: unknown) => {
    failure ??= error;
  });
  for await (const chunk of inflate(content, limits.bytes)) {
    parser.write(chunk);
    if (failure !== undefined) break;
  }
  parser.end();
  if (failure !== undefined)
    throw new MalformedError(`its tar archive is damaged (${excerpt(messageOf(failure))})`);
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new MalformedError(
      `it lacks ${missing.map((name) => `'${name}'`).join(', ')}; it has ${seen.join(', ') || 'nothing'}`,
    );
  }
  return Object.fromEntries(found) as Record<Name, Buffer>; // every name was found
};
