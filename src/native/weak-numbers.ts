import { inspect } from 'node:util';

/** What has been shown so far, while someone looks. */
let shown: object[] | undefined;

/** How an object is shown: also as a part of what a program prints, where it is one like any other. */
function show(this: object): string | object {
  if (shown === undefined) return this;
  shown.push(this);
  return '';
}

const SHOWN = { [inspect.custom]: { value: show, configurable: true, writable: true } };

/** Of plain objects, and of those in their place, which nothing that looks at properties tells from them: to define one for each takes longer. */
const plain = Object.getPrototypeOf({}) as object;
const shownPlain = Object.create(plain, {
  ...SHOWN,
  constructor: { value: plain.constructor, configurable: true, writable: true },
}) as object;

const makeShown = (holder: object): void => {
  const prototype = Object.getPrototypeOf(holder) as unknown;
  if (prototype === plain) Object.setPrototypeOf(holder, shownPlain);
  else if (prototype !== shownPlain) Object.defineProperties(holder, SHOWN);
};

/** What a table shows between a key and its value. */
const ARROW = ' => ';

const OPTIONS = {
  ...{ showHidden: true, customInspect: true, showProxy: false, getters: false },
  ...{ depth: 0, maxArrayLength: null, breakLength: Infinity, colors: false, sorted: false },
};

/**
 * Numbers of objects that it does not keep, and which of them there still are: `util.inspect` shows what is in a `WeakMap`. (V8's collections of young
 * objects keep what its values refer to.) An object gets what tells how it is shown: a plain one from its prototype.
 */
export class WeakNumbers {
  private readonly table = new WeakMap<object, number>();
  private last = 0;

  /** A number for an object that has none; undefined if that cannot be. */
  add(holder: object): number | undefined {
    if (!Object.isExtensible(holder) || this.table.has(holder)) return undefined;
    makeShown(holder);
    const number = ++this.last;
    this.table.set(holder, number);
    return number;
  }

  numberOf(holder: object): number | undefined {
    return this.table.get(holder);
  }

  delete(holder: object): void {
    this.table.delete(holder);
  }

  /** Those that no collection has taken so far; undefined if they cannot be had, all of them. */
  reached(): readonly object[] | undefined {
    const found: object[] = [];
    shown = found;
    try {
      const text = inspect(this.table, OPTIONS);
      // Where the stack ends, the text does, too, and without an error.
      return text.split(ARROW).length === found.length + 1 ? found : undefined;
    } finally {
      shown = undefined;
    }
  }
}
