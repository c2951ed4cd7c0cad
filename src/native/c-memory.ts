import type { Koffi } from './koffi';

type Copy = (to: unknown, from: unknown, bytes: number) => void;

/** Names that are kept for good are put into blocks of this size. */
const BLOCK_BYTES = 16384;

/**
 * Memory that both JavaScript and C see: copies between the two, addresses, and C strings.
 *
 * Copies are by C's own `memcpy`, since a view of native memory as an `ArrayBuffer` takes fifty times as long to make as
 * a small copy does, and must not outlive what it shows.
 */
export class CMemory {
  private readonly koffi: Koffi;
  private readonly toC: Copy;
  private readonly fromC: Copy;
  private readonly texts = new Map<string, number>();
  private block = new Uint8Array(BLOCK_BYTES);
  private used = BLOCK_BYTES;
  private readonly encoder = new TextEncoder();

  constructor(koffi: Koffi) {
    this.koffi = koffi;
    const onWindows = process.platform === 'win32';
    const library = koffi.load(onWindows ? 'kernel32.dll' : null);
    const name = onWindows ? 'RtlMoveMemory' : 'memcpy';
    // A native function, whose types koffi cannot know.
    this.toC = library.func(name, 'void', ['uintptr_t', 'const void *', 'size_t']) as Copy;
    this.fromC = library.func(name, 'void', ['void *', 'uintptr_t', 'size_t']) as Copy;
  }

  /** Copies the first bytes of an array to native memory. */
  write(address: number, from: ArrayBufferView, bytes: number): void {
    if (bytes > 0) this.toC(address, from, bytes);
  }

  /** Copies native memory into an array. */
  read(into: ArrayBufferView, address: number, bytes: number): void {
    if (bytes > 0) this.fromC(into, address, bytes);
  }

  /** Where an array's memory is. It stays there as long as the array is reachable. */
  addressOf(array: ArrayBufferView): number {
    return Number(this.koffi.address(array));
  }

  /** Text in C's form, at an address that stays; each text once. For names, of which there are not many. */
  text(value: string): number {
    const known = this.texts.get(value);
    if (known !== undefined) return known;
    const bytes = this.encoder.encode(value);
    if (this.used + bytes.length + 1 > this.block.length) {
      this.block = new Uint8Array(Math.max(BLOCK_BYTES, bytes.length + 1));
      this.used = 0;
      this.blocks.push(this.block);
    }
    const place = this.block.subarray(this.used, this.used + bytes.length);
    place.set(bytes);
    // The byte behind it is 0, as all of a new block are.
    this.used += bytes.length + 1;
    const address = this.addressOf(place.length === 0 ? this.block.subarray(this.used - 1) : place);
    this.texts.set(value, address);
    return address;
  }

  /** What the texts are in, held so that it stays. */
  private readonly blocks: Uint8Array[] = [];

  /** Numbers in memory of their own, to be filled and passed to C by address. */
  scratch(elements: number): Scratch {
    return new Scratch(this, elements);
  }
}

/** A little memory for lists of arguments, as 64-bit and other numbers. */
export class Scratch {
  private readonly words: BigInt64Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly bytes: Uint8Array;
  private readonly pairs: Uint32Array;
  readonly address: number;
  readonly length: number;

  constructor(memory: CMemory, length: number) {
    // Node.js keeps arrays of at most 64 bytes where its collector moves them.
    this.words = new BigInt64Array(Math.max(length, 16));
    this.length = this.words.length;
    this.int32 = new Int32Array(this.words.buffer);
    this.float32 = new Float32Array(this.words.buffer);
    this.bytes = new Uint8Array(this.words.buffer);
    this.pairs = new Uint32Array(this.words.buffer);
    this.address = memory.addressOf(this.words);
  }

  /** Writes an address or a whole number that is not negative, by halves: quicker than as a big integer. */
  setWord(index: number, value: number): void {
    this.pairs[2 * index] = value >>> 0;
    this.pairs[2 * index + 1] = Math.floor(value / 0x100000000);
  }

  word(index: number): number {
    return (this.pairs[2 * index] as number) + (this.pairs[2 * index + 1] as number) * 0x100000000; // within its length
  }

  /** The same as {@link word}, where another thread may write it. */
  current(index: number): number {
    return Number(Atomics.load(this.words, index));
  }

  /** Writes whole numbers of any sign. */
  setInt64s(values: readonly number[]): void {
    for (let index = 0; index < values.length; index++) this.setInt64(index, values[index] as number); // within its length
  }

  setInt64(index: number, value: number): void {
    this.int32[2 * index] = value | 0;
    this.int32[2 * index + 1] = Math.floor(value / 0x100000000);
  }
}
