/**
 * What options were called in Keras 1, in older versions of R keras and in PyTorch, with what they are called here: the first that
 * the function has is meant. Other ways to write a name (`batch_size`, `batchsize`) need no entry: they are near.
 */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  // Optimizers.
  lr: ['learningRate'],
  alpha: ['learningRate', 'negativeSlope'],
  eta: ['learningRate'],
  betas: ['beta1', 'beta2'],
  beta_1: ['beta1'],
  beta_2: ['beta2'],
  eps: ['epsilon'],
  weightDecay: ['kernelRegularizer'],
  // Training.
  nbEpoch: ['epochs'],
  nEpochs: ['epochs'],
  nbEpochs: ['epochs'],
  numEpochs: ['epochs'],
  bs: ['batchSize'],
  valSplit: ['validationSplit'],
  validation: ['validationData', 'validationSplit'],
  valData: ['validationData'],
  viewMetrics: ['view'],
  weights: ['sampleWeight'],
  classWeights: ['classWeight'],
  lossFunction: ['loss'],
  objective: ['loss'],
  criterion: ['loss'],
  optim: ['optimizer'],
  // Shapes.
  inputDim: ['inputShape'],
  inputDims: ['inputShape'],
  inputSize: ['inputShape'],
  inFeatures: ['inputShape'],
  batchInputShape: ['batchShape'],
  inputShape: ['shape'],
  // Sizes of layers.
  outputDim: ['units', 'filters'],
  outFeatures: ['units'],
  hiddenSize: ['units'],
  nbFilter: ['filters'],
  nFilters: ['filters'],
  outChannels: ['filters'],
  numFilters: ['filters'],
  filterLength: ['kernelSize'],
  filterSize: ['kernelSize'],
  nbRow: ['kernelSize'],
  nbCol: ['kernelSize'],
  poolLength: ['poolSize'],
  inputLen: ['inputLength'],
  numEmbeddings: ['inputDim'],
  vocabSize: ['inputDim'],
  embeddingDim: ['outputDim'],
  // What layers do.
  borderMode: ['padding'],
  subsample: ['strides'],
  subsampleLength: ['strides'],
  stride: ['strides'],
  dilation: ['dilationRate'],
  atrousRate: ['dilationRate'],
  dimOrdering: ['dataFormat'],
  bias: ['useBias'],
  nonlinearity: ['activation'],
  act: ['activation'],
  innerActivation: ['recurrentActivation'],
  p: ['rate'],
  prob: ['rate'],
  rate: ['dropout'],
  dropoutW: ['dropout'],
  dropoutU: ['recurrentDropout'],
  // Initial weights, penalties.
  init: ['kernelInitializer', 'embeddingsInitializer'],
  initializer: ['kernelInitializer', 'embeddingsInitializer'],
  innerInit: ['recurrentInitializer'],
  forgetBiasInit: ['unitForgetBias'],
  regularizer: ['kernelRegularizer', 'embeddingsRegularizer'],
  constraint: ['kernelConstraint', 'embeddingsConstraint'],
  wRegularizer: ['kernelRegularizer', 'embeddingsRegularizer'],
  bRegularizer: ['biasRegularizer'],
  uRegularizer: ['recurrentRegularizer'],
  wConstraint: ['kernelConstraint', 'embeddingsConstraint'],
  bConstraint: ['biasConstraint'],
  gammaInit: ['gammaInitializer'],
  betaInit: ['betaInitializer'],
  // Data.
  nbClasses: ['numClasses'],
  nClasses: ['numClasses'],
  classes: ['numClasses'],
  maxLength: ['maxlen'],
  length: ['maxlen'],
  nbWords: ['numWords'],
  dim: ['axis', 'shape'],
  size: ['shape'],
};

/** `nb_epoch` and `W_regularizer` as `nbEpoch` and `wRegularizer`. */
const camelCase = (name: string): string =>
  name
    .replaceAll(/[_.](.)/g, (_, letter: string) => letter.toUpperCase())
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase());

/** Options that are no other's name: what to write instead, where the function has the option that it is written with. */
const REPLACEMENTS: ReadonlyMap<string, { readonly option: string; readonly advice: string }> = new Map([
  [
    'decay',
    {
      option: 'learningRate',
      advice:
        'Write learningRate: learningRateScheduleInverseTimeDecay({ initialLearningRate: 0.01, decaySteps: 1, decayRate: … })',
    },
  ],
]);

const synonymsOf = (name: string): readonly string[] =>
  [name, camelCase(name)].flatMap((one) => (Object.hasOwn(SYNONYMS, one) ? (SYNONYMS[one] ?? []) : []));

/** Advice for an option that has another name here: in R's spelling, or elsewhere; none for others. */
export const adviceForOption = (name: string, known: readonly string[]): string | undefined => {
  const written = camelCase(name);
  if (known.includes(written)) return `Did you mean '${written}'?`;
  const replacement = REPLACEMENTS.get(written);
  if (replacement !== undefined && known.includes(replacement.option)) return replacement.advice;
  const meant = synonymsOf(name).find((option) => known.includes(option));
  return meant === undefined ? undefined : `It is \`${meant}\` here`;
};
