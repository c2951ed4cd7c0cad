import type { Place } from '../../base/checks';
import { argumentError } from '../../base/checks';
import { isPromise } from '../../base/streams';
import { toTensor } from '../../arrays/tensors';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { inOrder } from '../data';
import { readItem, type Item, type PartNames, type Purpose } from './batch';
import { END, type Source } from './source';

/** Rows that were put together. */
export interface StackedRows {
  readonly item: Item;
  readonly owned: readonly Tensor[];
}

/** One array of what the rows have in the same place: as nested arrays, or stacked, where they are tensors. */
const stack = (values: readonly unknown[], place: Place, owned: Tensor[]): unknown => {
  const isPlain = (value: unknown): boolean =>
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    Array.isArray(value) ||
    (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (values.every(isPlain)) return values;
  const stacked = tf.tidy(() => tf.stack(values.map((value) => toTensor(value, place).tensor)));
  owned.push(stacked);
  return stacked;
};

/** One value alone, or the list of several. */
const single = (values: readonly unknown[]): unknown => (values.length === 1 ? values[0] : values);

/** Puts rows together to batches. */
export class RowBatches {
  constructor(
    private readonly source: Source,
    private readonly rows: number,
    private readonly names: () => PartNames,
    private readonly purpose: Purpose,
  ) {}

  /** The next batch, or {@link END}. */
  async next(): Promise<StackedRows | typeof END> {
    const items: Item[] = [];
    const { place } = this.source;
    while (items.length < this.rows) {
      const next = this.source.next();
      const row: unknown = isPromise(next) ? await next : next;
      if (row === END) break;
      if (Buffer.isBuffer(row) || typeof row === 'string') {
        throw argumentError(
          place,
          'a stream of rows, in object mode',
          row,
          'Parse the bytes first: pipe the stream into one that gives [x, y] for each row',
        );
      }
      items.push(readItem(row, this.names(), { purpose: this.purpose, ofRows: true }, place));
    }
    return items.length === 0 ? END : this.stacked(items);
  }

  private stacked(items: readonly Item[]): StackedRows {
    const { inputs, outputs } = this.names();
    const { place } = this.source;
    const owned: Tensor[] = [];
    const columns = (pick: (item: Item) => unknown, names: readonly string[]): unknown => {
      const rows = items.map((item) => inOrder(names, pick(item), place, () => true));
      return single(
        names.map((_, column) => {
          const values = rows.map((row) => row[column]);
          const isMissing = values.every((value) => value === undefined || value === null);
          return isMissing ? undefined : stack(values, place, owned);
        }),
      );
    };
    const isThere = (pick: (item: Item) => unknown): boolean =>
      items.some((item) => (pick(item) ?? null) !== null);
    return {
      item: {
        x: columns(({ x }) => x, inputs),
        y: isThere(({ y }) => y)
          ? columns(
              ({ y }) => y,
              outputs.map(({ name }) => name),
            )
          : undefined,
        sampleWeight: isThere(({ sampleWeight }) => sampleWeight)
          ? stack(
              items.map(({ sampleWeight }) => sampleWeight),
              place,
              owned,
            )
          : undefined,
      },
      owned,
    };
  }
}
