/** Fits that are backed up, and all that there is to see of them afterwards: the same program in each process. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  callbackBackupAndRestore,
  callbackCsvLogger,
  callbackEarlyStopping,
  callbackLearningRateScheduler,
  callbackModelCheckpoint,
  callbackReduceLrOnPlateau,
  callbackSwapEmaWeights,
  compile,
  CustomModel,
  fit,
  getWeights,
  gradientsOf,
  kerasModelSequential,
  kRandomBernoulli,
  layerBatchNormalization,
  layerDense,
  layerDropout,
  layerGru,
  metricAuc,
  optimizerAdam,
  optimizerOf,
  optimizerRmsprop,
  optimizerSgd,
  pipe,
  setRandomSeed,
  tf,
  type Callback,
  type Engine,
  type KerasModel,
  type StepData,
  type StepLogs,
  type Tensor,
} from '../../../src/index';

const ROWS = 100;

const noise = (shape: number[], seed: number): Tensor => tf.randomUniform(shape, -1, 1, 'float32', seed);

interface Data {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** What is fitted: a model, data, and the callbacks that have a state. */
interface Variant {
  readonly model: () => KerasModel;
  readonly data: () => Data;
  readonly batchSize: number;
  readonly callbacks: (folder: string) => Callback<KerasModel>[];
}

const labelled = (shape: number[]): Data => {
  const x = noise(shape, 1);
  const y = tf.tidy(() =>
    x
      .reshape([shape[0] ?? 0, -1])
      .sum(1, true)
      .greater(0)
      .toFloat(),
  );
  return { x, y };
};

const dense = (): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 16, activation: 'relu', inputShape: [6] }),
    layerBatchNormalization(),
    layerDropout({ rate: 0.4 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
  );

/** Noise on the inputs, in its own step of training and of testing. */
class Noisy extends CustomModel {
  readonly inner = this.addLayer(layerDense({ units: 1 }));

  override call(x: Tensor): Tensor {
    return this.inner(tf.add(x, noisy(x))) as Tensor; // one output
  }

  override trainStep({ x, y }: StepData): StepLogs {
    const gradients = gradientsOf(
      () => tf.mean(tf.squaredDifference(this.inner(tf.add(x, noisy(x))) as Tensor, y)),
      this,
    );
    this.optimizer.apply(gradients);
    return { loss: gradients.loss };
  }
}

/** Drawn anew in each step. */
const noisy = ({ shape }: Tensor): Tensor =>
  tf.tidy(() => kRandomBernoulli({ shape, p: 0.5 }).mul(0.2).sub(0.1));

export const VARIANTS = {
  dense: {
    model: () =>
      compile(dense(), {
        optimizer: optimizerAdam({ learningRate: 0.02 }),
        loss: 'binary_crossentropy',
        metrics: ['accuracy', metricAuc()],
      }),
    data: () => labelled([ROWS, 6]),
    batchSize: 8,
    callbacks: (folder) => [
      callbackReduceLrOnPlateau({ monitor: 'loss', patience: 1, factor: 0.5, minDelta: 0.02 }),
      callbackCsvLogger({ filename: path.join(folder, 'log.csv') }),
    ],
  },
  averaged: {
    model: () =>
      compile(dense(), {
        optimizer: optimizerSgd({ learningRate: 0.05, momentum: 0.9, useEma: true, emaMomentum: 0.9 }),
        loss: 'mse',
      }),
    data: () => labelled([ROWS, 6]),
    batchSize: 16,
    callbacks: (folder) => [
      callbackSwapEmaWeights({ swapOnEpoch: true }),
      callbackModelCheckpoint({
        filepath: path.join(folder, 'best.h5'),
        monitor: 'loss',
        saveBestOnly: true,
        saveWeightsOnly: true,
      }),
      callbackLearningRateScheduler((_epoch, rate) => rate * 0.9),
    ],
  },
  stopped: {
    model: () => compile(dense(), { optimizer: optimizerRmsprop({ learningRate: 0.1 }), loss: 'mse' }),
    data: () => labelled([ROWS, 6]),
    batchSize: 16,
    callbacks: () => [
      callbackEarlyStopping({ monitor: 'val_loss', patience: 4, minDelta: 10, restoreBestWeights: true }),
    ],
  },
  recurrent: {
    model: () =>
      compile(
        pipe(
          kerasModelSequential(),
          layerGru({ units: 4, stateful: true, batchInputShape: [10, 5, 3] }),
          layerDense({ units: 1 }),
        ),
        { optimizer: optimizerAdam({ learningRate: 0.01, clipnorm: 1 }), loss: 'mse' },
      ),
    data: () => labelled([ROWS, 5, 3]),
    batchSize: 10,
    callbacks: () => [],
  },
  accumulated: {
    model: () =>
      compile(dense(), {
        optimizer: optimizerAdam({ learningRate: 0.02, gradientAccumulationSteps: 3, weightDecay: 0.01 }),
        loss: 'mse',
      }),
    data: () => labelled([ROWS, 6]),
    batchSize: 16,
    callbacks: () => [],
  },
  own: {
    model: () => compile(new Noisy(), { optimizer: optimizerAdam({ learningRate: 0.05 }), loss: 'mse' }),
    data: () => labelled([ROWS, 6]),
    batchSize: 16,
    callbacks: () => [],
  },
} satisfies Record<string, Variant>;

export type VariantName = keyof typeof VARIANTS;
export const VARIANT_NAMES = Object.keys(VARIANTS) as VariantName[]; // its own keys

export interface BackedUpFit {
  readonly variant: VariantName;
  readonly engine: Engine | 'auto';
  readonly saveFreq: 'epoch' | number;
  readonly epochs: number;
  /** The folder of the backup and of what callbacks write. */
  readonly folder: string;
}

const hashOf = (tensors: readonly Tensor[]): string => {
  const hash = createHash('sha256');
  for (const tensor of tensors) {
    const values = tensor.dataSync() as Float32Array; // or other numbers
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
};

const fileOf = (folder: string, name: string): string | null => {
  const file = path.join(folder, name);
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : null;
};

/** Fits, with further callbacks, and gives what there is to see of it, bit for bit. */
export const backedUpFit = async (
  { variant, engine, saveFreq, epochs, folder }: BackedUpFit,
  others: readonly Callback<KerasModel>[] = [],
): Promise<unknown> => {
  setRandomSeed(7);
  const { model: make, data, batchSize, callbacks } = VARIANTS[variant];
  const { x, y } = data();
  const model = make();
  const backup = callbackBackupAndRestore({ backupDir: path.join(folder, 'backup'), saveFreq });
  const history = await fit(model, x, y, {
    ...{ epochs, batchSize, engine, verbose: 0, validationSplit: 0.2 },
    // First, though it acts last.
    callbacks: [backup, ...callbacks(folder), ...others],
  });
  const optimizer = optimizerOf(model);
  const slots = optimizer.getWeights();
  const zeros = tf.zeros([40]);
  const next = noisy(zeros);
  const seen = {
    history: Object.fromEntries(
      Object.entries(history.metrics).map(([name, values]) => [name, values.map(String)]),
    ),
    ran: history.params.engine,
    weights: hashOf(getWeights(model)),
    slots: hashOf(slots),
    iterations: optimizer.iterations,
    rate: optimizer.learningRate,
    log: fileOf(folder, 'log.csv'),
    next: [...next.dataSync()],
    left: existsSync(path.join(folder, 'backup', 'training.safetensors')),
  };
  tf.dispose([...slots, x, y, next, zeros]);
  model.dispose();
  return seen;
};
