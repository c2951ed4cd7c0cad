/** A list that never has more than so many items: when it is full every second one goes, and of those to come as many. */
export class BoundedSeries<Item> {
  #items: Item[] = [];
  #stride = 1;
  #seen = 0;

  constructor(private readonly most: number) {}

  get items(): readonly Item[] {
    return this.#items;
  }

  /** Whether the item that comes next would be kept: if not, it need not be made. */
  get isNextKept(): boolean {
    return this.#seen % this.#stride === 0;
  }

  /** Leaves out an item that would not be kept. */
  skip(): void {
    this.#seen++;
  }

  /** Adds an item. Tells whether it is kept, and whether others have gone. */
  add(item: Item): { readonly isKept: boolean; readonly isThinned: boolean } {
    const isKept = this.isNextKept;
    this.#seen++;
    if (!isKept) return { isKept, isThinned: false };
    this.#items.push(item);
    if (this.#items.length < this.most) return { isKept, isThinned: false };
    this.#items = this.#items.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
    return { isKept, isThinned: true };
  }
}
