/**
 * Reads NumPy object arrays out of Python pickles without ever running what a pickle says.
 *
 * A pickle is a program: it can name any Python function and call it. Here a few names that NumPy writes are recognised
 * as marks of data, nothing is looked up or called, and every other name or operation ends the reading with an error.
 * Lists of numbers come out, protocols 2 to 5, nothing else.
 */
import { MalformedError } from './malformed';

/** A one-dimensional NumPy array of Python objects: its shape, and its elements as lists, numbers, … */
export interface PickledArray {
  readonly shape: readonly number[];
  readonly items: readonly unknown[];
}

class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}
class Global {
  constructor(readonly name: string) {}
}
class ElementType {
  constructor(readonly name: string) {}
}
class ObjectArray implements PickledArray {
  shape: readonly number[] = [];
  items: readonly unknown[] = [];
  filled = false;
}

/** The only names that mean anything: what NumPy's own pickles of object arrays contain. */
const GLOBALS: Readonly<Record<string, string>> = {
  'numpy.core.multiarray _reconstruct': 'reconstruct',
  'numpy._core.multiarray _reconstruct': 'reconstruct',
  'numpy ndarray': 'ndarray',
  'numpy dtype': 'dtype',
  // How Python 3 writes a byte string in protocol 2.
  '_codecs encode': 'encode',
};

const DEEPEST_MARKS = 1000;
const hexadecimal = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`;

/** The stack machine of one pickle. */
class Unpickler {
  readonly #bytes: Buffer;
  #position = 0;
  #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  run(): unknown {
    const version = this.#take(2);
    if (version[0] !== 0x80) throw new MalformedError('its pickle is of protocol 0 or 1, or is none at all');
    const protocol = version[1] ?? 0;
    if (protocol < 2 || protocol > 5)
      throw new MalformedError(`its pickle is of protocol ${protocol}, not 2 to 5`);
    for (;;) {
      const code = this.#byte();
      if (code === 0x2e) break; // STOP
      this.#step(code);
    }
    if (this.#position !== this.#bytes.length) throw new MalformedError('bytes follow the end of its pickle');
    if (this.#stack.length !== 1 || this.#marks.length !== 0)
      throw new MalformedError('its pickle is unbalanced');
    return this.#stack[0];
  }

  #step(code: number): void {
    const stack = this.#stack;
    switch (code) {
      // Integers, by far the most frequent.
      case 0x4b: // BININT1
        stack.push(this.#byte());
        return;
      case 0x4d: // BININT2
        stack.push(this.#take(2).readUInt16LE());
        return;
      case 0x4a: // BININT
        stack.push(this.#take(4).readInt32LE());
        return;
      case 0x8a: // LONG1
        stack.push(this.#long());
        return;
      case 0x47: // BINFLOAT
        stack.push(this.#take(8).readDoubleBE());
        return;
      // Lists and tuples.
      case 0x28: // MARK
        if (this.#marks.length >= DEEPEST_MARKS) throw new MalformedError('its pickle is nested too deep');
        this.#marks.push(stack.length);
        return;
      case 0x5d: // EMPTY_LIST
        stack.push([]);
        return;
      case 0x65: // APPENDS
        this.#append(this.#popToMark());
        return;
      case 0x61: // APPEND
        this.#append([this.#pop()]);
        return;
      case 0x29: // EMPTY_TUPLE
        stack.push(new Tuple([]));
        return;
      case 0x74: // TUPLE
        stack.push(new Tuple(this.#popToMark()));
        return;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        stack.push(new Tuple(this.#popSome(code - 0x84)));
        return;
      // The memo. Its numbers need not be dense, so that a huge one costs nothing.
      case 0x71: // BINPUT
        this.#memo.set(this.#byte(), this.#top());
        return;
      case 0x72: // LONG_BINPUT
        this.#memo.set(this.#take(4).readUInt32LE(), this.#top());
        return;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 0x68: // BINGET
        stack.push(this.#recall(this.#byte()));
        return;
      case 0x6a: // LONG_BINGET
        stack.push(this.#recall(this.#take(4).readUInt32LE()));
        return;
      // Strings, bytes and constants: NumPy's own bookkeeping.
      case 0x4e: // NONE
        stack.push(null);
        return;
      case 0x88: // NEWTRUE
        stack.push(true);
        return;
      case 0x89: // NEWFALSE
        stack.push(false);
        return;
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
      case 0x8c: // SHORT_BINUNICODE
        stack.push(this.#take(this.#byte()).toString('latin1'));
        return;
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
      case 0x58: // BINUNICODE
        stack.push(this.#take(this.#take(4).readUInt32LE()).toString('latin1'));
        return;
      case 0x95: // FRAME: a hint for streaming; only its claim is checked.
        if (this.#take(8).readBigUInt64LE() > BigInt(this.#bytes.length - this.#position)) {
          throw new MalformedError('a frame of its pickle is longer than the file');
        }
        return;
      // Names and what is made of them.
      case 0x63: // GLOBAL
        stack.push(this.#global(this.#line(), this.#line()));
        return;
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        stack.push(this.#global(String(this.#pop()), String(name)));
        return;
      }
      case 0x52: {
        // REDUCE
        const values = this.#pop();
        stack.push(this.#reduce(this.#pop(), values));
        return;
      }
      case 0x62: // BUILD
        this.#build(this.#pop());
        return;
      default:
        throw new MalformedError(
          `its pickle has the operation ${hexadecimal(code)} at byte ${this.#position - 1}, which lists of numbers do not need`,
        );
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw new MalformedError('its pickle ends too early');
    return byte;
  }

  #take(count: number): Buffer {
    const end = this.#position + count;
    if (end > this.#bytes.length) throw new MalformedError('its pickle ends too early');
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    if (end < 0 || end - this.#position > 1000) throw new MalformedError('its pickle ends too early');
    const line = this.#bytes.toString('latin1', this.#position, end);
    this.#position = end + 1;
    return line;
  }

  /** A Python long, little-endian in two's complement: Python 2 wrote some integers so. */
  #long(): number {
    const bytes = this.#take(this.#byte());
    if (bytes.length === 0) return 0;
    const value = bytes.length > 6 ? NaN : bytes.readIntLE(0, bytes.length);
    if (!Number.isSafeInteger(value)) throw new MalformedError('an integer of its pickle is too large');
    return value;
  }

  #top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw new MalformedError('its pickle is unbalanced');
    return this.#stack.at(-1);
  }

  #pop(): unknown {
    const top = this.#top();
    this.#stack.pop();
    return top;
  }

  #popSome(count: number): unknown[] {
    const start = this.#stack.length - count;
    if (start < (this.#marks.at(-1) ?? 0)) throw new MalformedError('its pickle is unbalanced');
    return this.#stack.splice(start);
  }

  #popToMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new MalformedError('its pickle is unbalanced');
    return this.#stack.splice(mark);
  }

  #append(items: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw new MalformedError('its pickle appends to something that is no list');
    for (const item of items) list.push(item);
  }

  #recall(index: number): unknown {
    if (!this.#memo.has(index))
      throw new MalformedError(`its pickle asks for the value ${index}, which it never stored`);
    return this.#memo.get(index);
  }

  #global(module: string, name: string): Global {
    const known = `${module} ${name}`;
    if (!Object.hasOwn(GLOBALS, known)) {
      throw new MalformedError(
        `its pickle names the Python object ${JSON.stringify(`${module}.${name}`.slice(0, 60))}, which data does not need; nothing was run`,
      );
    }
    return new Global(GLOBALS[known] ?? '');
  }

  #reduce(callee: unknown, values: unknown): unknown {
    const name = callee instanceof Global ? callee.name : '';
    const items = values instanceof Tuple ? values.items : [];
    const [first, second] = items;
    if (name === 'reconstruct' && first instanceof Global && first.name === 'ndarray')
      return new ObjectArray();
    if (name === 'dtype' && typeof first === 'string') return new ElementType(first);
    if (name === 'encode' && typeof first === 'string' && second === 'latin1') return first;
    throw new MalformedError('its pickle calls something that data does not need; nothing was run');
  }

  #build(state: unknown): void {
    const target = this.#top();
    const items = state instanceof Tuple ? state.items : undefined;
    // The state of an element type says byte order and alignment, which Python objects do not have.
    if (target instanceof ElementType && items !== undefined) return;
    if (target instanceof ObjectArray && items !== undefined && !target.filled) {
      const [, shape, type, , list] = items;
      if (
        shape instanceof Tuple &&
        type instanceof ElementType &&
        /^O\d?$/.test(type.name) &&
        Array.isArray(list)
      ) {
        target.shape = shape.items.map(Number);
        target.items = list;
        target.filled = true;
        return;
      }
      throw new MalformedError('an array of its pickle does not hold Python objects');
    }
    throw new MalformedError('its pickle sets the state of something that is no array');
  }
}

