/** Reads files of events, apart from what writes them: the format's own rules, worked from TensorFlow's definitions. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';

/** CRC-32C bit by bit: the definition. */
const crc32c = (bytes: Uint8Array): number => {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1;
  }
  return ~sum >>> 0;
};
const masked = (sum: number): number => (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;

/** The records of a file; throws where a checksum is wrong, or the end is missing. */
export const recordsOf = (file: Buffer): Buffer[] => {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 8) !== masked(crc32c(file.subarray(at, at + 8))))
      throw new Error('wrong length');
    if (file.readUInt32LE(at + 12 + length) !== masked(crc32c(data))) throw new Error('wrong data');
    records.push(data);
    at += 16 + length;
  }
  return records;
};

type Field = number | Buffer;

/** The fields of a message, by number: numbers, and bytes. */
const fieldsOf = (message: Buffer): Map<number, Field[]> => {
  const fields = new Map<number, Field[]>();
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const add = (value: Field): void => void fields.set(key >>> 3, [...(fields.get(key >>> 3) ?? []), value]);
    if ((key & 7) === 0) add(varint());
    else if ((key & 7) === 1) {
      add(message.readDoubleLE(at));
      at += 8;
    } else if ((key & 7) === 2) {
      const length = varint();
      add(message.subarray(at, at + length));
      at += length;
    } else throw new Error(`unexpected wire type ${key & 7}`);
  }
  return fields;
};

const bytesIn = (fields: Map<number, Field[]>, field: number): Buffer => fields.get(field)?.[0] as Buffer;
const numberIn = (fields: Map<number, Field[]>, field: number): number =>
  (fields.get(field)?.[0] as number | undefined) ?? 0;

/** A value of a step. */
export interface EventValue {
  readonly tag: string;
  readonly step: number;
  readonly plugin: string;
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
  readonly files: readonly Buffer[];
}

/** All values in a folder's one file of events. */
export const valuesIn = (folder: string): EventValue[] => {
  const names = readdirSync(folder).filter((name) => name.includes('tfevents'));
  expect(names).toHaveLength(1);
  const [first, ...events] = recordsOf(readFileSync(path.join(folder, names[0] ?? ''))).map(fieldsOf);
  expect(first === undefined ? undefined : bytesIn(first, 3).toString()).toBe('brain.Event:2');
  return events.flatMap((event) => {
    // Now, and not in another unit.
    expect(Math.abs(numberIn(event, 1) - Date.now() / 1000)).toBeLessThan(600);
    return (fieldsOf(bytesIn(event, 5)).get(1) ?? []).map((value) => {
      const fields = fieldsOf(value as Buffer);
      const tensor = fieldsOf(bytesIn(fields, 8));
      const metadata = fieldsOf(bytesIn(fieldsOf(bytesIn(fields, 9)), 1));
      const content = (tensor.get(4)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
      const isDouble = numberIn(tensor, 1) === 2;
      const size = isDouble ? 8 : 4;
      return {
        tag: bytesIn(fields, 1).toString(),
        step: numberIn(event, 2),
        plugin: bytesIn(metadata, 1).toString(),
        shape: (fieldsOf(bytesIn(tensor, 2)).get(2) ?? []).map((one) => numberIn(fieldsOf(one as Buffer), 1)),
        numbers: Array.from({ length: content.length / size }, (_, index) =>
          isDouble ? content.readDoubleLE(index * 8) : content.readFloatLE(index * 4),
        ),
        files: (tensor.get(8) ?? []) as Buffer[],
      };
    });
  });
};

/** The pixels of a PNG file without filters, of eight bits. */
export const pixelsOf = (png: Buffer): number[] => {
  const [width, height, depth, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25] ?? 0];
  expect(depth).toBe(8);
  const line = width * ([1, 0, 3, 0, 2, 0, 4][kind] ?? 0);
  const data = png.subarray(41, 41 + png.readUInt32BE(33));
  expect(png.subarray(37, 41).toString()).toBe('IDAT');
  const lines = inflateSync(data);
  return Array.from({ length: height }, (_, row) => {
    expect(lines[row * (line + 1)]).toBe(0);
    return [...lines.subarray(row * (line + 1) + 1, (row + 1) * (line + 1))];
  }).flat();
};
