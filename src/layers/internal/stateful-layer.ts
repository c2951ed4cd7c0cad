import type { SymbolicTensor } from '@tensorflow/tfjs';
import { KerasShapeError, describeShape } from '../../base/errors';
import { CompositeLayer } from '../../tfjs/composite-layer';
import { maskOrNone } from '../../tfjs/keras-layer';
import type { CallOptions, Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor, type Variable } from '../../tfjs/tensorflow';
import type { StateShape } from './recurrent-cell';

/** Options of all layers that go through sequences step by step. */
export interface StatefulFields {
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly unroll: boolean;
}

export const STATEFUL_DEFAULTS = {
  returnSequences: false,
  returnState: false,
  goBackwards: false,
  stateful: false,
  unroll: false,
};

type Values = Tensor | Tensor[];
type LayerInputs = Values | SymbolicTensor | SymbolicTensor[];

/** The first of several, which is the sequence; the others are states. */
export const firstShape = (shapes: Shape | Shape[]): Shape =>
  (Array.isArray(shapes[0]) ? shapes[0] : shapes) as Shape; // a list of shapes, or one

/** All of them, if there are several. */
export const allShapes = (shapes: Shape | Shape[]): Shape[] =>
  (Array.isArray(shapes[0]) ? shapes : [shapes]) as Shape[]; // a list of shapes, or one

/**
 * A layer that goes through sequences step by step. The states before the first step come as further inputs; the last ones come out, if
 * that is asked for, and a stateful layer keeps them for the next batch.
 */
export abstract class StatefulLayer<Own extends StatefulFields> extends CompositeLayer<Own> {
  /** What a stateful layer keeps from one batch to the next. */
  private kept: Variable[] = [];

  /** The shapes of its states, without the batch axis. */
  abstract get stateShapes(): readonly StateShape[];

  /** How many of its inputs are sequences, the first of them; the others are states. Once it is built. */
  get sequenceCount(): number {
    return 1;
  }

  /** How many outputs it has before the states. */
  protected get outputCount(): number {
    return 1;
  }

  constructor(args: object, defaults: Own) {
    super(args, defaults);
    this._stateful = this.own.stateful;
  }

  /** Whether nothing is put out for a step that is not there, instead of the output of the step before. */
  protected zeroOutputs = false;

  /** Has the layer put out nothing for steps that are not there, if it puts out all steps: as Keras has it in two directions, of layers with cells. */
  zeroMasked(): void {
    this.zeroOutputs = this.own.returnSequences;
  }

  /** Has the layer, which is not built yet, go through its sequences the other way. */
  reverse(): void {
    Object.assign(this.own, { goBackwards: !this.own.goBackwards });
  }

  get goBackwards(): boolean {
    return this.own.goBackwards;
  }

  /** Whether sequences come step by step. */
  get isTimeMajor(): boolean {
    return 'timeMajor' in this.own && this.own.timeMajor === true;
  }

  get returnSequences(): boolean {
    return this.own.returnSequences;
  }

  get returnState(): boolean {
    return this.own.returnState;
  }

  /** The states that a stateful layer has kept; null in the place of each where there are none. */
  get states(): (Tensor | null)[] {
    return this.stateShapes.map((_, index) => this.kept[index] ?? null);
  }

  /** The variables in which a stateful layer keeps its states, once it is built. */
  get stateVariables(): readonly Variable[] {
    return this.kept;
  }

  /** Makes a stateful layer's states: zeros. */
  protected makeStates(rows: number | null): void {
    if (!this.own.stateful) return;
    if (rows === null) {
      throw new KerasShapeError({
        layer: this.name,
        expected: `layer '${this.name}' needs a fixed batch size, since it is stateful`,
        received: 'an input without one',
        advice: 'Give the first layer batchInputShape: [batch, steps, features], or layerInput a batchShape',
      });
    }
    tf.dispose(this.kept);
    this.kept = this.stateShapes.map((shape) => {
      const zeros = tf.zeros([rows, ...shape]);
      const state = tf.variable(zeros, false);
      zeros.dispose();
      return state;
    });
  }

  override apply(inputs: LayerInputs, options: CallOptions = {}): LayerInputs {
    const { initialState, ...others } = options;
    const states = [initialState ?? []].flat();
    const all = [inputs, states].flat(2) as Tensor[]; // or symbolic ones, all of them
    return super.apply(all.length === 1 ? (all[0] as Tensor) : all, others); // there is one
  }

