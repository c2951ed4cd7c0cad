import { MalformedError } from './malformed';

/**
 * Bytes of protocol buffers, written and read. A graph has tens of thousands of messages of four kinds: written by hand they take a tenth of the time
 * that generated classes do, which are a megabyte of JavaScript to load.
 */

/** How a field's value is written: its wire type. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const FIRST_BYTES = 256;
/** The most that a whole number takes: 64 bits by seven. */
const MAX_VARINT_BYTES = 10;

const varintBytes = (value: number): number => {
  if (value < 0) return MAX_VARINT_BYTES;
  let bytes = 1;
  for (let left = value; left >= 128; left = Math.floor(left / 128)) bytes++;
  return bytes;
};

/** Writes a message's fields, one after the other. */
export class MessageWriter {
  private buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private length = 0;

  /** Begins anew, in the same memory. */
  clear(): this {
    this.length = 0;
    return this;
  }

  /** A whole number, a truth value as 0 or 1, or a member of an enumeration. */
  integer(field: number, value: number): this {
    this.reserve(2 * MAX_VARINT_BYTES);
    this.key(field, WIRE.varint);
    this.varint(value);
    return this;
  }

  /** A number of 32 bits. */
  float(field: number, value: number): this {
    this.reserve(MAX_VARINT_BYTES + 4);
    this.key(field, WIRE.fixed32);
    this.length = this.buffer.writeFloatLE(value, this.length);
    return this;
  }

  /** A number of 64 bits. */
  double(field: number, value: number): this {
    this.reserve(MAX_VARINT_BYTES + 8);
    this.key(field, WIRE.fixed64);
    this.length = this.buffer.writeDoubleLE(value, this.length);
    return this;
  }

  /** A number of 32 bits without a sign, which always takes four bytes. */
  fixed(field: number, value: number): this {
    this.reserve(MAX_VARINT_BYTES + 4);
    this.key(field, WIRE.fixed32);
    this.length = this.buffer.writeUInt32LE(value, this.length);
    return this;
  }

  text(field: number, value: string): this {
    const bytes = Buffer.byteLength(value);
    this.reserve(2 * MAX_VARINT_BYTES + bytes);
    this.key(field, WIRE.bytes);
    this.varint(bytes);
    this.length += this.buffer.write(value, this.length);
    return this;
  }

