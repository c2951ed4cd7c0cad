import { nextSeed, PlacedStream } from '../base/random';
import { argumentError } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { isStream } from '../base/streams';
import type { Compilation } from '../models/compilation';
import type { KerasModel } from '../models/model';
import { StepSeeds, type Arrays } from '../step/batches';
import type { Output } from '../step/output';
import {
  ARGUMENT_NAMES,
  namedArrays,
  prepareArrays,
  VALIDATION_NAMES,
  withValidation,
  type ValidationOptions,
} from './arrays';
import { batchSizeFor, checkWholeBatches } from './batch-size';
import { runnerFor } from './choose-runner';
import { classWeights } from './class-weight';
import type { Tensors } from './data';
import { Guard } from './guard';
import { outputsOf } from './outputs';
import { withOwnSteps } from './own-steps';
import { ArrayTest, ArrayTraining, type Pass } from './passes';
import { checkTrains, planFor } from './plan';
import type { Engine, Planned, StepRunner } from './step-runners';
import type { PartNames } from './streams/batch';
import { StreamPass, type StreamRequest } from './streams/stream-pass';

/** The options of a fit that are about its data. */
export interface DataSettings extends ValidationOptions {
  readonly batchSize?: number | undefined;
  readonly epochs?: number | undefined;
  readonly initialEpoch?: number | undefined;
  readonly shuffle?: boolean | undefined;
  readonly sampleWeight?: unknown;
  readonly classWeight?: unknown;
  readonly engine?: Engine | 'auto' | undefined;
  readonly checkNumerics?: boolean | undefined;
  readonly stepsPerEpoch?: number | undefined;
  readonly validationSteps?: number | undefined;
  readonly maxQueueSize?: number | undefined;
  readonly batchTimeout?: number | undefined;
}

/** The data of a fit. */
export interface DataRequest {
  readonly model: KerasModel;
  readonly data: { readonly x: unknown; readonly y: unknown };
  readonly settings: DataSettings;
  readonly compilation: Compilation;
  readonly tensors: Tensors;
  /** Lets others run; in the second case only if they have waited long enough. */
  readonly yieldToOthers: () => Promise<void>;
  readonly yieldIfDue: () => Promise<void>;
  /** How steps are to run: as those of a fit that was kept, if there is one. To be asked for once. */
  readonly engineToUse: () => Promise<{
    readonly engine: Engine | 'auto';
    readonly sparseRows?: boolean;
  }>;
  /** Is told of the guard once there are arrays. */
  readonly prepared: (guard: Guard) => void;
  /** Is told of streams that are to be closed, before they are opened. */
  readonly opened: (stream: Pick<StreamPass, 'close'>) => void;
}

/** The side of a fit that trains. */
interface TrainingSide {
  readonly pass: Pass;
  /** What it trains on, where that is there as a whole. */
  readonly planned?: Planned;
  /** What ran its steps. */
  readonly runner: () => StepRunner;
  /** How many steps and rows an epoch has. */
  readonly counts: () => { readonly steps: number; readonly rows: number };
  readonly batchSize: number;
  readonly seeds: StepSeeds;
  /** What the orders of the rows are drawn from: its own, so that another fit at the same time changes nothing. */
  readonly shuffling: PlacedStream;
  readonly finalize: () => void;
  readonly end: () => void;
}

/** The side that validates. */
interface TestSide {
  readonly pass: Pass;
  readonly rows: () => number;
  readonly seeds: StepSeeds;
  readonly end: () => void;
}

/** What a fit runs on. */
export interface FitData {
  readonly training: TrainingSide;
  readonly validation: TestSide | undefined;
  readonly guard: Guard;
}

/** The outputs of a model, and which of them need no labels. */
export const outputParts = (outputs: readonly Output[]): PartNames['outputs'] =>
  outputs.map(({ name, loss, metrics }) => ({
    name,
    isOptional: loss === undefined && metrics.length === 0,
  }));

const refused = (argument: string, value: unknown, why: string, advice: string): KerasArgumentError =>
  new KerasArgumentError({
    argument,
    expected: `\`${argument}\` must be left out where batches come from a stream, ${why}`,
    received: describe(value),
    advice,
  });

/** Throws if options were given that say nothing of a stream. */
export const checkStreamOptions = ({ y }: DataRequest['data'], settings: DataSettings): void => {
  const { sampleWeight, validationSplit, shuffle } = settings;
  if (y !== undefined && y !== null)
    throw refused('y', y, 'which gives the labels, too', 'Let each batch be [x, y]');
  if (sampleWeight !== undefined)
    throw refused(
      'sampleWeight',
      sampleWeight,
      'which gives the weights, too',
      'Let each batch be [x, y, sampleWeight]',
    );
  if (validationSplit !== undefined && validationSplit !== 0)
    throw refused(
      'validationSplit',
      validationSplit,
      'of which there is no last part',
      'Give validationData',
    );
  if (shuffle === true) throw refused('shuffle', shuffle, 'which says the order', 'Shuffle in the source');
};

