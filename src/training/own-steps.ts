import { describe, describeShape, KerasArgumentError, KerasStateError, THIS_FUNCTION } from '../base/errors';
import type { TensorFunction } from '../engine/function/traced-function';
import { StateKey, type Disposable } from '../models/state';
import { batchOf, type Batch } from '../step/batches';
import { RunningSums, type Result, type SavedSums, type StepPlan } from '../step/plan';
import { stateVariablesOf } from '../step/layers';
import { useVariables } from '../tfjs/weights-in-use';
import { isPlainObject } from '../base/checks';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { gradientsOf } from './gradients';
import { callModel } from './call-model';
import { CustomModel, type StepData, type StepLogs } from './custom-model';
import { eagerError, placeOfStep } from './step-error';
import { StepFunction } from './step-function';
import {
  firstRowOf,
  type Engine,
  type Planned,
  type RunnerRequest,
  type SavedSeeds,
  type StepRunner,
} from './step-runners';
import { variablesIn } from '../layers/internal/variables-in';

const isCustom = (model: unknown): model is CustomModel => model instanceof CustomModel;

/** The model, if it says itself what its steps do. */
export const withOwnSteps = (model: unknown): CustomModel | undefined => {
  if (!isCustom(model)) return undefined;
  const steps = ['trainStep', 'testStep', 'computeLoss', 'computeMetrics'] as const;
  return steps.some((step) => model[step] !== CustomModel.prototype[step]) ? model : undefined;
};

/** A batch as a function's argument. */
interface Argument {
  readonly inputs: readonly Tensor[];
  readonly labels: readonly Tensor[];
  readonly weights: readonly Tensor[];
}

const argumentOf = ({ x, y, weights }: Batch): Argument => {
  const given = (list: readonly (Tensor | undefined)[]): Tensor[] => list.filter((one) => one !== undefined);
  return { inputs: x, labels: given(y), weights: given(weights) };
};

const dataOf = ({ inputs, labels, weights }: Argument): StepData => ({
  x: inputs[0] as Tensor, // a model has an input
  get y(): Tensor {
    const [first] = labels;
    if (first !== undefined) return first;
    throw new KerasStateError({
      expected: 'a step that asks for labels must be given some',
      received: 'data without labels',
      advice: `Write ${THIS_FUNCTION}(model, x, y)`,
    });
  },
  sampleWeight: weights[0],
  inputs,
  labels,
});

type StepKind = 'trainStep' | 'testStep';

/** What a step told of its batch, if it is as it is to be. */
const checkedLogs = (logs: unknown, kind: StepKind): StepLogs => {
  const isLog = (value: unknown): boolean => value instanceof tf.Tensor && value.rank <= 1;
  if (isPlainObject(logs) && Object.values(logs).every(isLog)) return logs as StepLogs; // as just seen
  const wrong = isPlainObject(logs) ? Object.entries(logs).find(([, value]) => !isLog(value)) : undefined;
  throw new KerasArgumentError({
    argument: kind,
    expected: `\`${kind}\` must return an object of numbers, as tensors`,
    received: wrong === undefined ? describe(logs) : `\`${wrong[0]}\`: ${describe(wrong[1])}`,
    advice: logs === undefined ? 'Write return { loss }' : 'Write return { loss: tf.mean(…) }',
  });
};

/** What a step does that the class does not say. */
const byDefault: Readonly<Record<StepKind, (model: CustomModel, data: StepData) => StepLogs>> = {
  trainStep: (model, { x: _x, inputs, ...data }) => {
    const gradients = gradientsOf(() => {
      const yPred = callModel(model, inputs, { training: true });
      const all = {
        labels: data.labels,
        y: data.labels[0] as Tensor,
        sampleWeight: data.sampleWeight,
        yPred,
      };
      return { loss: model.computeLoss(all), ...model.computeMetrics(all) };
    }, model);
    model.optimizer.apply(gradients);
    return gradients.values;
  },
  testStep: (model, { inputs, labels, sampleWeight }) => {
    const yPred = callModel(model, inputs);
    const all = { labels, y: labels[0] as Tensor, sampleWeight, yPred };
    return { loss: model.computeLoss(all), ...model.computeMetrics(all) };
  },
};

