import { isPromise } from '../../base/streams';
import type { KerasModel } from '../../models/model';
import type { Arrays } from '../../step/batches';
import { tf } from '../../tfjs/tensorflow';
import type { ArgumentNames } from '../arrays';
import type { Tensors } from '../data';
import {
  partNames,
  rawBatch,
  readItem,
  tensorsIn,
  type Item,
  type PartNames,
  type Purpose,
  type RawBatch,
} from './batch';
import { chunkOf, errorInStep, type Chunk } from './chunk';
import { BatchQueue } from './queue';
import { RowBatches } from './rows';
import { END, Source } from './source';

/** What a stream is read for, and how. */
export interface ReaderRequest {
  readonly model: KerasModel;
  readonly stream: unknown;
  readonly purpose: Purpose;
  /** What the stream itself is called in messages. */
  readonly argument: string;
  /** What its parts are called. */
  readonly argumentNames: ArgumentNames;
  /** Rows of a batch, where the stream gives rows. */
  readonly batchSize: number | undefined;
  readonly maxQueueSize: number | undefined;
  readonly batchTimeout: number | undefined;
  /** The outputs, and which of them need no labels; asked for once the model is built. */
  readonly outputs: () => PartNames['outputs'];
  /** Checks a batch and makes tensors of it. */
  readonly prepare: (item: Item, tensors: Tensors) => Arrays;
}

/** Batches as one, or what is wrong with them. */
type Ahead = { readonly chunk: Chunk; readonly batches: readonly RawBatch[] } | { readonly error: unknown };

/** Rows of a batch where nobody says. */
const DEFAULT_ROWS = 32;

/** Reads batches of a stream, ahead of the steps, and makes tensors of them. */
export class StreamReader {
  readonly source: Source;
  private readonly queue: BatchQueue;
  private readonly rows: RowBatches;
  /** The first batch, which was looked at before the steps began. */
  private first: Chunk | undefined;
  /** Batches of which each is looked at alone, since one of them is not as it should be. */
  private alone = 0;
  /** The next batches, of which arrays were made while the steps before ran, or what is wrong with the next one. */
  private ahead: Ahead | undefined;
  /** How often the next batches were asked for. */
  private asked = 0;
  private limit = Infinity;
  private hasBegun = false;
  private known: PartNames | undefined;
  /** The batch that was read before. */
  private before: RawBatch | undefined;
  /** How many batches came in all. */
  total = 0;
  /** How many of them when the source went on from its beginning: where no more came, no more will. */
  private totalBefore = 0;

  constructor(private readonly request: ReaderRequest) {
    const { stream, argument, batchTimeout, batchSize, purpose } = request;
    this.source = new Source(stream, { argument }, batchTimeout);
    this.rows = new RowBatches(this.source, batchSize ?? DEFAULT_ROWS, this.names, purpose);
    this.queue = new BatchQueue(() => this.nextBatch());
  }

  /** Opens the stream, and looks at its first batch; undefined where there is none. `limit` is how many it is asked for in a pass. */
  async open(limit: number, place: string): Promise<Chunk | undefined> {
    await this.source.open();
    this.limit = limit;
    this.queue.begin(limit);
    this.first = await this.next(1, place);
    return this.first;
  }

  /** Begins a pass: from the beginning, if the stream can and is to. */
  async begin(isAnew: boolean): Promise<void> {
    if (this.hasBegun && isAnew && this.source.canRestart) await this.restart();
    this.queue.begin(this.hasBegun ? this.limit : this.limit - 1);
    this.hasBegun = true;
  }

  /** Begins anew in the middle. */
  async restart(): Promise<void> {
    this.discardAhead();
    this.free(this.queue.clear());
    await this.source.restart();
    this.queue.begin(this.limit);
  }

