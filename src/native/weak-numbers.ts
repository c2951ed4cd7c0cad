import { inspect } from 'node:util';

/** What has been shown so far, while someone looks. */
let shown: object[] | undefined;

/** How an object is shown: also as a part of what a program prints, where it is one like any other. */
function show(this: object): string | object {
  if (shown === undefined) return {};
  shown.push(this);
  return '';
}

/** What a table shows between a key and its value. */
const ARROW = ' => ';

const OPTIONS = {
  ...{ showHidden: true, customInspect: true, showProxy: false, getters: false },
  ...{ depth: 0, maxArrayLength: null, breakLength: Infinity, colors: false, sorted: false },
};

/**
 * Numbers of objects that it does not keep, and which of them there still are: `util.inspect` shows what is in a `WeakMap`. (V8's collections of young
 * objects keep what its values refer to.) An object gets a property that tells how it is shown.
 */
export class WeakNumbers {
  private readonly table = new WeakMap<object, number>();
  private last = 0;

  /** A number for an object that has none; undefined if that cannot be. */
  add(holder: object): number | undefined {
    if (!Object.isExtensible(holder) || this.table.has(holder)) return undefined;
    (holder as { [inspect.custom]?: typeof show })[inspect.custom] = show;
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