/** Throws if a batch size was given for a stream that has its own. */
export const checkBatchSize = (
  { source }: { readonly source: { readonly ofRows: boolean } },
  batchSize: number | undefined,
): void => {
  if (batchSize === undefined || source.ofRows) return;
  throw refused(
    'batchSize',
    batchSize,
    'whose batches have their own',
    'Make the batches of that size; streams of Node give rows, which are put together to batches of this size',
  );
};

/** How many steps of arrays to run: those that are asked for, of those that there are. */
export const stepsOfArrays = (
  rows: number,
  batchSize: number,
  asked: number | undefined,
  argument: string,
): number => {
  const all = Math.ceil(rows / batchSize);
  if (asked === undefined || asked <= all) return asked ?? all;
  throw argumentError(
    { argument },
    `at most ${all}: so many batches of ${batchSize} are ${rows} rows`,
    asked,
    'Give fewer steps or a smaller batchSize, or leave it out',
  );
};

const hasValidation = ({ validationData, validationSplit = 0 }: DataSettings): boolean =>
  validationData !== undefined || validationSplit > 0;

const withoutValidation = (steps: number): KerasArgumentError =>
  argumentError(
    { argument: 'validationSteps' },
    'left out where there is no validation',
    steps,
    'Give validationData, too',
  );

/** What the parts of a fit have in common while they are made. */
class Context {
  private made: Guard | undefined;
  arrays: { readonly training?: Arrays; readonly validation?: Arrays | undefined } = {};

  constructor(readonly request: DataRequest) {}

  /** Sees that what is needed is still there; to be asked for once the model is built. */
  get guard(): Guard {
    const { model } = this.request;
    const { training, validation } = this.arrays;
    return (this.made ??= new Guard(model, [
      ...(training === undefined ? [] : namedArrays(model, outputsOf(model), training)),
      ...(validation === undefined ? [] : namedArrays(model, outputsOf(model), validation, VALIDATION_NAMES)),
    ]));
  }

  readonly pause = async (): Promise<void> => {
    await this.request.yieldToOthers();
    this.guard.check();
  };

  /** How many passes a stream is read for. */
  get epochs(): number {
    const { epochs = 10, initialEpoch = 0 } = this.request.settings;
    return epochs - initialEpoch;
  }

  trainingPlan(arrays: Arrays): Planned['plan'] {
    const { model, settings } = this.request;
    const plan = planFor(model, arrays.y);
    if (withOwnSteps(model) === undefined) checkTrains(plan);
    return { ...plan, checkNumerics: settings.checkNumerics ?? false };
  }
}

const openStream = async (
  { request, pause, epochs }: Context,
  special: Pick<
    StreamRequest,
    | 'stream'
    | 'isTraining'
    | 'argument'
    | 'argumentNames'
    | 'steps'
    | 'stepsOption'
    | 'prepare'
    | 'planFor'
    | 'engine'
  >,
): Promise<StreamPass> => {
  const { model, settings, compilation } = request;
  const { batchSize, maxQueueSize, batchTimeout } = settings;
  const pass = new StreamPass({
    ...special,
    model,
    compilation,
    maxQueueSize,
    batchTimeout,
    pause,
    passes: epochs,
    batchSize: model.built ? batchSizeFor(model, batchSize) : batchSize,
    outputs: () => outputParts(outputsOf(model)),
  });
  request.opened(pass);
  await pass.open();
  return pass;
};

const trainOnStream = async (context: Context): Promise<TrainingSide> => {
  const { data, model, settings } = context.request;
  checkStreamOptions(data, settings);
  const pass = await openStream(context, {
    stream: data.x,
    engine: (await context.request.engineToUse()).engine,
    isTraining: true,
    argument: 'x',
    argumentNames: ARGUMENT_NAMES,
    steps: settings.stepsPerEpoch,
    stepsOption: 'stepsPerEpoch',
    prepare: (item, tensors) =>
      classWeights(
        model,
        outputsOf(model),
        prepareArrays(model, item, tensors),
        settings.classWeight,
        tensors,
      ),
    planFor: (arrays) => context.trainingPlan(arrays),
  });
  checkBatchSize(pass.reader, settings.batchSize);
  return {
    pass,
    runner: () => pass.runner,
    counts: () => pass.counts,
    batchSize: pass.batchSize,
    seeds: pass.seeds,
    shuffling: new PlacedStream(0),
    finalize: () => pass.finalize(),
    end: () => pass.end(),
  };
};

const testOnStream = async (context: Context): Promise<TestSide> => {
  const { model, settings } = context.request;
  const pass = await openStream(context, {
    stream: settings.validationData,
    engine: settings.engine ?? 'auto',
    isTraining: false,
    argument: 'validationData',
    argumentNames: VALIDATION_NAMES,
    steps: settings.validationSteps,
    stepsOption: 'validationSteps',
    prepare: (item, tensors) => prepareArrays(model, item, tensors, VALIDATION_NAMES),
    planFor: (arrays) => planFor(model, arrays.y),
  });
  return { pass, rows: () => pass.counts.rows, seeds: pass.seeds, end: () => pass.end() };
};

