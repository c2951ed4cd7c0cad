import type { CApi } from './c-api';
import type { CMemory } from './c-memory';
import type { Status } from './status';

/** How strings lie in a tensor's memory, which differs between versions of TensorFlow. */
export interface StringLayout {
  /** How much memory a tensor of such strings takes. */
  byteSize(strings: readonly Uint8Array[]): number;
  /** Writes strings into the memory of a new tensor. */
  write(data: number, strings: readonly Uint8Array[], bytes: number): void;
  /** Reads the strings of a tensor. */
  read(data: number, count: number, bytes: number): Uint8Array[];
  /** Frees what the strings hold outside of the tensor's own memory. */
  clear: ((data: number, count: number) => void) | undefined;
}

/** Up to 2.3: offsets of 64 bits, then strings with their lengths in front. */
const encodedLayout = (api: CApi, memory: CMemory, status: Status): StringLayout | undefined => {
  const { TF_StringEncodedSize: sizeOf, TF_StringEncode: encode, TF_StringDecode: decode } = api;
  if (sizeOf === undefined || encode === undefined || decode === undefined) return undefined;
  const out = memory.scratch(2);
  return {
    byteSize: (strings) => strings.reduce((sum, { length }) => sum + 8 + sizeOf(length), 0),
    write: (data, strings, bytes) => {
      const offsets = memory.scratch(strings.length);
      const first = 8 * strings.length;
      let at = 0;
      strings.forEach((text, index) => {
        offsets.setWord(index, at);
        at += encode(text, text.length, data + first + at, bytes - first - at, status.address);
        status.check();
      });
      memory.write(data, offsets.bytes, first);
    },
    read: (data, count, bytes) => {
      const offsets = memory.scratch(count);
      memory.read(offsets.bytes, data, 8 * count);
      return Array.from({ length: count }, (_, index) => {
        const from = data + 8 * count + offsets.word(index);
        decode(from, data + bytes - from, out.address, out.address + 8, status.address);
        status.check();
        const text = new Uint8Array(out.word(1));
        memory.read(text, out.word(0), text.length);
        return text;
      });
    },
    clear: undefined, // nothing is outside
  };
};

/** The size of a `TF_TString`. */
const OBJECT_BYTES = 24;

/** From 2.4 on: objects that hold short strings themselves, and point to longer ones. */
const objectLayout = (api: CApi, memory: CMemory): StringLayout | undefined => {
  const { TF_StringInit: init, TF_StringCopy: copy, TF_StringGetSize: size } = api;
  const { TF_StringGetDataPointer: dataOf, TF_StringDealloc: dealloc } = api;
  if (!init || !copy || !size || !dataOf || !dealloc) return undefined;
  return {
    byteSize: (strings) => strings.length * OBJECT_BYTES,
    write: (data, strings) =>
      strings.forEach((text, index) => {
        const at = data + index * OBJECT_BYTES;
        init(at);
        copy(at, text, text.length);
      }),
    read: (data, count) =>
      Array.from({ length: count }, (_, index) => {
        const at = data + index * OBJECT_BYTES;
        const text = new Uint8Array(size(at));
        memory.read(text, dataOf(at), text.length);
        return text;
      }),
    clear: (data, count) => {
      for (let index = 0; index < count; index++) dealloc(data + index * OBJECT_BYTES);
    },
  };
};

/** How the open library's strings lie in memory. */
export const stringLayout = (api: CApi, memory: CMemory, status: Status): StringLayout => {
  const layout = objectLayout(api, memory) ?? encodedLayout(api, memory, status);
  if (layout === undefined) throw new Error('this TensorFlow has no functions for strings');
  return layout;
};