  /** Bytes, or another message's. */
  bytes(field: number, value: Uint8Array): this {
    this.reserve(2 * MAX_VARINT_BYTES + value.length);
    this.key(field, WIRE.bytes);
    this.varint(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
    return this;
  }

  /** Whole numbers in one field. */
  integers(field: number, values: readonly number[]): this {
    this.reserve((2 + values.length) * MAX_VARINT_BYTES);
    this.key(field, WIRE.bytes);
    this.varint(values.reduce((total, value) => total + varintBytes(value), 0));
    for (const value of values) this.varint(value);
    return this;
  }

  /** Numbers of 32 bits in one field. */
  floats(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** An entry of a map with texts as keys. */
  entry(field: number, key: string, value: Uint8Array): this {
    const keyBytes = Buffer.byteLength(key);
    const size = 1 + varintBytes(keyBytes) + keyBytes + 1 + varintBytes(value.length) + value.length;
    this.reserve(2 * MAX_VARINT_BYTES);
    this.key(field, WIRE.bytes);
    this.varint(size);
    return this.text(1, key).bytes(2, value);
  }

  /** What was written, in the writer's own memory. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.view());
  }

  private reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  private key(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  private varint(value: number): void {
    if (value < 0) {
      this.negative(value);
      return;
    }
    const { buffer } = this;
    let left = value;
    while (left >= 128) {
      buffer[this.length++] = (left % 128) + 128;
      left = Math.floor(left / 128);
    }
    buffer[this.length++] = left;
  }

  /** Negative numbers are 64 bits wide. */
  private negative(value: number): void {
    let left = BigInt.asUintN(64, BigInt(value));
    for (; left > 127n; left >>= 7n) this.buffer[this.length++] = Number(left & 127n) | 128;
    this.buffer[this.length++] = Number(left);
  }
}

/** Reads whole numbers of up to 64 bits that take as many bytes as they need, one after the other. */
export class VarintReader {
  constructor(
    readonly bytes: Uint8Array,
    private readonly what: string,
    public at = 0,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** The next number, with its sign; exact up to 53 bits. */
  next(): number {
    let value = 0;
    for (let position = 0; position < MAX_VARINT_BYTES; position++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new MalformedError(`${this.what} ends in the middle of a number`);
      // The last of ten says the sign: from here on numbers are as large as they get.
      if (position === MAX_VARINT_BYTES - 1) return this.negative();
      value += (byte & 127) * 2 ** (7 * position);
      if (byte < 128) return value;
    }
    throw new MalformedError(`${this.what} has a number that does not end`);
  }

  /** What has just been read, once more, as a number of 64 bits with a sign. */
  private negative(): number {
    let value = 0n;
    for (let position = 0; position < MAX_VARINT_BYTES; position++)
      value |= BigInt((this.bytes[this.at - MAX_VARINT_BYTES + position] ?? 0) & 127) << BigInt(7 * position);
    return Number(BigInt.asIntN(64, value));
  }

  /** The next so many bytes, where they are. */
  take(length: number): Uint8Array {
    const from = this.at;
    if (!Number.isSafeInteger(length) || length < 0 || length > this.bytes.length - from)
      throw new MalformedError(
        `${this.what} is cut off: ${length} bytes are said to be where ${Math.max(0, this.bytes.length - from)} are left`,
      );
    this.at += length;
    return this.bytes.subarray(from, this.at);
  }
}

/** A field of a message. What it is, its number and the message's definition say. */
export class MessageField {
  constructor(
    readonly number: number,
    private readonly value: number | Uint8Array,
    private readonly wire: number,
    private readonly what: string,
  ) {}

  /** A whole number, or a truth value. */
  get integer(): number {
    const { value, wire } = this;
    if (typeof value === 'number') return value;
    if (wire === WIRE.bytes) throw this.unexpected('a number');
    return wire === WIRE.fixed32
      ? Buffer.from(value.buffer, value.byteOffset, 4).readUInt32LE()
      : Number(Buffer.from(value.buffer, value.byteOffset, 8).readBigInt64LE());
  }

  /** A number of 32 bits. */
  get float(): number {
    const { value, wire } = this;
    if (typeof value === 'number' || wire !== WIRE.fixed32) throw this.unexpected('a number of 32 bits');
    return Buffer.from(value.buffer, value.byteOffset, 4).readFloatLE();
  }

  /** Bytes, or another message's, where they are. */
  get bytes(): Uint8Array {
    const { value, wire } = this;
    if (typeof value === 'number' || wire !== WIRE.bytes) throw this.unexpected('bytes');
    return value;
  }

  get text(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length).toString();
  }

  /** Whole numbers, which may be in one field or in one field each. */
  get integers(): number[] {
    if (this.wire !== WIRE.bytes) return [this.integer];
    const reader = new VarintReader(this.bytes, this.what);
    const numbers: number[] = [];
    while (!reader.isAtEnd) numbers.push(reader.next());
    return numbers;
  }

  /** The fields of the message that it is. */
  fields(what = this.what): Generator<MessageField, void, undefined> {
    return fieldsOf(this.bytes, what);
  }

  /** Key and value of an entry of a map with texts as keys. */
  entry(): { readonly key: string; readonly value: Uint8Array } {
    let [key, value] = ['', new Uint8Array()];
    for (const field of this.fields()) {
      if (field.number === 1) key = field.text;
      else if (field.number === 2) value = field.bytes as typeof value;
    }
    return { key, value };
  }

  private unexpected(expected: string): MalformedError {
    return new MalformedError(`${this.what} must have ${expected} as its field ${this.number}`);
  }
}

/** The fields of a message, one after the other. `what` it is, an error says. */
export function* fieldsOf(message: Uint8Array, what: string): Generator<MessageField, void, undefined> {
  const reader = new VarintReader(message, what);
  while (!reader.isAtEnd) {
    const key = reader.next();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    if (number < 1 || number >= 2 ** 29) throw new MalformedError(`${what} has a field ${number}`);
    if (wire === WIRE.varint) yield new MessageField(number, reader.next(), wire, what);
    else if (wire === WIRE.bytes) yield new MessageField(number, reader.take(reader.next()), wire, what);
    else if (wire === WIRE.fixed32 || wire === WIRE.fixed64)
      yield new MessageField(number, reader.take(wire === WIRE.fixed32 ? 4 : 8), wire, what);
    else throw new MalformedError(`${what} has a field of the unknown kind ${wire}`);
  }
}
