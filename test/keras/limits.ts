/**
 * What Keras 3 does not take, or computes otherwise, of what Keras 2.13 has: of models as test/keras/layers.ts calls them, in which
 * formats, and why. That it is Keras 3's own affair test/keras/check.py shows: of the same model as Keras 2.13 wrote it, it must be the
 * same; and a model that it takes after all must not be here. What it writes of some it does not take back itself as the same model, which
 * is shown, too: `written.keras`.
 */
import type { Expected } from './values';

type Limits = NonNullable<Expected['limits']>;

const both = (reason: string): Limits => ({ '.h5': reason, '.keras': reason });

const inHdf5 = (reason: string): Limits => ({ '.h5': reason });

const ofModels = (names: readonly string[], limits: Limits): Record<string, Limits> =>
  Object.fromEntries(names.map((name) => [name, limits]));

export const KERAS_3_LIMITS: Readonly<Record<string, Limits>> = {
  ...ofModels(
    ['Activation', 'Bidirectional', 'ConvLSTM3D'].map((name) => `${name}-hard-sigmoid`),
    inHdf5('its hard_sigmoid is another function'),
  ),
  ...ofModels(
    ['LayerNormalization-several-axes', 'UnitNormalization-several-axes'],
    inHdf5('it leaves axes out, if there are several'),
  ),
  ...ofModels(
    [
      ...['MultiHeadAttention', 'Conv1DTranspose', 'DepthwiseConv1D', 'DepthwiseConv2D'],
      ...['SeparableConv1D', 'SeparableConv2D', 'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D'],
      ...['Discretization', 'attention'],
    ],
    inHdf5('it refuses options that the layer has in files of Keras 2.13'),
  ),
  ...ofModels(['Conv2DTranspose', 'Conv3DTranspose'], {
    ...inHdf5('it refuses options that the layer has in files of Keras 2.13'),
    'written.keras': 'it leaves out the padding of outputs',
  }),
  plain: { 'written.keras': 'it leaves out the delta of Huber’s loss' },
  ...ofModels(
    ['UpSampling2D-other-interpolation', 'Resizing-other-interpolation'],
    both('it does not interpolate so'),
  ),
  nested: inHdf5('it looks without end for the nodes of a Sequential model that is in another model'),
  ...ofModels(
    [
      'SimpleRNN',
      'GRU',
      'LSTM',
      ...['LSTM', 'ConvLSTM1D', 'ConvLSTM2D'].map((name) => `${name}-hard-sigmoid`),
    ],
    inHdf5('it takes no states of a layer among its inputs'),
  ),
  Bidirectional: inHdf5('it refuses one whose layer goes backwards'),
  ...ofModels(['RNN', 'RNN-hard-sigmoid'], inHdf5('it takes no states of cells that have several')),
  ...ofModels(
    ['LSTM-time-first', 'GRU-time-first', 'RNN-time-first'],
    both('its layers have the batch first'),
  ),
  'RandomZoom-far': both('it does not zoom by more than twice the size'),
  'SeparableConv1D-causal': both('its separable convolutions have no causal padding'),
  RandomCrop: both(
    'without training it leaves pictures as large as they are, against the shape that it says',
  ),
};
