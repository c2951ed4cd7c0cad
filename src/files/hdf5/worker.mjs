// @ts-check
/**
 * HDF5's own library, as WebAssembly, in a thread of its own: a real ES module, since the package is one, and other tools than
 * Node.js (Jest) load none. It sees one file and nothing else of the disk, whatever the file's links and external parts name:
 * the library's file system is in memory, and holds that file as a device whose bytes are read and written by position.
 *
 * Messages are requests `{ id, op, … }`, one at a time; each is answered by `{ id, result }` or `{ id, error }`.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** The most bytes that the library's memory may have. */
let maxBytes = Infinity;

// A file may say of its texts that each of many is a long one, which is in it once. Where memory cannot grow, the library says so.
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 2 ** 16 > maxBytes) throw new RangeError('the memory must not grow');
  return grow.call(this, pages);
};

/** What the library's memory does not hold of its state: how much of its stack is in use. @type {any} */
let stack;
const { instantiate } = WebAssembly;
// The package tells nobody where the stack is.
WebAssembly.instantiate = /** @type {any} */ (
  async (/** @type {any} */ source, /** @type {any} */ imports) => {
    const made = /** @type {any} */ (await instantiate(source, imports));
    stack = (made.instance ?? made).exports;
    return made;
  }
);

const { default: hdf5 } = await import('h5wasm');
const library = await hdf5.ready;
// The library prints its stack of errors otherwise.
library.activate_throwing_error_handler?.();
const { FS } = library;

/** The library's memory before it has seen any file. */
const untouched = library.HEAPU8.slice();
const untouchedStack = stack.emscripten_stack_get_current();
const untouchedStreams = new Set(FS.streams);

/** What a file may need besides its own bytes, which may be packed. */
const FREE_BYTES = 2 ** 26;
const MAX_PACKING = 4;

const PLACE = '/file.h5';
const ERROR_OF_INPUT = 29; // EIO of WebAssembly's system interface

/** @typedef {{ path: string }} Place */

/** @type {{ file: any, fd: number, node?: any } | undefined} */
let opened;

/** Why the disk refused: HDF5 says only that something failed. @type {unknown} */
let failure;

/** @template T @param {() => T} call @returns {T} */
const onDisk = (call) => {
  try {
    return call();
  } catch (error) {
    failure ??= error;
    throw new FS.ErrnoError(ERROR_OF_INPUT);
  }
};

/** @param {Int8Array} heap */
const bytesOf = (heap) => new Uint8Array(heap.buffer, heap.byteOffset, heap.byteLength);

/**
 * A file of the library's file system whose bytes lie on the disk, as a file or as a part of one, which is only read.
 * @param {number} fd @param {{ offset: number, length: number }} [part]
 */
const mountFile = (fd, part) => {
  const size = () => part?.length ?? onDisk(() => fstatSync(fd).size);
  const node = FS.createNode(FS.root, PLACE.slice(1), 0o100666, 0);
  const time = new Date();
  node.node_ops = {
    getattr: () => ({
      ...{ dev: 1, ino: node.id, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0 },
      ...{ atime: time, mtime: time, ctime: time, size: size(), blksize: 4096 },
      blocks: Math.ceil(size() / 4096),
    }),
    /** @param {unknown} _node @param {{ size?: number }} attributes */
    setattr: (_node, attributes) => {
      if (attributes.size !== undefined) onDisk(() => ftruncateSync(fd, attributes.size));
    },
  };
  node.stream_ops = {
    /** @param {{ position: number }} stream @param {number} offset @param {number} whence */
    llseek: (stream, offset, whence) => offset + (whence === 0 ? 0 : whence === 1 ? stream.position : size()),
    /** @param {unknown} _s @param {Int8Array} heap @param {number} at @param {number} length @param {number} position */
    read: (_s, heap, at, length, position) => {
      const end = part === undefined ? length : Math.max(0, Math.min(length, part.length - position));
      return onDisk(() => readSync(fd, bytesOf(heap), at, end, (part?.offset ?? 0) + position));
    },
    /** @param {unknown} _s @param {Int8Array} heap @param {number} at @param {number} length @param {number} position */
    write: (_s, heap, at, length, position) => {
      let done = 0;
      while (done < length)
        done += onDisk(() => writeSync(fd, bytesOf(heap), at + done, length - done, position + done));
      return done;
    },
  };
  return node;
};