/** Validation on arrays of a fit that trains on a stream. */
const testOnArrays = async (context: Context): Promise<TestSide | undefined> => {
  const { model, settings, compilation, tensors } = context.request;
  const { validationData, validationSteps, engine = 'auto' } = settings;
  if (validationData === undefined) return undefined;
  const [x, y, sampleWeight] = validationData as readonly unknown[]; // checked with the options
  const arrays = prepareArrays(model, { x, y, sampleWeight }, tensors, VALIDATION_NAMES);
  const test = { plan: planFor(model, arrays.y), arrays, seeds: new StepSeeds(true) };
  context.arrays = { validation: arrays };
  const batchSize = batchSizeFor(model, settings.batchSize);
  checkWholeBatches(model, arrays.rows, 'the validation data');
  const steps = stepsOfArrays(arrays.rows, batchSize, validationSteps, 'validationSteps');
  const runner = await runnerFor(
    { functionName: 'evaluate', model, test, batchSize, compilation },
    engine,
    steps * context.epochs,
    context.pause,
  );
  const pass = new ArrayTest(test, { runner, batchSize, steps }, false);
  return { pass, rows: () => arrays.rows, seeds: test.seeds, end: () => runner.end() };
};

const stepsOfValidation = (
  validation: Arrays | undefined,
  batchSize: number,
  { validationSteps }: DataSettings,
): number =>
  validation === undefined
    ? 0
    : stepsOfArrays(validation.rows, batchSize, validationSteps, 'validationSteps');

/** Training on arrays, and validation, if that is on arrays, too: both in one program. */
const trainOnArrays = async (
  context: Context,
): Promise<{ readonly training: TrainingSide; readonly test: TestSide | undefined }> => {
  const { model, data, settings, compilation, tensors } = context.request;
  const { sampleWeight, classWeight, shuffle = true } = settings;
  const whole = prepareArrays(model, { ...data, sampleWeight }, tensors);
  const { training: unweighted, validation } = withValidation(model, whole, settings, tensors);
  const batchSize = batchSizeFor(model, settings.batchSize);
  checkWholeBatches(model, unweighted.rows, 'the training data');
  if (validation !== undefined) checkWholeBatches(model, validation.rows, 'the validation data');
  // As in Keras, the classes' weights are for training only.
  const arrays = classWeights(model, outputsOf(model), unweighted, classWeight, tensors);
  const training = { plan: context.trainingPlan(arrays), arrays, seeds: new StepSeeds() };
  const test =
    validation === undefined
      ? undefined
      : { plan: planFor(model, validation.y), arrays: validation, seeds: new StepSeeds(true) };
  const shuffling = new PlacedStream(nextSeed());
  const steps = stepsOfArrays(arrays.rows, batchSize, settings.stepsPerEpoch, 'stepsPerEpoch');
  const testSteps = stepsOfValidation(validation, batchSize, settings);
  context.arrays = { training: arrays, validation };
  context.request.prepared(context.guard);
  // Data may take long to prepare, and steps to compile.
  await context.request.yieldIfDue();
  context.guard.check();
  const { engine, sparseRows } = await context.request.engineToUse();
  const runner = await runnerFor(
    { functionName: 'fit', model, training, test, batchSize, compilation, sparseRows },
    engine,
    steps * context.epochs,
    context.pause,
  );
  const pass = new ArrayTraining(
    training,
    { runner, batchSize, steps },
    shuffle ? shuffling.next : undefined,
  );
  return {
    training: {
      pass,
      planned: training,
      runner: () => runner,
      counts: () => ({ steps, rows: arrays.rows }),
      batchSize,
      seeds: training.seeds,
      shuffling,
      finalize: () => runner.finalize(),
      end: () => runner.end(),
    },
    test:
      test === undefined
        ? undefined
        : {
            pass: new ArrayTest(test, { runner, batchSize, steps: testSteps }, true),
            rows: () => test.arrays.rows,
            seeds: test.seeds,
            end: () => undefined,
          },
  };
};

/** The data of a fit, checked, and what runs steps on them. */
export const makeFitData = async (request: DataRequest): Promise<FitData> => {
  const context = new Context(request);
  const { data, settings } = request;
  const isTestStream = isStream(settings.validationData);
  if (!isTestStream && settings.validationSteps !== undefined && !hasValidation(settings))
    throw withoutValidation(settings.validationSteps);
  const { training, test } = isStream(data.x)
    ? { training: await trainOnStream(context), test: undefined }
    : await trainOnArrays(context);
  try {
    const validation = isTestStream
      ? await testOnStream(context)
      : isStream(data.x)
        ? await testOnArrays(context)
        : test;
    return { training, validation, guard: context.guard };
  } catch (error) {
    training.end();
    throw error;
  }
};
