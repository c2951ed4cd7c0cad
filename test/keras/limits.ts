/**
 * What Keras 3 does not take, or computes otherwise, of what Keras 2.13 has: of models as test/keras/layers.ts calls them, in which
 * formats, and why. That it is Keras 3's own affair test/keras/check.py shows: of the same model as Keras 2.13 wrote it, it must be the
 * same; and a model that it takes after all must not be here.
 */
import type { Expected } from './values';

type Limits = NonNullable<Expected['limits']>;

const both = (reason: string): Limits => ({ '.h5': reason, '.keras': reason });

const inHdf5 = (reason: string): Limits => ({ '.h5': reason });

const ofModels = (names: readonly string[], limits: Limits): Record<string, Limits> =>
  Object.fromEntries(names.map((name) => [name, limits]));

export const KERAS_3_LIMITS: Readonly<Record<string, Limits>> = {
  ...ofModels(
    ['Activation', 'LSTM', 'RNN', 'Bidirectional', 'ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D'].map(
      (name) => `${name}-hard-sigmoid`,
    ),
    inHdf5('its hard_sigmoid is another function'),
  ),
  ...ofModels(
    ['LayerNormalization-several-axes', 'UnitNormalization-several-axes'],
    inHdf5('it leaves axes out, if there are several'),
  ),
  'SeparableConv1D-causal': both('its separable convolutions have no causal padding'),
  RandomCrop: both(
    'without training it leaves pictures as large as they are, against the shape that it says',
  ),
};