/**
 * Reads the pickle of a one-dimensional NumPy array of Python objects.
 *
 * @throws MalformedError if it is anything else.
 */
export const readPickledArray = (bytes: Buffer): PickledArray => {
  const value = new Unpickler(bytes).run();
  if (!(value instanceof ObjectArray) || !value.filled)
    throw new MalformedError('its pickle is no NumPy array');
  if (value.shape.length !== 1 || value.shape[0] !== value.items.length) {
    throw new MalformedError(
      `its pickle has the shape (${value.shape.join(', ')}) but ${value.items.length} elements`,
    );
  }
  return { shape: value.shape, items: value.items };
};

/**
 * Reads the pickle of a NumPy array of lists of whole numbers, 0 to 2147483647.
 *
 * @throws MalformedError if it is anything else.
 */
export const readPickledLists = (bytes: Buffer): number[][] => {
  const { items } = readPickledArray(bytes);
  let total = 0;
  return items.map((list, row) => {
    if (!Array.isArray(list)) throw new MalformedError(`its element ${row} is no list`);
    total += list.length;
    // A pickle can name one list many times; a real one spends at least two bytes on each number.
    if (total > bytes.length) throw new MalformedError('its lists are longer than the file');
    for (const number of list as readonly unknown[]) {
      if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 0x7fffffff) {
        throw new MalformedError(
          `its list ${row} has an element that is no whole number from 0 to 2147483647`,
        );
      }
    }
    // Every element was just seen to be a number.
    return list as number[];
  });
};
