/**
 * Reads NumPy arrays, lists and dictionaries out of Python pickles without ever running what a pickle says.
 *
 * A pickle is a program: it can name any Python function and call it. Here a few names that NumPy writes are recognized
 * as marks of data, nothing is looked up or called, and every other name or operation ends the reading with an error.
 * Lists of numbers come out, or a dictionary of lists and arrays of bytes, protocols 2 to 5, nothing else. What a pickle may make is
 * bounded by the number of lists, or rows, that there are said to be: a byte can stand for a whole object, so that a small file could fill
 * the memory.
 */
import { excerpt, MalformedError } from './malformed';

class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}
class Global {
  constructor(readonly name: string) {}
}
class ElementType {
  constructor(readonly name: string) {}
}
/** A NumPy array: of Python objects, or of bytes, which stand in a string then. */
export class PickledArray {
  shape: readonly number[] = [];
  items: readonly unknown[] | string = [];
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

const MAX_MARKS = 1000;
/** Values that wait on the stack: Python appends lists by the thousand, others whole lists at once. */
const MAX_STACK = 1_000_000;
/** Objects that are no lists of the data, and entries of the memo, which are a few dozen in NumPy's pickles. */
const SPARE_OBJECTS = 1000;
/** What Python makes for each list of the data: the list, its entry in the memo, and as much again. */
const OBJECTS_PER_LIST = 4;
const hexadecimal = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`;

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Gives an array the state in a pickle: version, shape, element type, whether it is stored by columns, and the elements. */
const fillArray = (target: PickledArray, state: readonly unknown[]): void => {
  const [, shape, type, byColumns, items] = state;
  const sizes = shape instanceof Tuple ? shape.items : undefined;
  const name = type instanceof ElementType ? type.name : '';
  const isObjects = /^O\d?$/.test(name) && Array.isArray(items) && sizes?.length === 1;
  const isBytes = /^[|]?u1$/.test(name) && typeof items === 'string' && byColumns === false;
  if (sizes?.every(isSize) !== true || !(isObjects || isBytes)) {
    throw new MalformedError('an array of its pickle is no row of Python objects, nor one of bytes');
  }
  target.shape = sizes;
  target.items = items as readonly unknown[] | string; // as just seen
  target.filled = true;
};

/** The stack machine of one pickle. */
class Unpickler {
  readonly #bytes: Buffer;
  #position = 0;
  #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #objectsLeft: number;

  constructor(
    bytes: Buffer,
    lists: number,
    private readonly dictionaries: boolean,
  ) {
    this.#bytes = bytes;
    this.#objectsLeft = OBJECTS_PER_LIST * lists + SPARE_OBJECTS;
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
      if (this.#stack.length > MAX_STACK) throw new MalformedError('its pickle piles up too many values');
    }
    if (this.#position !== this.#bytes.length) throw new MalformedError('bytes follow the end of its pickle');
    if (this.#stack.length !== 1 || this.#marks.length !== 0)
      throw new MalformedError('its pickle is unbalanced');
    return this.#stack[0];
  }

  #step(code: number): void {
    const known =
      this.#readNumber(code) ||
      this.#readContainer(code) ||
      this.#useMemo(code) ||
      this.#readConstant(code) ||
      this.#readObject(code) ||
      this.#readDictionary(code);
    if (known) return;
    throw new MalformedError(
      `its pickle has the operation ${hexadecimal(code)} at byte ${this.#position - 1}, which lists of numbers do not need`,
    );
  }

  /** Numbers, by far the most frequent. */
  #readNumber(code: number): boolean {
    const stack = this.#stack;
    switch (code) {
      case 0x4b: // BININT1
        stack.push(this.#byte());
        return true;
      case 0x4d: // BININT2
        stack.push(this.#take(2).readUInt16LE());
        return true;
      case 0x4a: // BININT
        stack.push(this.#take(4).readInt32LE());
        return true;
      case 0x8a: // LONG1
        stack.push(this.#long());
        return true;
      case 0x47: // BINFLOAT
        stack.push(this.#take(8).readDoubleBE());
        return true;
      default:
        return false;
    }
  }

  /** Lists and tuples. */
  #readContainer(code: number): boolean {
    switch (code) {
      case 0x28: // MARK
        if (this.#marks.length >= MAX_MARKS) throw new MalformedError('its pickle is nested too deep');
        this.#marks.push(this.#stack.length);
        return true;
      case 0x5d: // EMPTY_LIST
        this.#push([]);
        return true;
      case 0x65: // APPENDS
        this.#append(this.#popToMark());
        return true;
      case 0x61: // APPEND
        this.#append([this.#pop()]);
        return true;
      case 0x29: // EMPTY_TUPLE
        this.#push(new Tuple([]));
        return true;
      case 0x74: // TUPLE
        this.#push(new Tuple(this.#popToMark()));
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.#push(new Tuple(this.#popSome(code - 0x84)));
        return true;
      default:
        return false;
    }
  }

  /** Dictionaries, where there should be one. */
  #readDictionary(code: number): boolean {
    if (!this.dictionaries) return false;
    switch (code) {
      case 0x7d: // EMPTY_DICT
        this.#push(new Map());
        return true;
      case 0x73: // SETITEM
        this.#setItems(this.#popSome(2));
        return true;
      case 0x75: // SETITEMS
        this.#setItems(this.#popToMark());
        return true;
      default:
        return false;
    }
  }

  /** The memo. Its numbers need not be dense, so that a huge one costs nothing. */
  #useMemo(code: number): boolean {
    switch (code) {
      case 0x71: // BINPUT
        this.#remember(this.#byte());
        return true;
      case 0x72: // LONG_BINPUT
        this.#remember(this.#take(4).readUInt32LE());
        return true;
      case 0x94: // MEMOIZE
        this.#remember(this.#memo.size);
        return true;
      case 0x68: // BINGET
        this.#stack.push(this.#recall(this.#byte()));
        return true;
      case 0x6a: // LONG_BINGET
        this.#stack.push(this.#recall(this.#take(4).readUInt32LE()));
        return true;
      default:
        return false;
    }
  }

  /** Strings, bytes and constants: NumPy's own bookkeeping. */
  #readConstant(code: number): boolean {
    switch (code) {
      case 0x4e: // NONE
        this.#push(null);
        return true;
      case 0x88: // NEWTRUE
        this.#push(true);
        return true;
      case 0x89: // NEWFALSE
        this.#push(false);
        return true;
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
        this.#push(this.#take(this.#byte()).toString('latin1'));
        return true;
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
        this.#push(this.#take(this.#take(4).readUInt32LE()).toString('latin1'));
        return true;
      case 0x8c: // SHORT_BINUNICODE
        this.#push(this.#take(this.#byte()).toString('utf8'));
        return true;
      case 0x58: // BINUNICODE
        this.#push(this.#take(this.#take(4).readUInt32LE()).toString('utf8'));
        return true;
      case 0x95: // FRAME: a hint for streaming; only its claim is checked.
        if (this.#take(8).readBigUInt64LE() > BigInt(this.#bytes.length - this.#position)) {
          throw new MalformedError('a frame of its pickle is longer than the file');
        }
        return true;
      default:
        return false;
    }
  }

  /** Names and what is made of them. */
  #readObject(code: number): boolean {
    switch (code) {
      case 0x63: // GLOBAL
        this.#push(this.#global(this.#line(), this.#line()));
        return true;
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#popSome(2);
        if (typeof module !== 'string' || typeof name !== 'string')
          throw new MalformedError('its pickle names a Python object by something that is no text');
        this.#push(this.#global(module, name));
        return true;
      }
      case 0x52: {
        // REDUCE
        const values = this.#pop();
        this.#push(this.#reduce(this.#pop(), values));
        return true;
      }
      case 0x62: // BUILD
        this.#build(this.#pop());
        return true;
      default:
        return false;
    }
  }

  /** Takes an object out of what the pickle may make. */
  #spend(): void {
    if (--this.#objectsLeft < 0) throw new MalformedError('its pickle has more objects than its lists need');
  }

  #push(value: unknown): void {
    this.#spend();
    this.#stack.push(value);
  }

  #remember(index: number): void {
    this.#spend();
    this.#memo.set(index, this.#top());
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

  #setItems(items: readonly unknown[]): void {
    const target = this.#top();
    if (!(target instanceof Map) || items.length % 2 !== 0)
      throw new MalformedError('its pickle sets items of something that is no dictionary');
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index];
      if (typeof key !== 'string') throw new MalformedError('its pickle has a key that is no text');
      target.set(key, items[index + 1]);
    }
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
        `its pickle names the Python object ${JSON.stringify(excerpt(`${module}.${name}`))}, which data does not need; nothing was run`,
      );
    }
    return new Global(GLOBALS[known] ?? '');
  }

  #reduce(callee: unknown, values: unknown): unknown {
    const name = callee instanceof Global ? callee.name : '';
    const items = values instanceof Tuple ? values.items : [];
    const [first, second] = items;
    if (name === 'reconstruct' && first instanceof Global && first.name === 'ndarray')
      return new PickledArray();
    if (name === 'dtype' && typeof first === 'string') return new ElementType(first);
    if (name === 'encode' && typeof first === 'string' && second === 'latin1') return first;
    throw new MalformedError('its pickle calls something that data does not need; nothing was run');
  }

  #build(state: unknown): void {
    const target = this.#top();
    const items = state instanceof Tuple ? state.items : undefined;
    // The state of an element type says byte order and alignment, which Python objects do not have.
    if (target instanceof ElementType && items !== undefined) return;
    if (target instanceof PickledArray && items !== undefined && !target.filled) {
      fillArray(target, items);
      return;
    }
    throw new MalformedError('its pickle sets the state of something that is no array');
  }
}

