import { callable, type Itself } from '../base/call-styles';
import { argumentError, checkOptions, optional, type Check, type OptionChecks } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { didYouMean } from '../base/suggestions';
import { isLayer, type Layer } from '../layers/internal/target';
import type { ModelStep } from './call-styles';
import { builtModel, KerasModel } from './model';
import { weighted, type Weighted } from './weighted';

/** A layer of a model: itself, its name, or its position, from 0, or from −1 down from the end. */
export type LayerPlace = Layer | string | number;

/** Which layers {@link freezeWeights} and {@link unfreezeWeights} are about. */
export type LayerChoice =
  LayerPlace | readonly LayerPlace[] | readonly boolean[] | ((layer: Layer) => boolean);

/** Options of {@link freezeWeights} and {@link unfreezeWeights}. Without any, all layers are meant. */
export interface FreezeOptions {
  /** The first of a range of layers; that of the model by default. */
  from?: LayerPlace | undefined;
  /** The last of a range of layers, which is in it; that of the model by default. */
  to?: LayerPlace | undefined;
  /** Single layers: names, positions, layers, a truth value for each layer, or a function of a layer that gives one. */
  which?: LayerChoice | undefined;
}

const isPlace = (value: unknown): value is LayerPlace =>
  typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value)) || isLayer(value);

const place: Check<LayerPlace> = (value, at) => {
  if (isPlace(value)) return value;
  throw argumentError(at, "a layer, a layer's name or its position", value);
};

const choice: Check<LayerChoice> = (value, at) => {
  if (typeof value === 'function') return value as (layer: Layer) => boolean;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.every(isPlace) || (Array.isArray(value) && list.every((one) => typeof one === 'boolean')))
    return value as LayerChoice; // as just seen
  const expected =
    'names, positions or layers, a truth value for each layer, or a function of a layer that gives one';
  throw argumentError(at, expected, value);
};

/** The position of a layer in a model. */
const positionOf = (layers: readonly Layer[], argument: string, where: LayerPlace): number => {
  const position =
    typeof where === 'number'
      ? where < 0
        ? layers.length + where
        : where
      : layers.findIndex((layer) => layer === where || layer.name === where);
  if (position in layers) return position;
  const names = layers.map(({ name }) => name);
  if (typeof where === 'string')
    throw argumentError({ argument }, 'the name of a layer of the model', where, didYouMean(where, names));
  const expected =
    typeof where === 'number'
      ? `an index of one of ${layers.length} layers, from 0, or from −1 down from the end`
      : 'a layer of the model';
  throw argumentError(
    { argument },
    expected,
    isLayer(where) ? where.name : where,
    `The layers are: ${names.join(', ')}`,
  );
};

const positionsOf = (layers: readonly Layer[], { from, to, which }: FreezeOptions): ReadonlySet<number> => {
  if (which === undefined) {
    const first = from === undefined ? 0 : positionOf(layers, 'from', from);
    const last = to === undefined ? layers.length - 1 : positionOf(layers, 'to', to);
    if (first <= last) return new Set(Array.from({ length: last - first + 1 }, (_, index) => first + index));
    throw new KerasArgumentError({
      argument: 'from',
      expected: '`from` must be before `to`, or the same layer',
      received: `from '${layers[first]?.name ?? ''}' (position ${first}) to '${layers[last]?.name ?? ''}' (position ${last})`,
      advice: 'Exchange them',
    });
  }
  const flags = typeof which === 'function' ? layers.map((layer) => which(layer)) : which;
  const list = Array.isArray(flags) ? (flags as readonly unknown[]) : [flags];
  if (typeof list[0] !== 'boolean')
    return new Set(list.map((where) => positionOf(layers, 'which', where as LayerPlace))); // checked to be places
  if (list.length !== layers.length) {
    throw argumentError({ argument: 'which' }, `a truth value for each of the ${layers.length} layers`, list);
  }
  return new Set(list.flatMap((flag, index) => (flag === true ? [index] : [])));
};

const apply = (object: KerasModel | Layer, options: FreezeOptions, trainable: boolean): void => {
  const isWhole = Object.values(options).every((value) => value === undefined);
  if (object instanceof KerasModel) {
    const model = builtModel(object);
    const { layers } = model;
    const positions = isWhole ? undefined : positionsOf(layers, options);
    model.tf.trainable = positions === undefined ? trainable : true;
    if (positions === undefined) return;
    layers.forEach((layer, index) => {
      layer.trainable = positions.has(index) === trainable;
    });
    return;
  }
  if (!isWhole) {
    throw new KerasArgumentError({
      argument: 'model',
      expected: '`from`, `to` and `which` choose among the layers of a model',
      received: `the layer '${object.name}'`,
      advice: 'Give the model, or leave these options out',
    });
  }
  object.trainable = trainable;
};

const freezing = (functionName: string, trainable: boolean): ModelStep<FreezeOptions, Itself, Weighted> =>
  callable({
    name: functionName,
    subject: weighted,
    optionNames: ['from', 'to', 'which'],
    checkOptions: (options) => {
      const checked = checkOptions(functionName, options, {
        from: optional(place),
        to: optional(place),
        which: optional(choice),
      } satisfies OptionChecks<FreezeOptions>);
      if (checked.which === undefined || (checked.from ?? checked.to) === undefined) return checked;
      throw new KerasArgumentError({
        function: functionName,
        argument: 'which',
        expected: 'layers are chosen by `from` and `to`, or by `which`',
        received: `which: ${describe(checked.which)}, and ${checked.from === undefined ? 'to' : 'from'}, too`,
        advice: 'Leave one of them out',
      });
    },
    run: (object, _, options) => apply(object, options, trainable),
    givesSubject: true,
  }) as unknown as ModelStep<FreezeOptions, Itself, Weighted>; // the call styles are told apart by the arguments

/**
 * Freezes the weights of a model or layer **in place**, so that training does not change them, and returns it: all of them, those of
 * the layers `from … to` (both included), or those of the layers in `which`. The other layers of a model are unfrozen then.
 *
 * It counts from the next {@link compile} on. R counts positions from 1; here they count from 0.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasArgumentError if there is no such layer, or if a range ends before it begins.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [2] }), layerDense({ units: 1 }))
 * freezeWeights(model, { to: 'dense' })
 * assert.deepStrictEqual(model.layers.map((layer) => layer.trainable), [false, true])
 * pipe(model, freezeWeights({ which: [-1] }))
 * assert.deepStrictEqual(model.layers.map((layer) => layer.trainable), [true, false])
 * @see R keras `freeze_weights`
 */
export const freezeWeights: ModelStep<FreezeOptions, Itself, Weighted> = freezing('freezeWeights', false);

/**
 * Unfreezes the weights of a model or layer **in place**, so that training changes them again, and returns it: all of them, those
 * of the layers `from … to` (both included), or those of the layers in `which`. The other layers of a model are frozen then.
 *
 * It counts from the next {@link compile} on. R counts positions from 1; here they count from 0.
 *
 * @throws KerasStateError if the model has no weights yet.
 * @throws KerasArgumentError if there is no such layer, or if a range ends before it begins.
 * @example
 * const model = pipe(kerasModelSequential(), layerDense({ units: 3, inputShape: [2] }), layerDense({ units: 1 }), freezeWeights)
 * unfreezeWeights(model, { from: 'dense_1' })
 * assert.deepStrictEqual(model.layers.map((layer) => layer.trainable), [false, true])
 * @see R keras `unfreeze_weights`
 */
export const unfreezeWeights: ModelStep<FreezeOptions, Itself, Weighted> = freezing('unfreezeWeights', true);
