import type { LayerVariable } from '@tensorflow/tfjs';
import { KerasArgumentError, KerasStateError } from '../../base/errors';
import { sizeOf } from '../../base/shapes';
import { scan, type ScanStep } from '../../ops/scan';
import { withActivityLosses } from '../../tfjs/activity';
import type { ConstraintOption, InitializerOption, RegularizerOption } from '../../tfjs/keras-layer';
import type { LayerConfig, Shape } from '../../tfjs/layer-classes';
import { variableOf, withVariableValues, withWeightValues } from '../../tfjs/private';
import { tf, type Tensor, type Variable } from '../../tfjs/tensorflow';
import { inOrder, masked, sizesOf, type SequenceResult, type SequenceRun } from './recurrence';
import { lastStep } from '../../ops/time-major';
import {
  outputShapesOf,
  RecurrentCell,
  stateShapesOf,
  type StateShape,
  type OutputSize,
  type StateSize,
} from './recurrent-cell';

type Layer = InstanceType<typeof tf.layers.Layer>;

/** What a cell gives for one step. */
interface StepResult {
  readonly outputs: readonly Tensor[];
  readonly states: readonly Tensor[];
}

/** What a step takes: an array, or several. */
export type StepInput = Tensor | readonly Tensor[];

/** The arrays whose values are side by side in `x`. */
const arraysIn = (x: Tensor, shapes: SequenceRun['parts']): StepInput => {
  if (shapes === undefined) return x;
  const sizes = shapes.map(sizeOf);
  return tf.split(x, sizes, 1).map((part, index) => reshapeLast(part, [0, ...(shapes[index] ?? [])])); // one for each
};

/** A cell whose step is somebody else's: it runs in a loop, step by step. */
export abstract class SteppingCell<Own extends object> extends RecurrentCell<Own> {
  /** What the step computes with. */
  protected abstract get variables(): readonly LayerVariable[];
  protected abstract step(x: StepInput, states: readonly Tensor[], training: boolean): StepResult;

  override get stepShape(): StateShape {
    const { stepShapes } = this;
    const [first = []] = stepShapes;
    return stepShapes.length === 1 ? first : [stepShapes.reduce((sum, shape) => sum + sizeOf(shape), 0)];
  }

  abstract override get stepShapes(): readonly StateShape[];

  override get takesSeveral(): boolean {
    return true;
  }

  override run(run: SequenceRun): SequenceResult {
    const { rows } = sizesOf(run);
    // The output goes with the states: a step that is not there puts out what the one before did.
    const shapes = [...this.stateShapes, this.stepShape].map((shape) => [rows, ...shape]);
    const sizes = shapes.map((shape) => sizeOf(shape.slice(1)));
    const split = (state: Tensor): Tensor[] =>
      tf
        .split(state, sizes, state.rank - 1)
        .map((part, index) => reshapeLast(part, shapes[index] as number[])); // one for each
    const { variables, stateShapes } = this;
    const step: ScanStep = ([x, there], state, weights) => {
      const before = split(state).slice(0, stateShapes.length);
      const { outputs, states } = withWeightValues(
        variables,
        weights,
        () => this.step(arraysIn(x as Tensor, run.parts), before, run.training), // there is an input
      );
      const next = tf.concat(
        [...states, ...outputs].map((part) => tf.reshape(part, [rows, -1])),
        1,
      );
      return there === undefined ? next : tf.add(state, tf.mul(there, tf.sub(next, state)));
    };
    const zeros = shapes.map((shape) => tf.zeros([rows, sizeOf(shape.slice(1))]));
    const first = zeros.map((zero, index) => {
      const given = run.first?.[index];
      return given === undefined ? zero : tf.reshape(given, [rows, -1]);
    });
    const all = scan(step, {
      inputs: [inOrder(run.x, run), ...(run.present === undefined ? [] : [run.present])],
      state: tf.concat(first, 1),
      weights: variables.map((variable) => variable.read()),
    });
    const parts = split(all);
    // What is carried on begins with zeros, so that there is no output before the first step that is there.
    const outputs = masked(parts.at(-1) as Tensor, { ...run, first: undefined });
    return {
      output: run.sequences ? outputs : lastStep(outputs),
      ends: run.ends ? parts.slice(0, -1).map(lastStep) : [],
    };
  }
}

/** `[…, size]` as `[…, …shape without the batch axis]`. */
const reshapeLast = (x: Tensor, [, ...shape]: readonly number[]): Tensor =>
  shape.length === 1 ? x : tf.reshape(x, [...x.shape.slice(0, -1), ...shape]);

/** How a cell of one's own makes a weight. */
export interface CellWeightOptions {
  readonly initializer: InitializerOption;
  readonly regularizer: RegularizerOption;
  readonly constraint: ConstraintOption;
  readonly trainable: boolean;
}

/** A cell of one's own, once its parts are checked. */
export interface OwnCellParts {
  /** What the user gave: an object, or an instance of a class. */
  readonly source: object;
  readonly stateShapes: readonly StateShape[];
  readonly stepShapes: readonly StateShape[];
  /** Makes the weights, for a step's input of a shape, or inputs of several. */
  build(
    inputShape: Shape | Shape[],
    addWeight: (name: string, shape: readonly number[], options: CellWeightOptions) => void,
  ): void;
  step(
    x: StepInput,
    states: readonly Tensor[],
    weights: Readonly<Record<string, Tensor>>,
    training: boolean,
  ): StepResult;
}