/**
 * What a pickle is of: numbers, strings, lists, maps for dictionaries, and {@link PickledArray}s.
 *
 * @param lists how many lists, or items of lists, there should be, which bounds what the pickle may make
 * @param dictionaries whether there may be dictionaries
 * @throws MalformedError if there is anything else in it.
 */
export const unpickle = (bytes: Buffer, lists: number, dictionaries: boolean): unknown =>
  new Unpickler(bytes, lists, dictionaries).run();

/** The elements of the one-dimensional NumPy array of Python objects that a pickle is. */
const readElements = (bytes: Buffer, lists: number): readonly unknown[] => {
  const value = unpickle(bytes, lists, false);
  if (!(value instanceof PickledArray) || !value.filled || typeof value.items === 'string')
    throw new MalformedError('its pickle is no NumPy array of Python objects');
  const [length = 0] = value.shape;
  if (length !== value.items.length) {
    throw new MalformedError(`its pickle has the shape (${length}) but ${value.items.length} elements`);
  }
  return value.items;
};

/**
 * Reads the pickle of a NumPy array of lists of whole numbers, 0 to 2147483647.
 *
 * @param lists how many there should be, which bounds what the pickle may make
 * @throws MalformedError if it is anything else.
 */
export const readPickledLists = (bytes: Buffer, lists: number): number[][] => {
  const items = readElements(bytes, lists);
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
