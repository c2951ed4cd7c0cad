import { activation, type ActivationLike } from '../../activations/registry';
import {
  argumentError,
  integersOf,
  oneOf,
  optional,
  required,
  type Check,
  nonNegativeInteger,
} from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { dataFormat, type DataFormatName } from './data-format';
import { knownSize } from './shape-rules';
import type { RankRule, UnmetRequirement } from './target';

/** A size along one axis. */
export type Sizes1d = number | readonly [number];
/** Sizes along two axes, height and width: one number stands for both. */
export type Sizes2d = number | readonly [number, number];
/** Sizes along three axes, depth, height and width: one number stands for all of them. */
export type Sizes3d = number | readonly [number, number, number];

/** Options of a window that moves over the axes between batch and channels. */
export interface WindowOptions<Sizes, Padding = 'valid' | 'same'> {
  /** The size of the window. */
  kernelSize: Sizes;
  /** Steps from one window to the next; 1 by default. */
  strides?: Sizes | undefined;
  /** 'valid', no padding, by default; 'same' pads so that strides of 1 keep the size. */
  padding?: Padding | undefined;
  /** 'channels_last' by default: `[batch, …, channels]`; or 'channels_first': `[batch, channels, …]`. */
  dataFormat?: DataFormatName | undefined;
  /** Steps between two elements of the window; 1 by default. Not together with strides. */
  dilationRate?: Sizes | undefined;
  /** 'linear' by default: no change. */
  activation?: ActivationLike | undefined;
}

/** The checks of {@link WindowOptions} over so many axes. */
export const windowChecks = (rank: number) => ({
  kernelSize: required(integersOf(rank)),
  strides: optional(integersOf(rank), 1),
  padding: optional(oneOf('valid', 'same'), 'valid'),
  dataFormat: optional(dataFormat, 'channels_last'),
  dilationRate: optional(integersOf(rank), 1),
  activation: optional(activation),
});

/** The padding of sequences: 'causal' lets no output see later steps. */
export const sequencePadding = optional(oneOf('valid', 'same', 'causal'), 'valid');

/** Integers of 0 or more along so many axes. */
export const nonNegativeSizes = (rank: number): Check<number[]> => integersOf(rank, nonNegativeInteger);

/** TensorFlow knows no dilation together with strides. */
export const strideOrDilation = (
  { strides, dilationRate }: { strides: readonly number[]; dilationRate: readonly number[] },
  functionName: string,
): void => {
  const isOne = (sizes: readonly number[]): boolean => sizes.every((size) => size === 1);
  if (isOne(strides) || isOne(dilationRate)) return;
  throw new KerasArgumentError({
    function: functionName,
    argument: 'dilationRate',
    expected: 'only one of `strides` and `dilationRate` may differ from 1',
    received: `strides: ${strides.join()}, dilationRate: ${dilationRate.join()}`,
    advice: 'Set the other to 1',
  });
};

/** TensorFlow's kernel for single channels moves alike along both axes. */
export const equalStrides = (strides: readonly number[], functionName: string): void => {
  if (strides.every((stride) => stride === strides[0])) return;
  const place = { function: functionName, argument: 'strides' };
  throw argumentError(place, 'the same along both axes', strides, `Write strides: ${strides[0]}`);
};

/** The check of a layer whose weights depend on the number of channels. */
export const knownChannels =
  (groupsOf: (options: { readonly groups?: number }) => number = () => 1) =>
  (
    [shape = []]: readonly (readonly (number | null)[])[],
    options: { readonly dataFormat: string; readonly groups?: number },
  ): UnmetRequirement | undefined => {
    const axis = options.dataFormat === 'channelsFirst' ? 1 : shape.length - 1;
    const channels = shape[axis];
    if (channels === null || channels === undefined) {
      return knownSize(axis === 1 ? 'the axis of channels' : 'the last axis');
    }
    const groups = groupsOf(options);
    if (channels % groups === 0) return undefined;
    return {
      needs: `a number of channels that its ${groups} groups divide, and has ${channels}`,
      advice: 'Change `groups`, or the number of channels before it',
    };
  };

/** The number of filters must be divided by that of groups. */
export const filtersInGroups = (
  { filters, groups }: { readonly filters: number; readonly groups: number },
  functionName: string,
): void => {
  if (filters % groups === 0) return;
  const place = { function: functionName, argument: 'groups' };
  throw argumentError(place, `a divisor of \`filters\`, which is ${filters}`, groups);
};

const INPUTS = [
  'Give it sequences of vectors, [batch, steps, channels]; layerReshape adds an axis of one channel',
  'Give it images, [batch, height, width, channels]; layerReshape adds an axis of one channel',
  'Give it volumes, [batch, depth, height, width, channels]; layerReshape adds an axis of one channel',
];

/** Sequences, images or volumes. */
export const inputOf = (rank: 1 | 2 | 3): RankRule => ({
  minNDim: rank + 2,
  maxNDim: rank + 2,
  advice: INPUTS[rank - 1] as string, // one for each
});
