import type { LayerVariable } from '@tensorflow/tfjs';
import { UpdateOptimizer, type Optimizer } from '../optimizers/optimizer';
import type { KerasModel } from '../models/model';
import { deferValues } from '../tfjs/deferred-values';
import { variableOf } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { Arrays } from '../step/batches';
import { batchOf } from '../step/batches';
import { lossCount, type StepPlan } from '../step/plan';
import { typeNumber } from '../tfjs/binding';
import { entriesOf, SparseInput } from '../arrays/sparse-input';
import { GraphBuilder } from './graph/builder';
import { nodeName } from './graph/emit';
import { addLoop, addVariable, FINISHED, type GraphArray, type LoopSpecification } from './graph/loop';
import { GraphError, Session } from './graph/session';
import { poolDevice } from './graph/threads';
import type { RecordedOp } from './trace/recording';
import {
  FEED_NAMES,
  replayableWeights,
  traceStep,
  type NotReplayable,
  type TracedStep,
} from './trace/traced-step';
import { numbersOf, traceUpdate, type TracedUpdate } from './trace/traced-update';
import type { StepNumber } from './graph/updates';

/** A step of a run failed in TensorFlow. The model has the weights from before it. */
export class CompiledStepError extends Error {
  constructor(
    /** How many steps of the run were done. */
    readonly done: number,
    readonly reason: string,
    /** The operation that failed and the layer that it belongs to, where they are known. */
    readonly operation: string | undefined,
    readonly layer: string | undefined,
    cause: unknown,
  ) {
    super(reason, { cause });
    this.name = 'CompiledStepError';
  }
}

/** A loop of steps of one batch size, over arrays of certain shapes. */
interface Loop {
  readonly name: string;
  readonly batch: number;
  readonly training: boolean;
}

/** What a compiled program is made for. */
export interface ProgramRequest {
  readonly model: KerasModel;
  readonly batchSize: number;
  readonly training?: { readonly plan: StepPlan; readonly arrays: Arrays; readonly optimizer: Optimizer };
  readonly test?: { readonly plan: StepPlan; readonly arrays: Arrays };
}

/** A tensor that is fed for all steps, and what it is in the graph. */
type FedArray = Pick<GraphArray, 'feed' | 'whole'> & { readonly tensor: Tensor };

const fedArrays = ({ x, y, weights }: Arrays): FedArray[] => [
  ...x.flatMap((input, index): FedArray[] =>
    input instanceof SparseInput
      ? entriesOf(input.parts).map(([part, tensor]) => ({
          feed: FEED_NAMES.sparse(index, part),
          tensor,
          whole: true,
        }))
      : [{ feed: FEED_NAMES.x(index), tensor: input }],
  ),
  ...y.flatMap((tensor, index) => (tensor === undefined ? [] : [{ feed: FEED_NAMES.y(index), tensor }])),
  ...weights.flatMap((tensor, index) =>
    tensor === undefined ? [] : [{ feed: FEED_NAMES.weights(index), tensor }],
  ),
];

const arraysOf = (arrays: Arrays): GraphArray[] =>
  fedArrays(arrays).map(({ tensor, ...array }) => ({
    ...array,
    dtype: typeNumber(tensor.dtype),
    shape: tensor.shape,
  }));

/** The steps that a run takes: so many, from a row on. */
export interface StepRange {
  readonly first: number;
  readonly steps: number;
}

const feedsOf = (loop: string, arrays: Arrays): Record<string, Tensor> =>
  Object.fromEntries(fedArrays(arrays).map(({ feed, tensor }) => [`${loop}/${feed}`, tensor]));

interface Traced {
  readonly loop: Loop;
  readonly step: TracedStep;
  readonly arrays: readonly GraphArray[];
  readonly plan: StepPlan;
}

/** The whole batches of some rows, and the smaller last one. */
const loopsOf = (name: string, rows: number, batchSize: number, training: boolean): Loop[] => {
  const whole = Math.floor(rows / batchSize);
  const rest = rows % batchSize;
  return [
    ...(whole > 0 ? [{ name, batch: batchSize, training }] : []),
    ...(rest > 0 ? [{ name: `${name}-last`, batch: rest, training }] : []),
  ];
};

