import { WeakNumbers } from './weak-numbers';

/** Of objects that outlive collections, for they had grown old, there are so many at most before others take their place. */
const MAX_TRACES = 8;

/** Tells whether V8 has collected, young objects or all, since it was last asked that: of objects that nobody reaches, one is gone. */
export class CollectionsSeen {
  private traces = new WeakNumbers();
  private left = 0;

  constructor() {
    this.leave();
  }

  private leave(): void {
    if (this.left >= MAX_TRACES) {
      this.traces = new WeakNumbers();
      this.left = 0;
    }
    this.traces.add({});
    this.left++;
  }

  /** Takes a few microseconds. Where the stack ends, it may say so though there was none. */
  isNew(): boolean {
    const { left } = this;
    this.left = this.traces.reached()?.length ?? 0;
    const isNew = this.left < left;
    this.leave();
    return isNew;
  }
}
