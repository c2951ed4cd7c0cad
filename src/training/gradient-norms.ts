import type { LayerVariable } from '@tensorflow/tfjs';
import { placeOfStream, restartStream } from '../base/random';
import { batchOf } from '../step/batches';
import { allLayers, stateVariablesOf } from '../step/layers';
import { trainableOf } from '../step/plan';
import { trainStep } from '../step/step';
import { variableOf } from '../tfjs/private';
import { tf, type Tensor, type Variable } from '../tfjs/tensorflow';
import { withOwnSteps } from './own-steps';
import type { Planned } from './step-runners';
import { variablesIn } from '../layers/internal/variables-in';

/** A look costs less than a hundredth of the time: none for so many times as long as it takes. */
const TIMES_COST = 200;
/** Milliseconds between looks, at least. */
const MIN_BETWEEN = 1000;
/** Milliseconds that the first look costs at least: nothing is warm then. */
const LEAST_FIRST_COST = 25;

/** Gradients by the weights that they are of. */
type GradientsByWeight = ReadonlyMap<LayerVariable, Tensor>;

/** Runs something, after which variables have the values that they had, and the stream of random numbers is where it was. */
const leavingAll = <T>(variables: readonly Variable[], run: () => T): T => {
  const before = variables.map((variable) => [variable, tf.clone(variable)] as const);
  const place = placeOfStream();
  try {
    return run();
  } finally {
    restartStream(place);
    for (const [variable, value] of before) if (variable.dataId !== value.dataId) variable.assign(value);
    tf.dispose(before.map(([, value]) => value));
  }
};

/**
 * The gradients of the loss that is trained, with the weights as they are, on the first rows of the data, as a step would have them that
 * comes next; nothing is changed by it. Undefined where that is not known: steps of the model's own, and layers whose states go on from
 * batch to batch. To be called inside a tidy.
 */
const gradientsNow = ({ plan, arrays }: Planned, batchSize: number): GradientsByWeight | undefined => {
  const { model } = plan;
  if (withOwnSteps(model) !== undefined) return undefined;
  if ([...allLayers(model.layers)].some(({ stateful }) => stateful)) return undefined;
  const weights = trainableOf(plan);
  const variables = [...new Set([...variablesIn(model.tf), ...stateVariablesOf(model)])];
  return leavingAll(variables, () => {
    // A loss that is not finite is nothing that whoever looks on should throw.
    const { gradients } = trainStep(
      { ...plan, checkNumerics: false },
      batchOf(arrays, 0, Math.min(batchSize, arrays.rows)),
      tf.tensor1d([0, 0], 'int32'),
      weights.map(variableOf),
    );
    return new Map(weights.map((weight, index) => [weight, gradients[index] as Tensor])); // one for each
  });
};

/** Norms of gradients, and the epoch after which they were taken. */
export interface GradientLook {
  readonly epoch: number;
  /** Of each list of weights that was asked for; null where none of them is trained. */
  readonly norms: readonly (number | null)[];
}

/** Where gradients come from: the data of a fit, if it is there as a whole, and how many rows a step takes. */
export interface GradientSource {
  readonly planned: Planned;
  readonly batchSize: number;
}

const normsOf = (gradients: GradientsByWeight, lists: readonly (readonly LayerVariable[])[]): number[] => {
  const squares = lists.map((list) => {
    const own = list.flatMap((weight) => gradients.get(weight) ?? []);
    return own.length === 0 ? tf.scalar(-1) : tf.addN(own.map((gradient) => tf.sum(tf.square(gradient))));
  });
  return [...tf.stack(squares).dataSync()];
};

/** How large the gradients of each layer are, looked at now and then, so that it takes next to no time. */
export class GradientNorms {
  /** The last look. */
  last: GradientLook | undefined;
  private readonly begun: number;
  private dueAt: number | undefined;
  /** Milliseconds that a look takes, at best. */
  private cost = Infinity;
  private isThere = true;

  constructor(
    private readonly source: GradientSource,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.begun = now();
  }

  /** The weights that are read, and that may be put back. */
  get variables(): Variable[] {
    return variablesIn(this.source.planned.plan.model.tf);
  }

  /** Whether to look, where a step takes so many milliseconds. */
  isDue(stepTime: number): boolean {
    const first = TIMES_COST * Math.max(LEAST_FIRST_COST, stepTime);
    return this.isThere && this.now() >= (this.dueAt ?? this.begun + first);
  }

  /** Looks, whether it is due or not. */
  look(epoch: number, lists: readonly (readonly LayerVariable[])[]): void {
    const begun = this.now();
    try {
      tf.tidy(() => {
        this.last = this.taken(epoch, lists);
      });
      this.isThere = this.last !== undefined;
    } catch {
      // Whoever looks on must not end a fit. What is wrong with a step is said where it runs.
      this.isThere = false;
    }
    const end = this.now();
    this.cost = Math.min(this.cost, end - begun);
    this.dueAt = end + Math.max(MIN_BETWEEN, TIMES_COST * this.cost);
  }

  private taken(epoch: number, lists: readonly (readonly LayerVariable[])[]): GradientLook | undefined {
    const { planned, batchSize } = this.source;
    const gradients = gradientsNow(planned, batchSize);
    if (gradients === undefined) return undefined;
    const squares = normsOf(gradients, lists);
    return { epoch, norms: squares.map((square) => (square < 0 ? null : Math.sqrt(square))) };
  }
}
