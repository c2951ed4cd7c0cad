/** What one of Python's Keras 2.13 and Keras 3 knows, and the other does not. */

/** Classes and functions that Keras 3 has and Keras 2.13 has not. */
const SINCE_KERAS_3 = new Set([
  ...['GroupQueryAttention', 'MelSpectrogram', 'RMSNormalization', 'STFTSpectrogram'],
  ...['CategoricalGeneralizedCrossEntropy', 'Circle', 'CTC', 'Dice', 'Tversky'],
  ...['categorical_generalized_cross_entropy', 'circle', 'ctc', 'dice', 'tversky'],
  ...['ConcordanceCorrelation', 'PearsonCorrelation', 'concordance_correlation', 'pearson_correlation'],
  ...['Lamb', 'Muon'],
  ...[
    'celu',
    'glu',
    'hard_shrink',
    // Of this name Keras 2 has another function.
    'hard_sigmoid',
    'hard_silu',
    'hard_tanh',
    'leaky_relu',
    'log_sigmoid',
    'log_softmax',
    'relu6',
  ],
  ...['soft_shrink', 'sparse_plus', 'sparse_sigmoid', 'sparsemax', 'squareplus', 'tanh_shrink', 'threshold'],
]);

/** Classes and functions that Keras 2.13 has and Keras 3 has not. */
const UNTIL_KERAS_2 = new Set([
  ...['RandomHeight', 'RandomWidth', 'ThresholdedReLU'],
  ...['MeanRelativeError', 'MeanTensor'],
  ...['RadialConstraint', 'radial_constraint', 'kullback_leibler_divergence', 'logcosh'],
]);

/** The versions of Keras that know a class or function of Keras's. */
export const kerasVersionsOf = (name: string): readonly (2 | 3)[] => {
  if (SINCE_KERAS_3.has(name)) return [3];
  return UNTIL_KERAS_2.has(name) ? [2] : [2, 3];
};
