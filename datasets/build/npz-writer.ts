/**
 * Writes `.npz` files (a zip of `.npy` arrays) that NumPy and this package read: arrays of numbers, and arrays of lists of
 * whole numbers as NumPy pickles them (protocol 2).
 */
import { crc32, deflateRawSync } from 'node:zlib';

/** NumPy's name of an element type and the bytes of the elements, little-endian and row-major. */
export interface Numbers {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const littleEndian = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};

/** An `.npy` file, its data aligned to 64 bytes as NumPy does. */
export const npy = (type: string, shape: readonly number[], data: Uint8Array): Buffer => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const description = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + description.length + 1) / 64) * 64 - 10;
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    littleEndian(length, 2),
    Buffer.from(`${description.padEnd(length - 1)}\n`, 'latin1'),
    data,
  ]);
};

const integer = (value: number): Buffer => {
  if (value < 0x100) return Buffer.from([0x4b, value]);
  if (value < 0x10000) return Buffer.concat([Buffer.from('M'), littleEndian(value, 2)]);
  return Buffer.concat([Buffer.from('J'), littleEndian(value, 4)]);
};

/** A pickled NumPy array of Python lists. */
export const pickledLists = (lists: readonly (readonly number[])[]): Buffer => {
  const list = (items: readonly Buffer[]): Buffer =>
    Buffer.concat([Buffer.from(']('), ...items, Buffer.from('e')]);
  const shortString = (text: string): Buffer =>
    Buffer.from(`U${String.fromCharCode(text.length)}${text}`, 'latin1');
  return Buffer.concat([
    Buffer.from('\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n', 'latin1'),
    Buffer.from('K\x00\x85', 'latin1'),
    shortString('b'),
    Buffer.from('\x87R(K\x01', 'latin1'),
    integer(lists.length),
    Buffer.from('\x85cnumpy\ndtype\n', 'latin1'),
    shortString('O8'),
    Buffer.from('K\x00K\x01\x87R(K\x03', 'latin1'),
    shortString('|'),
    Buffer.from('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89', 'latin1'),
    list(lists.map((ids) => list(ids.map(integer)))),
    Buffer.from('tb.', 'latin1'),
  ]);
};

/** A zip archive of files, deflated, without dates so that the same content makes the same bytes. */
export const zip = (files: Readonly<Record<string, Uint8Array>>): Buffer => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content, { level: 9 });
    const common = Buffer.concat([
      littleEndian(20, 2), // version needed
      littleEndian(0, 2), // flags
      littleEndian(8, 2), // deflate
      littleEndian(0, 2), // time
      littleEndian(0x21, 2), // date: the first there is, 1980-01-01
      littleEndian(crc32(content), 4),
      littleEndian(packed.length, 4),
      littleEndian(content.length, 4),
      littleEndian(name.length, 2),
      littleEndian(0, 2), // extra field
    ]);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    directory.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02', 'latin1'),
        littleEndian(20, 2), // version made by
        common,
        Buffer.alloc(10), // comment, disk, attributes
        littleEndian(offset, 4),
        Buffer.from(name),
      ]),
    );
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  return Buffer.concat([
    ...parts,
    entries,
    Buffer.from('PK\x05\x06\x00\x00\x00\x00', 'latin1'),
    littleEndian(directory.length, 2),
    littleEndian(directory.length, 2),
    littleEndian(entries.length, 4),
    littleEndian(offset, 4),
    littleEndian(0, 2),
  ]);
};

/** An `.npz` file: arrays of numbers, and lists of whole numbers, by name. */
export const npz = (arrays: Readonly<Record<string, Numbers | readonly (readonly number[])[]>>): Buffer =>
  zip(
    Object.fromEntries(
      Object.entries(arrays).map(([name, array]) => [
        `${name}.npy`,
        'type' in array
          ? npy(array.type, array.shape, array.data)
          : npy('|O', [array.length], pickledLists(array)),
      ]),
    ),
  );
