import type { LayerVariable } from '@tensorflow/tfjs';
import { argumentError, boolean, integer, optional, positiveNumber, type Check } from '../../base/checks';
import { constraint, type ConstraintLike } from '../../constraints/registry';
import { initializer, type InitializerLike } from '../../initializers/registry';
import { regularizer, type RegularizerLike } from '../../regularizers/registry';
import {
  KerasLayer,
  type ConstraintOption,
  type InitializerOption,
  type RegularizerOption,
} from '../../tfjs/keras-layer';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { LayerOptions } from './options';
import { knownSize } from './shape-rules';
import type { UnmetRequirement } from './target';

/** Options of factor and offset inside a layer. */
export interface AffineFields {
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly betaInitializer: InitializerOption;
  readonly gammaInitializer: InitializerOption;
  readonly betaRegularizer: RegularizerOption;
  readonly gammaRegularizer: RegularizerOption;
  readonly betaConstraint: ConstraintOption;
  readonly gammaConstraint: ConstraintOption;
}

export const AFFINE_DEFAULTS = {
  epsilon: 0.001,
  center: true,
  scale: true,
  betaInitializer: 'zeros',
  gammaInitializer: 'ones',
  betaRegularizer: null,
  gammaRegularizer: null,
  betaConstraint: null,
  gammaConstraint: null,
};

/** The axes that are meant, counted from 0. */
export const axesOf = (axis: number | readonly number[], rank: number): number[] =>
  [axis].flat().map((one) => (one < 0 ? one + rank : one));

/** A layer that multiplies what it has normalized by `gamma`, and adds `beta`. */
export abstract class Affine<Fields extends AffineFields> extends KerasLayer<Fields> {
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;

  protected addAffine(shape: readonly number[]): void {
    if (this.own.scale) this.gamma = this.weight('gamma', shape);
    if (this.own.center) this.beta = this.weight('beta', shape);
  }

  /** Scales and shifts; the weights' values are given a shape that broadcasts. */
  protected affine(x: Tensor, shape: readonly number[]): Tensor {
    const spread = (weight: LayerVariable): Tensor => tf.reshape(weight.read(), [...shape]);
    const scaled = this.gamma === undefined ? x : tf.mul(x, spread(this.gamma));
    return this.beta === undefined ? scaled : tf.add(scaled, spread(this.beta));
  }
}

/** `(x − mean) / √(variance + epsilon)` along axes. */
export const standardized = (x: Tensor, axes: number[], epsilon: number): Tensor => {
  const mean = tf.mean(x, axes, true);
  const centered = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centered), axes, true);
  return tf.mul(centered, tf.rsqrt(tf.add(variance, epsilon)));
};

export const axisCheck: Check<number | number[]> = (value, place) => {
  if (!Array.isArray(value)) return integer(value, place);
  if (value.length === 0) throw argumentError(place, 'an integer, or some of them', value);
  return value.map((axis) => integer(axis, place));
};

export const axesThere = (
  [shape = []]: readonly (readonly (number | null)[])[],
  axis: number | readonly number[],
  mustBeKnown: boolean,
): UnmetRequirement | undefined => {
  const rank = shape.length;
  const missing = [axis].flat().find((one) => one < 1 - rank || one >= rank || one === 0);
  if (missing !== undefined) {
    return {
      needs: `input with an axis ${missing} after that of the batch`,
      advice: `Give an \`axis\` from 1 to ${rank - 1}, or −1 for the last`,
    };
  }
  const open = mustBeKnown && axesOf(axis, rank).some((one) => shape[one] === null);
  return open ? knownSize('the axes that it normalizes') : undefined;
};

/** Options of factor and offset. */
export interface AffineOptions extends LayerOptions {
  /** What is added to the variance; 0.001 by default. */
  epsilon?: number | undefined;
  /** Whether `beta` is added; true by default. */
  center?: boolean | undefined;
  /** Whether `gamma` multiplies; true by default. */
  scale?: boolean | undefined;
  /** 'zeros' by default. */
  betaInitializer?: InitializerLike | undefined;
  /** 'ones' by default. */
  gammaInitializer?: InitializerLike | undefined;
  /** A penalty on `beta`, added to the loss. */
  betaRegularizer?: RegularizerLike | undefined;
  /** A penalty on `gamma`, added to the loss. */
  gammaRegularizer?: RegularizerLike | undefined;
  /** What `beta` must satisfy after each update. */
  betaConstraint?: ConstraintLike | undefined;
  /** What `gamma` must satisfy after each update. */
  gammaConstraint?: ConstraintLike | undefined;
}

export const affineChecks = {
  epsilon: optional(positiveNumber, 0.001),
  center: optional(boolean, true),
  scale: optional(boolean, true),
  betaInitializer: optional(initializer, 'zeros'),
  gammaInitializer: optional(initializer, 'ones'),
  betaRegularizer: optional(regularizer),
  gammaRegularizer: optional(regularizer),
  betaConstraint: optional(constraint),
  gammaConstraint: optional(constraint),
};