/** What is at a path, reached by hard links only: others could lead out of the file. @param {string} path */
const find = (path) => {
  if (opened === undefined) throw new Error('no file is open');
  let at = opened.file;
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (at.type !== 'Group' || !at.keys().includes(name)) return undefined;
    const found = at.get(name);
    if (found === null || (found.type !== 'Group' && found.type !== 'Dataset'))
      throw new Error(`${path} is a ${found?.type ?? 'broken link'}, not a group or a data set`);
    at = found;
  }
  return at;
};

/** @param {string} path @param {'Group' | 'Dataset'} [type] */
const expect = (path, type) => {
  const found = find(path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  if (type !== undefined && found.type !== type) throw new Error(`${path} is not a ${type}`);
  return found;
};

/** @param {string} path */
const divide = (path) => {
  const cut = path.lastIndexOf('/');
  return { parent: path.slice(0, Math.max(0, cut)), name: path.slice(cut + 1) };
};

const ARRAYS = {
  float32: ['<f', Float32Array],
  float64: ['<d', Float64Array],
  int32: ['<i', Int32Array],
  int64: ['<q', BigInt64Array],
  uint8: ['<B', Uint8Array],
  bool: ['<B', Uint8Array],
};

/** The name of a data set's type, or what stands in its place. @param {any} metadata */
const typeName = ({ type, size, signed, vlen, littleEndian }) => {
  if (type === 1 && !vlen) return `${littleEndian ? '' : 'big-endian '}float${size * 8}`;
  if (type === 0 && !vlen)
    return `${littleEndian || size === 1 ? '' : 'big-endian '}${signed ? '' : 'u'}int${size * 8}`;
  if (type === 3) return 'string';
  if (type === 8) return 'enum';
  return `type ${type}`;
};

/** Bytes without a type. */
const OPAQUE = 5;

/** The name of a data set's type. NumPy has none for bfloat16: h5py writes it as two bytes without a type. @param {any} metadata */
const typeOf = (metadata) =>
  metadata.type === OPAQUE && metadata.size === 2 ? 'bfloat16' : typeName(metadata);

/** Along the first dimension, as far as asked for. @param {number} rank @param {number} from @param {number} to */
const rows = (rank, from, to) => [[from, to], ...Array.from({ length: rank - 1 }, () => [])];

const operations = {
  /** @param {{ file: string, mode: 'r' | 'w', part?: { offset: number, length: number } }} request */
  open({ file, mode, part }) {
    const fd = openSync(file, mode === 'r' ? 'r' : 'w+');
    opened = { file: undefined, fd };
    const size = part?.length ?? fstatSync(fd).size;
    maxBytes = mode === 'r' ? untouched.length + FREE_BYTES + MAX_PACKING * size : Infinity;
    opened.node = mountFile(fd, part);
    opened.file = new hdf5.File(PLACE, mode);
    if (opened.file.file_id < 0n) throw new Error('it is no HDF5 file');
  },
  /** @param {Place} request */
  group({ path }) {
    const { parent, name } = divide(path);
    expect(parent, 'Group').create_group(name);
  },
  /** @param {Place & { name: string, value: string | string[] | number[], fixed: boolean }} request */
  attribute({ path, name, value, fixed }) {
    const at = expect(path);
    if (typeof value === 'string') at.create_attribute(name, value);
    // As h5py writes a list without elements.
    else if (value.length === 0) at.create_attribute(name, new Float64Array(0), [0]);
    else if (typeof value[0] === 'number') at.create_attribute(name, Float64Array.from(value));
    else if (!fixed) at.create_attribute(name, value, [value.length], 'S');
    else {
      const longest = Math.max(1, ...value.map((text) => Buffer.byteLength(text)));
      at.create_attribute(name, value, [value.length], `S${longest}`);
    }
  },
  /** @param {Place & { dtype: keyof typeof ARRAYS, shape: number[], data?: ArrayBuffer, chunk: number }} request */
  create({ path, dtype, shape, data, chunk }) {
    const { parent, name } = divide(path);
    const [code, Values] = ARRAYS[dtype];
    const group = expect(parent, 'Group');
    if (data !== undefined) group.create_dataset({ name, data: new Values(data), shape, dtype: code });
    else {
      // Without its values first: they come piece by piece.
      const [, ...rest] = shape;
      const made = group.create_dataset({
        ...{ name, data: new Values(0), dtype: code },
        ...{ shape: [0, ...rest], maxshape: shape, chunks: [chunk, ...rest] },
      });
      made.resize(shape);
    }
  },
  /** @param {Place & { dtype: keyof typeof ARRAYS, from: number, to: number, data: ArrayBuffer }} request */
  write({ path, dtype, from, to, data }) {
    const set = expect(path, 'Dataset');
    set.write_slice(rows(set.shape.length, from, to), new ARRAYS[dtype][1](data));
  },
  /** What is at a path. @param {Place} request */
  look({ path }) {
    const found = find(path);
    if (found === undefined) return undefined;
    if (found.type === 'Group') return { kind: 'group', names: found.keys() };
    const { metadata } = found;
    return {
      kind: 'dataset',
      shape: metadata.shape ?? [],
      dtype: typeOf(metadata),
      itemBytes: metadata.size,
    };
  },
  /** @param {Place} request */
  attributes({ path }) {
    const found = expect(path);
    return Object.fromEntries(
      Object.entries(found.attrs).map(([name, attribute]) => [name, plain(attribute)]),
    );
  },
  /** Fractions of 16 bits come as these bits. @param {Place & { from: number, to: number }} request */
  read({ path, from, to }) {
    const set = expect(path, 'Dataset');
    const isOf16 = /^b?float16$/.test(typeOf(set.metadata));
    // The package has no arrays of them; it gives the bytes of what is of no type.
    if (isOf16) set._metadata = { ...set.metadata, type: OPAQUE };
    const value = set.shape.length === 0 ? set.value : set.slice(rows(set.shape.length, from, to));
    if (isOf16) return value === null ? value : new Uint16Array(Uint8Array.from(value).buffer);
    return typeof value === 'number'
      ? [value]
      : typeof value === 'bigint'
        ? new BigInt64Array([value])
        : value;
  },
  /** Writes what is left. */
  flush() {
    const status = opened?.file?.close();
    if (status !== undefined && status < 0) throw new Error('the file could not be closed');
  },
  /**
   * Makes ready for another file: nothing of this one is left in the library's memory, whatever went wrong with it. Says whether that was
   * possible.
   */
  reset() {
    // Where an error leaves the library, its own files are open: it writes into one what the error is.
    for (const stream of FS.streams) if (stream && !untouchedStreams.has(stream)) FS.closeStream(stream.fd);
    if (opened !== undefined) {
      if (opened.node !== undefined) FS.destroyNode(opened.node);
      closeSync(opened.fd);
    }
    opened = undefined;
    // Memory that has grown does not shrink.
    if (library.HEAPU8.length !== untouched.length) return false;
    library.HEAPU8.set(untouched);
    stack._emscripten_stack_restore(untouchedStack);
    return true;
  },
};

/** Texts and numbers of an attribute; what else there may be is of no use here. @param {any} attribute */
const plain = (attribute) => {
  const { value } = attribute;
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value === null) return [];
  const list = Array.from(value, (entry) => (typeof entry === 'bigint' ? Number(entry) : entry));
  return list.every((entry) => typeof entry === 'string' || typeof entry === 'number') ? list : undefined;
};

/** The innermost of HDF5's stack of reasons, without its own source files. @param {string} message */
const innermost = (message) =>
  [...message.matchAll(/^ *#\d+: .* in \w+\(\): (.*)$/gm)].at(-1)?.[1] ?? message;

parentPort?.on('message', (request) => {
  failure = undefined;
  try {
    const result = operations[request.op](request);
    const moved =
      ArrayBuffer.isView(result) && result.buffer !== library.HEAPU8.buffer ? [result.buffer] : [];
    parentPort?.postMessage({ id: request.id, result }, moved);
  } catch (error) {
    // What the disk said is the reason, where it said something.
    const { message, code } = /** @type {any} */ (failure ?? error) ?? {};
    parentPort?.postMessage({
      id: request.id,
      error: { message: innermost(String(message ?? error)), code },
    });
  }
});
