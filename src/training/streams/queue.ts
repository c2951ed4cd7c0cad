import { EventLoopYielder } from '../../step/event-loop';
import { EXECUTION_MILLISECONDS, MAX_FILL_MILLISECONDS, MAX_QUEUE_BYTES } from '../../engine/tuning';
import { isPromise } from '../../base/streams';
import type { RawBatch } from './batch';
import { tf } from '../../tfjs/tensorflow';
import { END } from './source';

/** What gives the next batch, or {@link END}; at once, or as a promise. */
export type NextBatch = () => RawBatch | typeof END | Promise<RawBatch | typeof END>;

/** Batches that are made ahead, so many at most. */
export class BatchQueue {
  private batches: RawBatch[] = [];
  private failure: { readonly error: unknown } | undefined;
  private hasEnded = false;
  private isClosed = false;
  private isFilling = false;
  private wanted = 0;
  /** Whether the source gives promises, which may be on their way while this thread has other work. */
  isLater = false;
  /** How many may still be asked for in this pass. */
  private rest = Infinity;
  private bytes = 0;
  private readonly yielder = new EventLoopYielder();
  private waiting: (() => void)[] = [];

  constructor(private readonly nextBatch: NextBatch) {}

  /** Begins a pass of so many batches at most. */
  begin(limit: number): void {
    this.rest = limit;
  }

  /** Forgets what was made, and that the source has ended; gives it back, to be freed. */
  clear(): RawBatch[] {
    this.hasEnded = false;
    this.bytes = 0;
    return this.batches.splice(0);
  }

  /** Has batches made until there are `count`, in the meantime. */
  prefetch(count: number): void {
    this.wanted = count;
    if (this.isFilling || !this.hasRoom()) return;
    this.isFilling = true;
    void this.fill();
  }

  /**
   * The next batches, `most` of them at most, all of one kind. Waits for one, and for the others as long as they keep coming. None
   * where the source has ended.
   */
  async take(most: number): Promise<RawBatch[]> {
    this.prefetch(Math.max(most, this.batches.length));
    let until = Infinity;
    while (this.batches.length < most && this.isFilling) {
      const { length } = this.batches;
      if (length > 0) until = Math.min(until, performance.now() + MAX_FILL_MILLISECONDS);
      const left = Math.min(EXECUTION_MILLISECONDS, until - performance.now());
      if (left <= 0) break;
      await this.change(length > 0 ? left : undefined);
      if (length > 0 && this.batches.length === length) break;
    }
    // The program is about to end: the call goes on no more.
    if (this.isClosed) await new Promise(() => undefined);
    if (this.batches.length === 0 && this.failure !== undefined) throw this.failure.error;
    const taken = this.takeReady(most);
    // Who took them says when the next ones are to be made.
    this.wanted = 0;
    return taken;
  }

  /** Waits until so many are there, or none are on their way. */
  async settled(most: number): Promise<void> {
    while (this.isFilling && this.batches.length < most) await this.change(undefined);
  }

  /** Of those that are there the next ones, `most` of them at most, all of one kind. */
  takeReady(most: number): RawBatch[] {
    const [first] = this.batches;
    const other = this.batches.findIndex(({ key }) => key === undefined || key !== first?.key);
    const alike = other === -1 ? this.batches.length : Math.max(1, other);
    const taken = this.batches.splice(0, Math.min(most, alike));
    for (const { bytes } of taken) this.bytes -= bytes;
    // They still are ahead of the steps.
    this.wanted = Math.max(0, this.wanted - taken.length);
    return taken;
  }

  /** Puts batches back, which are then the next. */
  putBack(batches: readonly RawBatch[]): void {
    this.batches.unshift(...batches);
    for (const { bytes } of batches) this.bytes += bytes;
  }

  /** Nothing more is made; what was made is given back, to be freed. */
  close(): RawBatch[] {
    this.isClosed = true;
    return this.clear();
  }

  private hasRoom(): boolean {
    return (
      !this.isClosed &&
      !this.hasEnded &&
      this.failure === undefined &&
      this.rest > 0 &&
      this.batches.length < this.wanted &&
      (this.batches.length === 0 || this.bytes < MAX_QUEUE_BYTES)
    );
  }

  private async fill(): Promise<void> {
    try {
      while (this.hasRoom()) {
        this.rest--;
        const next = this.nextBatch();
        this.isLater = isPromise(next);
        const batch = isPromise(next) ? await next : next;
        if (batch === END) this.hasEnded = true;
        else if (this.isClosed) this.late(batch);
        else {
          this.batches.push(batch);
          this.bytes += batch.bytes;
        }
        this.notify();
        if (this.yielder.isDue()) await this.yielder.yieldToEventLoop();
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.isFilling = false;
      this.notify();
    }
  }

  /** What comes when nobody wants it any more. */
  private late({ owned }: RawBatch): void {
    tf.dispose([...owned]);
  }

  private notify(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Waits until something comes, or for some time. */
  private async change(milliseconds: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      if (milliseconds !== undefined) timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
  }
}