const sumsOf = (plan: StepPlan): number =>
  lossCount(plan) + plan.metrics.flat().reduce((total, { size }) => total + size, 0);

/** A request's steps, traced. */
export interface TracedProgram {
  readonly traced: readonly Traced[];
  readonly weights: readonly LayerVariable[];
  /** The positions of the trainable ones among the weights. */
  readonly trainable: readonly number[];
  readonly optimizer: UpdateOptimizer | undefined;
  /** What the optimizer does in a step. */
  readonly update: TracedUpdate | undefined;
  /** How many operations a step has. */
  readonly operations: number;
  /** How long a step took, recorded, one operation after the other. */
  readonly stepMilliseconds: number;
}

/** A model's steps as one graph in TensorFlow, with the model's weights and the optimizer's slots as its variables. */
export class CompiledSteps {
  /** Milliseconds of a step of each loop, as last seen; unknown before the first run, which also warms up. */
  readonly cost = new Map<string, number>();
  private readonly session: Session;
  private readonly weights: readonly LayerVariable[];
  private readonly trainable: readonly number[];
  private readonly optimizer: UpdateOptimizer | undefined;
  private readonly numbers: readonly StepNumber[];
  /** The data that the graph's variables last took or gave; others mean that somebody set the weight since. */
  private readonly known: (object | undefined)[];
  private readonly operations = new Map<string, RecordedOp>();
  /** What is fetched of each loop. */
  private readonly fetches = new Map<string, readonly string[]>();
  private finished = 0;
  private slotsAreUploaded = false;
  /** Set while the trained weights are in the graph only: ends their being fetched when somebody looks. */
  private endDeferral: (() => void) | undefined;

  /** Builds the graph of traced steps and loads it. */
  constructor({ traced, weights, trainable, optimizer, update }: TracedProgram) {
    this.weights = weights;
    this.trainable = trainable;
    this.optimizer = optimizer;
    this.numbers =
      optimizer === undefined || update === undefined
        ? []
        : [...numbersOf(update)].map((name) => ({
            name,
            perStep: name !== 'learningRate' || optimizer.hasSchedule,
          }));
    this.known = weights.map(() => undefined);
    this.session = new Session(this.graph(traced, update));
    for (const { loop, step } of traced) this.remember(loop.name, step.recording.ops);
    const zero = tf.scalar(0, 'int32');
    tf.dispose([
      zero,
      ...this.session.run({ [`${FINISHED.name}/value`]: zero }, [`${FINISHED.name}/assigned`]),
    ]);
  }

  /** Traces the steps that are asked for, or says why they cannot be replayed. */
  static trace(request: ProgramRequest): TracedProgram | NotReplayable {
    const { model, batchSize, training, test } = request;
    const weights = replayableWeights(model);
    if ('reason' in weights) return weights;
    const { optimizer } = training ?? {};
    if (optimizer !== undefined && !(optimizer instanceof UpdateOptimizer)) {
      return { reason: `the optimizer ${optimizer.name} is not one of TensorFlow's` };
    }
    const trainable = [...new Set(model.tf.trainableWeights)];
    const update = optimizer === undefined ? undefined : traceUpdate(optimizer.update, trainable);
    if (update !== undefined && 'reason' in update) {
      return { reason: `the update of ${optimizer?.name ?? ''}: ${update.reason}` };
    }
    const loops = [
      ...(training === undefined
        ? []
        : loopsOf('train', training.arrays.rows, batchSize, true).map((loop) => ({ loop, ...training }))),
      ...(test === undefined
        ? []
        : loopsOf('test', test.arrays.rows, batchSize, false).map((loop) => ({ loop, ...test }))),
    ];
    const traced: Traced[] = [];
    let stepMilliseconds = 0;
    for (const { loop, arrays, plan } of loops) {
      const begun = performance.now();
      let step: TracedStep | NotReplayable | undefined;
      tf.tidy(() => {
        step = traceStep(
          plan,
          batchOf(arrays, 0, loop.batch),
          weights,
          loop.training ? trainable : undefined,
        );
      });
      const done = step as unknown as TracedStep | NotReplayable; // the tidy ran its function, or threw
      if ('reason' in done) return done;
      if (traced.length === 0) stepMilliseconds = (performance.now() - begun) / 2;
      traced.push({ loop, arrays: arraysOf(arrays), plan, step: done });
    }
    return {
      traced,
      weights,
      trainable: trainable.map((variable) => weights.indexOf(variable)),
      optimizer,
      update,
      operations: countOps(traced[0]?.step.recording.ops ?? []),
      stepMilliseconds,
    };
  }