  /** The next batches, `most` of them at most; undefined where the stream has ended. `place` says in an error which step it is. */
  async next(most: number, place: string): Promise<Chunk | undefined> {
    const { first } = this;
    this.first = undefined;
    if (first !== undefined) return first;
    this.asked++;
    const ahead = this.takeAhead(most, place);
    if (ahead !== undefined) return ahead;
    const { maxQueueSize = Infinity } = this.request;
    const batches = await this.queue.take(this.alone > 0 ? 1 : Math.min(most, Math.max(1, maxQueueSize)));
    if (batches.length === 0) return (await this.goOn()) ? this.next(most, place) : undefined;
    this.alone = Math.max(0, this.alone - 1);
    try {
      const chunk = chunkOf(batches, { ...this.request, names: this.names });
      if (chunk === undefined) {
        this.alone = batches.length;
        this.queue.putBack(batches);
        return await this.next(1, place);
      }
      this.total += chunk.steps;
      return chunk;
    } catch (error) {
      throw errorInStep(error, place);
    }
  }

  /** Goes on from the beginning with a source that ended before so many batches as are asked for, if it says that it may. */
  private async goOn(): Promise<boolean> {
    const { source, limit, total } = this;
    if (limit === Infinity || !source.repeats || !source.canRestart || total === this.totalBefore)
      return false;
    this.totalBefore = total;
    await this.restart();
    return true;
  }

  /** Whether the source is at work while this thread has other work. */
  get isAsynchronous(): boolean {
    return this.queue.isLater;
  }

  /** Has batches made while steps run: as many as the caller allows, or as are to run at once. */
  prefetch(count: number): void {
    this.queue.prefetch(this.request.maxQueueSize ?? count);
  }

  /** Has arrays made of the next batches, `most` of them at most, once they are there: of those that nobody waits for yet. */
  async joinAhead(most: number): Promise<void> {
    const { asked, queue } = this;
    // While the batches come, others may ask, or join: what they take comes first.
    const isFirst = (): boolean => asked === this.asked && this.ahead === undefined;
    if (most < 1 || this.alone > 0 || !isFirst()) return;
    await queue.settled(most);
    if (!isFirst()) return;
    const batches = queue.takeReady(most);
    if (batches.length === 0) return;
    try {
      const chunk = chunkOf(batches, { ...this.request, names: this.names });
      if (chunk === undefined) queue.putBack(batches);
      else this.ahead = { chunk, batches };
    } catch (error) {
      this.ahead = { error };
    }
  }

  /** What was made ahead; undefined if that is nothing, or more than is wanted, which is put back. */
  private takeAhead(most: number, place: string): Chunk | undefined {
    const { ahead } = this;
    this.ahead = undefined;
    if (ahead === undefined) return undefined;
    if ('error' in ahead) throw errorInStep(ahead.error, place);
    const { chunk, batches } = ahead;
    if (chunk.steps <= most) {
      this.total += chunk.steps;
      return chunk;
    }
    chunk.release();
    this.queue.putBack(batches);
    return undefined;
  }

  private discardAhead(): void {
    if (this.ahead !== undefined && 'chunk' in this.ahead) this.ahead.chunk.dispose();
    this.ahead = undefined;
  }

  /** Says that no more is asked for. */
  async close(): Promise<void> {
    this.asked++;
    this.first?.dispose();
    this.first = undefined;
    this.discardAhead();
    this.free(this.queue.close());
    await this.source.close();
  }

  /** The names are the same for all batches, once the model is built. */
  private readonly names = (): PartNames => {
    if (this.known !== undefined) return this.known;
    const { model, outputs } = this.request;
    const names = partNames(model, outputs);
    if (model.built) this.known = names;
    return names;
  };

  private nextBatch(): RawBatch | typeof END | Promise<RawBatch | typeof END> {
    const { source, request } = this;
    if (source.ofRows) {
      return this.rows
        .next()
        .then((stacked) => (stacked === END ? END : rawBatch(stacked.item, this.names(), stacked.owned)));
    }
    const read = (item: unknown): RawBatch | typeof END => {
      if (item === END) return END;
      const { purpose } = request;
      const names = this.names();
      const parts = readItem(item, names, { purpose, ofRows: false }, source.place);
      this.before = rawBatch(parts, names, source.givesAway ? tensorsIn(item) : undefined, this.before);
      return this.before;
    };
    const item = source.next();
    return isPromise(item) ? Promise.resolve(item).then(read) : read(item);
  }

  private free(batches: readonly RawBatch[]): void {
    for (const { owned } of batches) tf.dispose([...owned]);
  }
}
