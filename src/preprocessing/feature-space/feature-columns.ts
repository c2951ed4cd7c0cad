/** Columns of data, by the names of the features that they are for. */
import { argumentError, isPlainObject, type Place } from '../../base/checks';
import { describe, KerasArgumentError } from '../../base/errors';
import { didYouMean } from '../../base/suggestions';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { END, Source } from '../../training/streams/source';
import { checkNumbers, readData } from '../adapt/parts';
import type { PreparedFeature } from './features';

/** Whether something is to be learned. */
export const isOpen = (learned: NonNullable<PreparedFeature['learned']>): boolean => {
  try {
    learned.checkOpen();
    return true;
  } catch {
    return false;
  }
};

/** What data without rows are. */
export const withoutRows = (
  { argument, function: functionName }: Place,
  received: string,
): KerasArgumentError =>
  new KerasArgumentError({
    function: functionName,
    argument,
    expected: `\`${argument}\` must be data of at least one row`,
    received,
    advice: 'Look where they come from',
  });

/** The column of a feature. */
export const columnIn = (name: string, columns: Readonly<Record<string, unknown>>, place: Place): unknown => {
  if (Object.hasOwn(columns, name)) return columns[name];
  const names = Object.keys(columns);
  throw new KerasArgumentError({
    ...place,
    expected: `the data must have the column '${name}'`,
    received: names.length === 0 ? 'no columns' : `the columns ${names.map(describe).join(', ')}`,
    advice: names.length === 0 ? 'Give a table with this column' : didYouMean(name, names),
  });
};

/** Lets a feature learn from its column, of whose data so many rows came `before`; gives how many there are. */
export const takeColumn = (
  { name, learned }: PreparedFeature,
  columns: Readonly<Record<string, unknown>>,
  before: number,
): number => {
  if (learned === undefined) return 0;
  const place = { function: 'featureSpace.adapt', argument: `data.${name}` };
  const batch = readData(columnIn(name, columns, place), learned.type, place);
  checkNumbers(batch, learned, before, place);
  // A column is rows of one value.
  learned.take(batch.shape.length === 1 ? { ...batch, shape: [...batch.shape, 1] } : batch);
  return batch.shape[0] ?? 0;
};

/** Calls with the columns of each batch of a stream. */
export const eachBatch = async (
  stream: unknown,
  batchTimeout: number | undefined,
  take: (columns: Readonly<Record<string, unknown>>) => Promise<void>,
): Promise<void> => {
  const place = { function: 'featureSpace.adapt', argument: 'data' };
  const source = new Source(stream, place, batchTimeout);
  try {
    await source.open();
    for (let item: unknown = await source.next(); item !== END; item = await source.next()) {
      const [first] = Array.isArray(item) ? (item as unknown[]) : [item];
      const named = isPlainObject(first) && isPlainObject(first['xs']) ? first['xs'] : first;
      const columns = isPlainObject(named) && isPlainObject(named['x']) ? named['x'] : named;
      if (!isPlainObject(columns)) throw argumentError(place, 'a stream of columns by their names', item);
      await take(columns);
      if (source.givesAway) tf.dispose(item as Record<string, Tensor>);
    }
  } finally {
    await source.close();
  }
};