  private graph(traced: readonly Traced[], update: TracedUpdate | undefined): GraphBuilder {
    const graph = new GraphBuilder();
    const variables = this.weights.map(({ shape }, index) => ({
      name: `weight${index}`,
      shape: shape as number[],
    }));
    for (const variable of [...variables, FINISHED]) addVariable(graph, variable);
    for (const index of this.trainable) {
      for (const slot of this.optimizer?.slotNames ?? []) {
        const { name, shape } = variables[index] as (typeof variables)[number]; // positions are of this list
        addVariable(graph, { name: `${name}/${slot}`, shape });
      }
    }
    for (const { loop, step, arrays, plan } of traced) {
      const specification: LoopSpecification = {
        name: loop.name,
        step,
        batch: loop.batch,
        arrays,
        ordered: loop.training,
        variables,
        training: loop.training && update !== undefined ? { trainable: this.trainable, update } : undefined,
        numbers: loop.training ? this.numbers : [],
        sums: sumsOf(plan),
        poolDevice,
      };
      this.fetches.set(loop.name, addLoop(graph, specification));
    }
    return graph;
  }

  /** Writes weights that were set from outside into the graph's variables, and the slots before the first step. */
  private uploadWeights(): void {
    const feeds: Record<string, Tensor> = {};
    // While the weights are in the graph only, nobody has set them.
    const weights = this.endDeferral === undefined ? this.weights : [];
    weights.forEach((weight, index) => {
      const variable = variableOf(weight);
      if (this.known[index] === variable.dataId) return;
      feeds[`weight${index}/value`] = variable;
      this.known[index] = variable.dataId;
    });
    const slots: Tensor[] = [];
    if (!this.slotsAreUploaded && this.optimizer !== undefined) {
      for (const index of this.trainable) {
        const variable = variableOf(this.weights[index] as LayerVariable); // positions are of this list
        const saved = this.optimizer.readSlots(variable);
        for (const slot of this.optimizer.slotNames) {
          const value = saved.get(slot) ?? tf.zeros(variable.shape);
          feeds[`weight${index}/${slot}/value`] = value;
          slots.push(value);
        }
      }
      this.slotsAreUploaded = true;
    }
    const fetches = Object.keys(feeds).map((feed) => feed.replace(/\/value$/, '/assigned'));
    if (fetches.length > 0) tf.dispose(this.session.run(feeds, fetches));
    tf.dispose(slots);
  }