/** The cell of an object or a class of the user's. */
export class OwnCell extends SteppingCell<object> {
  static readonly className: string = 'OwnCell';
  private readonly names: string[] = [];
  private readonly list: LayerVariable[] = [];

  constructor(
    args: object,
    private readonly parts: OwnCellParts,
  ) {
    super(args, {});
  }

  override get stateShapes(): readonly StateShape[] {
    return this.parts.stateShapes;
  }

  override get stepShapes(): readonly StateShape[] {
    return this.parts.stepShapes;
  }

  /** What the user gave: an object, or an instance of a class. */
  get source(): object {
    return this.parts.source;
  }

  get stateSize(): number[] {
    return this.stateShapes.map(sizeOf);
  }

  override build(inputShape: Shape | Shape[]): void {
    this.parts.build(inputShape, (name, shape, options) => {
      const { initializer, regularizer, trainable, constraint } = options;
      this.names.push(name);
      this.list.push(
        this.addWeight(
          name,
          [...shape],
          'float32',
          initializer,
          regularizer ?? undefined,
          trainable,
          constraint ?? undefined,
        ),
      );
    });
    super.build(inputShape);
  }

  protected override get variables(): readonly LayerVariable[] {
    return this.list;
  }

  protected override step(x: StepInput, states: readonly Tensor[], training: boolean): StepResult {
    const weights = Object.fromEntries(
      this.names.map((name, index) => [name, (this.list[index] as LayerVariable).read()]), // one for each
    );
    return this.parts.step(x, states, weights, training);
  }
}

/** A cell of tfjs's kind: a layer with a `stateSize`, which is called with the input and the states. */
export type TfjsCell = Layer & { readonly stateSize: number | readonly StateSize[] };

/** A layer of the user's own that can be a cell. */
interface StepLayer {
  /** Builds it for a step's input, or several, and its states, without the batch axis. */
  buildAsCell(inputShape: Shape | Shape[], stateShapes: readonly StateShape[]): void;
}

/** Whether a layer is one of the user's own that can be a cell. */
export const isStepLayer = (layer: Layer): layer is Layer & StepLayer => 'buildAsCell' in layer;

const toldInCell = (name: string): KerasStateError =>
  new KerasStateError({
    layer: name,
    expected: `the cell '${name}' must only compute: its steps are one loop`,
    received: 'a cell that adds to the loss, or tells values, in `call`',
    advice: 'Do that in a layer behind the recurrent one',
  });

const wrongStates = (
  name: string,
  [outputs, states]: readonly [number, number],
  received: number,
): KerasArgumentError => {
  const isOne = outputs === 1;
  const after = Math.max(0, received - outputs);
  return new KerasArgumentError({
    argument: 'cell',
    layer: name,
    expected: `\`call\` of the cell '${name}' must give ${isOne ? 'the output' : `${outputs} outputs`} and ${states} ${states === 1 ? 'state' : 'states'}, as ${
      isOne ? '`stateSize` says' : '`outputSize` and `stateSize` say'
    }`,
    received: `${after} ${after === 1 ? 'state' : 'states'}`,
    advice: `End it with: return [${isOne ? 'output' : '…outputs'}, …states]`,
  });
};

/** A cell of tfjs's kind at work in this library's loop. */
export class WrappedCell extends SteppingCell<object> {
  static readonly className: string = 'WrappedCell';
  /** The variables of the layer, whatever their weights are said to be in a step. */
  private kept: readonly Variable[] = [];

  constructor(readonly layer: TfjsCell) {
    super({ name: layer.name }, {});
  }

  override get stateShapes(): readonly StateShape[] {
    return stateShapesOf(this.layer.stateSize);
  }

  get stateSize(): number | readonly StateSize[] {
    return this.layer.stateSize;
  }

  override get stepShapes(): readonly StateShape[] {
    const { outputSize } = this.layer as { readonly outputSize?: OutputSize }; // a cell may have it
    return outputShapesOf(outputSize, this.stateShapes);
  }

  override build(inputShape: Shape | Shape[]): void {
    if (!this.layer.built) {
      if (isStepLayer(this.layer)) this.layer.buildAsCell(inputShape, this.stateShapes);
      else this.layer.build(inputShape);
    }
    this.layer.built = true;
    this.kept = this.layer.weights.map(variableOf);
    super.build(inputShape);
  }

  protected override get variables(): readonly LayerVariable[] {
    return this.layer.weights;
  }

  protected override step(x: StepInput, states: readonly Tensor[], training: boolean): StepResult {
    const result = withActivityLosses((losses, metrics) => {
      const call = (): Tensor | Tensor[] => this.layer.call([...[x].flat(), ...states], { training }); // as tfjs's cells give it
      const made = isStepLayer(this.layer) ? this.withValues(call) : call();
      if (losses.length + metrics.length > 0) throw toldInCell(this.layer.name);
      return [made].flat();
    });
    const outputs = this.stepShapes.length;
    if (result.length !== outputs + states.length)
      throw wrongStates(this.layer.name, [outputs, states.length], result.length);
    return { outputs: result.slice(0, outputs), states: result.slice(outputs) };
  }

  /** What a step of a layer of the user's own gives, which computes with its variables: the values are those of the step. */
  private withValues<T>(run: () => T): T {
    const values = this.variables.map((weight) => weight.read());
    return withVariableValues(this.kept, values, run);
  }

  override getClassName(): string {
    return this.layer.getClassName();
  }

  override getConfig(): LayerConfig {
    return this.layer.getConfig();
  }
}