const noteVariables = (model: CustomModel): void =>
  useVariables([...variablesIn(model.tf), ...stateVariablesOf(model)]); // of whatever output

const stepOf =
  (model: CustomModel, kind: StepKind): TensorFunction =>
  (argument: Argument) => {
    noteVariables(model);
    const data = dataOf(argument);
    return checkedLogs(model[kind] === undefined ? byDefault[kind](model, data) : model[kind](data), kind);
  };

/** The steps of a model, kept from call to call. */
class KeptFunctions implements Disposable {
  readonly steps = new Map<string, StepFunction>();

  dispose(): void {
    this.steps.clear();
  }
}

const KEPT_FUNCTIONS = new StateKey<KeptFunctions>('steps of its own', ['compilation', 'layers']);

const KINDS: readonly StepKind[] = ['trainStep', 'testStep'];

const keyOf = (kind: string, engine: Engine | 'auto'): string => `${kind} ${engine}`;

const functionFor = (
  model: CustomModel,
  kind: StepKind | 'predictStep',
  engine: Engine | 'auto',
  make: () => TensorFunction,
): StepFunction => {
  const kept = model.state.kept(KEPT_FUNCTIONS) ?? model.state.keep(KEPT_FUNCTIONS, new KeptFunctions());
  const key = keyOf(kind, engine);
  const known = kept.steps.get(key);
  if (known !== undefined) return known;
  const step = new StepFunction(make(), {
    name: `\`${kind}\` of the model '${model.name}'`,
    engine,
    isTraining: kind === 'trainStep',
    warn: (reason) => {
      // eslint-disable-next-line no-console -- a warning is for standard error
      console.warn(
        `${kind}: the steps of '${model.name}' run one operation after the other, since they cannot be compiled: ${reason}. ` +
          "Write engine: 'eager' to say so yourself.",
      );
    },
  });
  kept.steps.set(key, step);
  return step;
};

/** What steps of a model's own have told so far. */
class OwnSums extends RunningSums {
  private readonly totals = new Map<string, { readonly values: number[]; rows: number }>();

  constructor(private readonly planned: StepPlan) {
    super(planned, 'train');
  }

  addLogs(logs: StepLogs, rows: number): void {
    for (const [name, tensor] of Object.entries(logs)) {
      const values = tensor.dataSync();
      const total = this.totals.get(name) ?? { values: Array.from(values, () => 0), rows: 0 };
      const factor = tensor.rank === 0 ? rows : 1;
      values.forEach((value, index) => (total.values[index] = (total.values[index] ?? 0) + value * factor));
      total.rows += rows;
      this.totals.set(name, total);
      tensor.dispose();
    }
  }

  override save(): SavedSums {
    return Object.fromEntries(
      [...this.totals].map(([name, { values, rows }]) => [name, [rows, ...values]] as const),
    );
  }

  override restore(saved: SavedSums): boolean {
    for (const [name, [rows, ...values]] of Object.entries(saved)) {
      if (rows === undefined) return false;
      this.totals.set(name, { values, rows });
    }
    return true;
  }

  override logs(): Result {
    const metrics = new Map(this.planned.metrics.flat().map((metric) => [metric.name, metric]));
    return Object.fromEntries(
      [...this.totals].map(([name, { values, rows }]) => {
        const metric = metrics.get(name);
        const isSums =
          metric !== undefined && metric.size === values.length && name !== 'loss' && values.length > 1;
        if (values.length > 1 && !isSums) throw notOneNumber(name, values.length);
        return [name, isSums ? (metric.result(values) as number) : (values[0] ?? NaN) / rows]; // `compile` takes metrics of one number
      }),
    ) as Result; // the loss, if the step tells it
  }
}

const notOneNumber = (name: string, size: number): KerasArgumentError =>
  new KerasArgumentError({
    argument: name,
    expected: `what a step tells of \`${name}\` must be one number, or what computeMetrics gave`,
    received: `a tensor of shape ${describeShape([size])}`,
    advice: 'Write tf.mean(…)',
  });

/** Runs steps that a model says itself, batch by batch. */
class OwnStepRunner implements StepRunner {
  readonly engine: Engine;
  private epoch: number | undefined;
  private order: Int32Array | undefined;