  /** The states among the inputs have a check of their own. */
  protected override assertInputCompatibility(inputs: LayerInputs): void {
    super.assertInputCompatibility(Array.isArray(inputs) ? (inputs[0] as Tensor) : inputs); // or a symbolic one
  }

  /** The states before the first step: those that came in, those kept, or none, for zeros. */
  protected firstStates(given: readonly Tensor[], options: CallOptions): readonly Tensor[] | undefined {
    const others = [(options['initialState'] as Values | null | undefined) ?? []].flat();
    const initial = given.length > 0 ? given : others;
    if (initial.length > 0) this.checkStates(initial.map(({ shape }) => shape));
    if (!this.own.stateful) return initial.length > 0 ? initial : undefined;
    if (initial.length === 0) return this.kept;
    // As in Keras, those that came in count as long as nothing is kept: as long as all that is kept are zeros.
    const isNew = this.kept
      .map((state) => tf.all(tf.equal(state, 0)))
      .reduce((all, one) => tf.logicalAnd(all, one));
    return initial.map((state, index) => tf.where(isNew, state, this.kept[index] as Tensor)); // one for each
  }

  /** Checks the shapes of states that come in, batch axis included, against those that the layer has. */
  private checkStates(states: readonly Shape[], expected = this.stateShapes as readonly Shape[]): void {
    if (areStates(states, expected)) return;
    throw new KerasShapeError({
      layer: this.name,
      expected: `layer '${this.name}' needs initial states of shape ${expected.map((shape) => describeShape([null, ...shape])).join(' and ')}`,
      received: states.map(describeShape).join(' and '),
      advice: 'Give one state for each, in the order in which a layer of the same kind returns them',
    });
  }

  /** Keeps the states after the last step for the next batch. */
  protected keepStates(ends: readonly Tensor[]): void {
    ends.forEach((state, index) => this.kept[index]?.assign(state));
  }

  /** Sets what a stateful layer has kept: to zeros, or to states. */
  override resetStates(states?: Tensor | readonly Tensor[]): void {
    if (!this.own.stateful) return;
    const given = states === undefined ? [] : [states].flat();
    if (given.length > 0) this.checkStates(given.map(({ shape }) => shape));
    this.kept.forEach((kept, index) => {
      const value = given[index];
      tf.tidy(() => kept.assign(value === undefined ? tf.zerosLike(kept) : tf.clone(value)));
    });
  }

  override dispose(): ReturnType<CompositeLayer<Own>['dispose']> {
    tf.dispose(this.kept);
    this.kept = [];
    return super.dispose();
  }

  /** The shapes of what comes out for a sequence, batch axis included, and those of the states without it. */
  protected abstract shapesAfter(shape: Shape): {
    readonly output: Shape;
    /** The shapes of further outputs. */
    readonly others?: readonly Shape[];
    readonly rows: number | null;
    readonly states: readonly Shape[];
  };

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape | Shape[] {
    const { output, others = [], rows, states } = this.shapesAfter(firstShape(inputShapes));
    const given = allShapes(inputShapes).slice(this.sequenceCountOf(inputShapes));
    if (given.length > 0) this.checkStates(given, states);
    const ends = this.own.returnState ? states.map((shape) => [rows, ...shape]) : [];
    return others.length + ends.length === 0 ? output : [output, ...others, ...ends];
  }

  /** How many of inputs of some shapes are sequences. */
  protected sequenceCountOf(_shapes: Shape | Shape[]): number {
    return 1;
  }

  override computeMask(_inputs: Values, mask?: Values | null): Values {
    const [first = null] = [mask].flat();
    const isKept = this.own.returnSequences && first !== null;
    const outputs = Array.from({ length: this.outputCount }, () =>
      maskOrNone(isKept ? tf.clone(first) : null),
    );
    const all = [...outputs, ...(this.own.returnState ? this.stateShapes.map(() => maskOrNone(null)) : [])];
    return all.length === 1 ? (all[0] as Tensor) : all; // or none, as tfjs has it
  }
}

/** Whether some shapes, batch axis included, are those of states. */
export const areStates = (shapes: readonly Shape[], states: readonly Shape[]): boolean => {
  const fits = (shape: Shape, like: Shape): boolean =>
    shape.length === like.length + 1 &&
    like.every((size, axis) => size === null || [size, null].includes(shape[axis + 1] ?? null));
  return shapes.length === states.length && shapes.every((shape, index) => fits(shape, states[index] ?? [])); // one for each
};
