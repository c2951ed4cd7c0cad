/** The records of TFRecord files, read here: the fields of protocol buffers, which the tests of the writer compare with TensorFlow's. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { crc32c, maskedCrc32c } from '../../../src/files/crc32c';

/** A feature's values: pieces of bytes, or whole numbers. */
export type RecordValue = Buffer[] | number[];

const varint = (bytes: Buffer, at: number): [value: number, next: number] => {
  let [value, scale, next] = [0, 1, at];
  for (;;) {
    const byte = bytes[next++] ?? 0;
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) return [value, next];
  }
};

/** The fields of a message whose values are all bytes. */
const fields = (bytes: Buffer): [field: number, value: Buffer][] => {
  const found: [number, Buffer][] = [];
  for (let at = 0; at < bytes.length;) {
    const [key, start] = varint(bytes, at);
    const [length, from] = varint(bytes, start);
    if ((key & 7) !== 2) throw new Error(`the wire type ${key & 7}`);
    found.push([key >>> 3, bytes.subarray(from, from + length)]);
    at = from + length;
  }
  return found;
};

const integers = (bytes: Buffer): number[] => {
  const found: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varint(bytes, at);
    found.push(value);
    at = next;
  }
  return found;
};

const one = (bytes: Buffer): [number, Buffer] => {
  const [found] = fields(bytes);
  if (found === undefined) throw new Error('an empty message');
  return found;
};

const valueOf = (feature: Buffer): RecordValue => {
  const [kind, list] = one(feature);
  const values = fields(list).map(([, value]) => value);
  return kind === 1 ? values : values.flatMap(integers);
};

const exampleOf = (bytes: Buffer): Record<string, RecordValue> =>
  Object.fromEntries(
    fields(one(bytes)[1]).map(([, entry]) => {
      const [[, key], [, feature]] = fields(entry) as [[number, Buffer], [number, Buffer]]; // a map's entry
      return [key.toString(), valueOf(feature)];
    }),
  );

/** The examples in a file; throws where a checksum is wrong. */
export const recordsIn = (file: string): Record<string, RecordValue>[] => {
  const bytes = readFileSync(file);
  const found: Record<string, RecordValue>[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    const sums = [bytes.subarray(at, at + 8), data].map((part) => maskedCrc32c(crc32c(part)));
    if (bytes.readUInt32LE(at + 8) !== sums[0] || bytes.readUInt32LE(at + 12 + length) !== sums[1])
      throw new Error(`a wrong checksum at ${at}`);
    found.push(exampleOf(data));
    at += 16 + length;
  }
  return found;
};

/** All examples of a part of a job, in order. */
export const examplesOf = (folder: string, files: readonly string[]): Record<string, RecordValue>[] =>
  files.flatMap((file) => recordsIn(path.join(folder, file)));

/** The numbers of a value that is raw bytes. */
export const floatsOf = (value: RecordValue | undefined): number[] => {
  const [bytes] = (value ?? []) as Buffer[]; // as the caller knows
  return [...new Float32Array(Uint8Array.from(bytes ?? []).buffer)];
};
