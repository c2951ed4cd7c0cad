import type { ArrayLike } from '../../arrays/tensors';
import type { NestedText } from '../../arrays/texts';
import { callable, type callForm, type CallForm, type Itself } from '../../base/call-styles';
import {
  argumentError,
  checkOptions,
  isPlainObject,
  optional,
  positiveInteger,
  positiveNumber,
  type OptionChecks,
  type Place,
} from '../../base/checks';
import { isStream } from '../../base/streams';
import type { Learned, LearningBatch } from '../../layers/internal/learned';
import { EventLoopYielder } from '../../step/event-loop';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { END, Source } from '../../training/streams/source';
import type { DataStream } from '../../training/streams/types';
import type { TableLike } from '../tables/as-table';
import type { TableColumn } from '../tables/table';
import { checkNumbers, isWhole, readData } from './parts';
import { adaptable, learnedBy, type Adaptable } from './subject';

/** What a layer learns from: numbers or texts in arrays or tensors, a column or a table of them, or a stream of batches. */
export type AdaptData = Tensor | ArrayLike | NestedText | TableColumn | TableLike | DataStream<AdaptBatch>;

/** A batch that a layer learns from; of a list, or an object with `x`, as `fit` takes them, the first is meant, or `x`. */
export type AdaptBatch =
  Tensor | ArrayLike | NestedText | readonly unknown[] | { readonly x: unknown } | { readonly xs: unknown };

/** Options of {@link adapt}. */
export interface AdaptOptions {
  /** How many rows are taken into account at once, of arrays, tables and streams of rows; 32 by default. */
  readonly batchSize?: number | undefined;
  /** Of a stream, how many batches are taken; all of them by default. */
  readonly steps?: number | undefined;
  /** Streams: milliseconds to wait for a batch, after which the call fails; no limit by default. */
  readonly batchTimeout?: number | undefined;
}

/** {@link adapt}: piped, or plain, with the layer first. */
export interface AdaptFunction {
  (data: AdaptData, options?: AdaptOptions): <Of extends Adaptable>(layer: Of) => Promise<Of>;
  <Of extends Adaptable>(layer: Of, data: AdaptData, options?: AdaptOptions): Promise<Of>;
  readonly [callForm]: CallForm<['task', [data: AdaptData, options?: AdaptOptions], Itself, Adaptable]>;
}

const NAME = 'adapt';
const PLACE: Place = { function: NAME, argument: 'data' };
const BATCH_SIZE = 32;

const checks = {
  batchSize: optional(positiveInteger),
  steps: optional(positiveInteger),
  batchTimeout: optional(positiveNumber),
} satisfies OptionChecks<AdaptOptions>;

/** The rows of data, so many at a time. */
function* rowsOf({ values, shape }: LearningBatch, batchSize: number): Generator<LearningBatch> {
  const [rows = 1, ...inner] = shape;
  const width = rows === 0 ? 0 : values.length / rows;
  for (let from = 0; from < rows; from += batchSize) {
    const to = Math.min(rows, from + batchSize);
    // Texts or numbers, which both have this.
    const part = (values as Float32Array).slice(from * width, to * width);
    yield { values: part, shape: [to - from, ...inner] };
  }
}

/** What of an item of a stream is data: `x` of what else is for `fit`. */
const dataIn = (item: unknown): unknown => {
  if (isPlainObject(item) && 'x' in item) return item['x'];
  if (isPlainObject(item) && 'xs' in item) return item['xs'];
  return Array.isArray(item) && item[0] instanceof tf.Tensor ? item[0] : item;
};

