/** Archives written byte by byte, those that no program would write, too. */
import { crc32 } from 'node:zlib';

/** An entry of an archive. */
export interface ArchiveEntry {
  readonly name: string;
  readonly content: string;
  /** The kind and rights that Unix gives. */
  readonly mode?: number;
  /** A tar's kind of entry: '0' a file, '1' a hard link, '2' a link, '3' a device, '5' a folder. */
  readonly type?: string;
  readonly linkname?: string;
  /** How many bytes it is said to have, if not as many as it has. */
  readonly size?: number;
}

/** A zip whose entries are stored as they are. */
export const zipOf = (entries: readonly ArchiveEntry[]): Buffer => {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o100644, size } of entries) {
    const [path, data] = [Buffer.from(name), Buffer.from(content)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(size ?? data.length, 18);
    // Of what is stored as it is, both sizes are one.
    if (size !== undefined) common.writeUInt16LE(8, 4);
    common.writeUInt16LE(path.length, 22);
    bodies.push(Buffer.from('PK\x03\x04', 'latin1'), common, path, data);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((name.endsWith('/') ? 0o040755 : mode) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, tail, path);
    offset += 30 + path.length + data.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
};

/** A tar. */
export const tarOf = (entries: readonly ArchiveEntry[]): Buffer => {
  const blocks = entries.flatMap(({ name, content, mode = 0o644, type, linkname = '', size }) => {
    const data = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    header.write('0000000\0'.repeat(2), 108);
    header.write(`${(size ?? data.length).toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type ?? (name.endsWith('/') ? '5' : '0'), 156);
    header.write(linkname, 157);
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
};