  /**
   * Runs steps of one loop, from a row on, and gives the sums over them.
   *
   * `order` names the epoch's rows. `name` is `train` or `test`; the smaller last batch is its `-last` loop.
   */
  run(
    name: string,
    arrays: Arrays,
    { first, steps }: StepRange,
    seed: readonly [number, number],
    order?: Tensor,
  ): Float64Array {
    this.uploadWeights();
    let sums = new Float64Array();
    tf.tidy(() => {
      const feeds: Record<string, Tensor> = {
        ...feedsOf(name, arrays),
        [`${name}/steps`]: tf.scalar(steps, 'int32'),
        [`${name}/first`]: tf.scalar(first, 'int32'),
        [`${name}/seed`]: tf.tensor1d([...seed], 'int32'),
      };
      if (order !== undefined) feeds[`${name}/order`] = order;
      const { optimizer } = this;
      const training = name.startsWith('train');
      if (training && optimizer !== undefined) {
        for (const { name: number, perStep } of this.numbers) {
          const at = (step: number): number => optimizer.numberAt(number, optimizer.iterations + step + 1);
          feeds[`${name}/${number}`] = perStep
            ? tf.tensor1d(Float32Array.from({ length: steps }, (_, step) => at(step)))
            : tf.scalar(at(0));
        }
      }
      let total: Tensor | undefined;
      try {
        [total] = this.session.run(feeds, this.fetches.get(name) as readonly string[]); // each loop has some
      } catch (error) {
        if (!(error instanceof GraphError)) throw error;
        const failure = this.explain(error);
        this.count(failure.done, training);
        throw failure;
      }
      this.count(steps, training);
      const parts = (total as Tensor).dataSync(); // one was fetched
      const half = parts.length / 2;
      sums = Float64Array.from({ length: half }, (_, index) => {
        const sum = parts[index] ?? 0;
        // What rounding took from an infinite sum is no number.
        return Number.isFinite(sum) ? sum + (parts[half + index] ?? 0) : sum;
      });
    });
    return sums;
  }

  /** Counts steps that were done. */
  private count(steps: number, training: boolean): void {
    this.finished += steps;
    if (!training || steps === 0) return;
    this.optimizer?.advance(steps);
    this.endDeferral ??= deferValues(this.weights.map(variableOf), () => this.downloadWeights());
  }

  /** Remembers the operations by the names of their nodes. */
  private remember(prefix: string, ops: readonly RecordedOp[]): void {
    ops.forEach((op, index) => {
      const node = nodeName(prefix, index);
      this.operations.set(node, op);
      if (op.scan !== undefined) this.remember(node, op.scan.body);
    });
  }

  /** What an error of TensorFlow's is about, and how many steps of the run were done before. */
  private explain(error: GraphError): CompiledStepError {
    const [count] = this.session.run({}, [`${FINISHED.name}/read`]);
    const finished = count?.dataSync()[0] ?? this.finished;
    count?.dispose();
    const { name, layer } = this.operations.get(error.node ?? '') ?? {};
    return new CompiledStepError(finished - this.finished, error.reason, name, layer, error);
  }

  /** Reads the trained weights into the model's layers; when somebody looks at them, that happens by itself. */
  downloadWeights(): void {
    if (this.endDeferral === undefined) return;
    this.endDeferral();
    this.endDeferral = undefined;
    const values = this.session.fetch(this.weights.map((_, index) => `weight${index}/read`));
    this.weights.forEach((weight, index) => {
      const variable = variableOf(weight);
      variable.assign(values[index] as Tensor); // one for each fetch
      this.known[index] = variable.dataId;
    });
    tf.dispose(values);
  }

  /** Reads the optimizer's slots into the optimizer, which a later fit or an eager step goes on with. */
  downloadSlots(): void {
    const { optimizer } = this;
    if (optimizer === undefined || !this.slotsAreUploaded) return;
    const saved = optimizer.update.slots.flatMap((group) => Object.keys(group));
    const fetches = this.trainable.flatMap((index) => saved.map((slot) => `weight${index}/${slot}/read`));
    const values = this.session.fetch(fetches);
    this.trainable.forEach((index, position) => {
      const variable = variableOf(this.weights[index] as LayerVariable); // as above
      optimizer.writeSlots(
        variable,
        new Map(saved.map((slot, offset) => [slot, values[position * saved.length + offset] as Tensor])),
      );
    });
    tf.dispose(values);
    // They may change before the next fit.
    this.slotsAreUploaded = false;
  }

  dispose(): void {
    this.endDeferral?.();
    this.endDeferral = undefined;
    this.session.dispose();
  }
}

/** How many operations there are, with those of recurrences' steps. */
const countOps = (ops: readonly RecordedOp[]): number =>
  ops.reduce((total, { scan }) => total + 1 + (scan === undefined ? 0 : countOps(scan.body)), 0);