/** The batches of a stream: of one of rows, so many rows each. */
async function* batchesOf(
  stream: unknown,
  learned: Learned,
  { batchSize, steps = Infinity, batchTimeout }: AdaptOptions,
): AsyncGenerator<LearningBatch> {
  const source = new Source(stream, PLACE, batchTimeout);
  try {
    await source.open();
    if (batchSize !== undefined && !source.ofRows)
      throw argumentError(
        { ...PLACE, argument: 'batchSize' },
        'left out for a stream of batches',
        batchSize,
        'Leave it out',
      );
    let rows: unknown[] = [];
    for (let step = 0; step < steps;) {
      const item: unknown = await source.next();
      if (item !== END && source.ofRows) rows.push(dataIn(item));
      const isFull =
        source.ofRows && (item === END ? rows.length > 0 : rows.length === (batchSize ?? BATCH_SIZE));
      if (source.ofRows ? isFull : item !== END) {
        yield readData(source.ofRows ? rows : dataIn(item), learned.type, PLACE);
        if (source.givesAway) tf.dispose(item as Tensor);
        rows = [];
        step++;
      }
      if (item === END) break;
    }
  } finally {
    await source.close();
  }
}

/** Data as batches. */
const partsOf = (
  data: unknown,
  learned: Learned,
  options: AdaptOptions,
): Iterable<LearningBatch> | AsyncIterable<LearningBatch> => {
  if (!isWhole(data) && isStream(data)) return batchesOf(data, learned, options);
  for (const argument of ['steps', 'batchTimeout'] as const)
    if (options[argument] !== undefined)
      throw argumentError(
        { ...PLACE, argument },
        'left out for data that are no stream',
        options[argument],
        'Leave it out',
      );
  return rowsOf(readData(data, learned.type, PLACE), options.batchSize ?? BATCH_SIZE);
};

const learn = async (learned: Learned, data: unknown, options: AdaptOptions): Promise<void> => {
  learned.checkOpen();
  learned.begin();
  const yielder = new EventLoopYielder();
  let rows = 0;
  for await (const batch of partsOf(data, learned, options)) {
    checkNumbers(batch, learned, rows, PLACE);
    learned.take(batch);
    // Rows of nothing are none.
    if (batch.values.length > 0) rows += batch.shape[0] ?? 1;
    if (yielder.isDue()) await yielder.yieldToEventLoop();
  }
  if (rows === 0) throw argumentError(PLACE, 'data of at least one row', data, 'Look where they come from');
  learned.end();
};

/**
 * Lets a layer of preprocessing learn from data before the training, in one pass: the vocabulary of {@link layerTextVectorization},
 * {@link layerStringLookup} and {@link layerIntegerLookup}. What it has learned before is replaced.
 *
 * `layer` is the step that makes the layer, `layerTextVectorization()`, or a layer of a model, `getLayer(model, name)`: all layers of a
 * step learn together, before and after they are in models. Changes the layer in place; the promise gives it.
 *
 * Data are arrays or tensors, the batch axis first; a column of a table or a whole table; or a stream of batches, of which `x` counts, or
 * of rows. In between others may run.
 *
 * @throws KerasArgumentError if the data are not what the layer takes, or the layer does not learn.
 * @throws KerasStateError if the layer has been given what it would learn, or a model of it has rows of another size.
 * @example
 * const vectorize = await adapt(layerTextVectorization({ outputMode: 'multi_hot' }), ['red green', 'green'])
 * assert.deepStrictEqual(getVocabulary(vectorize), ['[UNK]', 'green', 'red'])
 * const model = pipe(kerasModelSequential({ inputShape: [1] }), vectorize)
 * assert.deepStrictEqual((await predict(model, [['red blue']])).arraySync(), [[1, 0, 1]])
 * @see R keras `adapt`
 */
export const adapt: AdaptFunction = callable({
  name: NAME,
  subject: adaptable,
  data: ['data'],
  // An object may be options.
  isData: (value) => !isPlainObject(value) && (isWhole(value) || isStream(value)),
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions(NAME, options, checks),
  givesPromise: true,
  run: async (layer, [data]: readonly [unknown], options) => {
    await learn(learnedBy(layer), data, options);
    return layer;
  },
}) as unknown as AdaptFunction; // the call styles are told apart by the arguments