  constructor(
    private readonly request: RunnerRequest,
    private readonly model: CustomModel,
    private readonly wanted: Engine | 'auto',
  ) {
    const { training, test } = request;
    const first = (training ?? test) as Planned; // there is one of the two
    const kind = training === undefined ? 'testStep' : 'trainStep';
    const count = Math.min(request.batchSize, first.arrays.rows);
    this.engine = tf.tidy(() => this.step(kind).prepare([argumentOf(batchOf(first.arrays, 0, count))])); // a text passes
  }

  newSums(plan: StepPlan): RunningSums {
    return new OwnSums(plan);
  }

  saveSeeds(): SavedSeeds {
    const { steps } = this.model.state.kept(KEPT_FUNCTIONS) ?? new KeptFunctions();
    return Object.fromEntries(
      KINDS.flatMap((kind) => {
        const step = steps.get(keyOf(kind, this.wanted));
        return step === undefined ? [] : [[kind, step.seeds.place] as const];
      }),
    );
  }

  restoreSeeds(saved: SavedSeeds): void {
    for (const kind of KINDS) {
      const place = saved[kind];
      if (place !== undefined) this.step(kind).seeds.place = place;
    }
  }

  begin(epoch: number, order: Int32Array | undefined): void {
    this.epoch = epoch;
    this.order = order;
  }

  train(step: number, _maxSteps: number, running: RunningSums): number {
    return this.run('trainStep', this.request.training as Planned, step, running); // there is something to train on
  }

  test(step: number, _maxSteps: number, running: RunningSums): number {
    return this.run('testStep', this.request.test as Planned, step, running); // there is something to test on
  }

  private step(kind: StepKind): StepFunction {
    return functionFor(this.model, kind, this.wanted, () => stepOf(this.model, kind));
  }

  private run(kind: StepKind, planned: Planned, step: number, running: RunningSums): number {
    const { batchSize } = this.request;
    const { arrays } = planned;
    const from = firstRowOf(planned, step, batchSize);
    const count = Math.min(batchSize, arrays.rows - from);
    const isTraining = kind === 'trainStep';
    try {
      const logs = tf.tidy(
        () =>
          this.step(kind).call([
            argumentOf(batchOf(arrays, from, count, isTraining ? this.order : undefined)),
          ]) as Tensor, // a tidy takes objects of tensors, too
      ) as unknown as StepLogs;
      (running as OwnSums).addLogs(logs, count); // as `newSums` makes them
    } catch (error) {
      throw eagerError({ place: placeOfStep(step, this.epoch, !isTraining), isTraining }, error);
    }
    return 1;
  }

  finalize(): void {
    const { optimizer } = this.request.compilation;
    optimizer.finalize(variablesIn(this.model.tf).filter((variable) => variable.trainable));
  }

  end(): void {
    this.order = undefined;
  }
}

/** The runner of a model whose steps are its own; undefined for others. */
export const ownRunner = (request: RunnerRequest, engine: Engine | 'auto'): StepRunner | undefined => {
  const model = withOwnSteps(request.model);
  return model === undefined ? undefined : new OwnStepRunner(request, model, engine);
};

/** One step on one batch, and what it tells. */
export const ownStep = (
  model: CustomModel,
  kind: StepKind,
  plan: StepPlan,
  batch: Batch,
  rows: number,
): Result => {
  const sums = new OwnSums(plan);
  const step = functionFor(model, kind, 'eager', () => stepOf(model, kind));
  sums.addLogs(step.call([argumentOf(batch)]) as StepLogs, rows); // as such a step returns them
  return sums.logs();
};

/** Whether a model says itself what it predicts, or cannot predict. */
export const predictsItself = (model: unknown): boolean =>
  isCustom(model) && (model.predictStep !== undefined || !model.hasCall);

/** What a model that says itself what it predicts predicts for a batch; undefined for others. */
export const ownPredictions = (model: unknown, x: readonly Tensor[]): Tensor[] | undefined => {
  if (!isCustom(model)) return undefined;
  if (model.predictStep === undefined) {
    if (!model.hasCall) model.call([...x], { training: false, mask: null, masks: [] }); // which says what is wrong
    return undefined;
  }
  const step = functionFor(model, 'predictStep', 'auto', () => (input: Tensor) => {
    noteVariables(model);
    return model.predictStep?.(input);
  });
  return [step.call([x[0]])].flat() as Tensor[]; // as it is to return
};
