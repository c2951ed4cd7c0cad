import { KerasArgumentError } from '../../base/errors';
import { sizeOf } from '../../base/shapes';
import { swapAxes } from '../../ops/time-major';
import type { RegularizerOption } from '../../tfjs/keras-layer';
import { register, type CallOptions, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { cellOf } from './cell-of';
import {
  GRU_CELL_DEFAULTS,
  GRUCell,
  LSTM_CELL_DEFAULTS,
  LSTMCell,
  SIMPLE_CELL_DEFAULTS,
  SimpleRNNCell,
} from './gated-cells';
import type { SequenceResult, SequenceRun } from './recurrence';
import type { RecurrentCell, StateShape } from './recurrent-cell';
import { StackedRNNCells } from './stacked-cells';
import {
  allShapes,
  areStates,
  StatefulLayer,
  STATEFUL_DEFAULTS,
  type StatefulFields,
} from './stateful-layer';

/** Options of a recurrent layer inside it. */
interface RecurrentFields extends StatefulFields {
  readonly timeMajor: boolean;
  readonly activityRegularizer: RegularizerOption;
}

const RECURRENT_DEFAULTS = { ...STATEFUL_DEFAULTS, timeMajor: false, activityRegularizer: null };

/** How many of a layer's inputs are sequences; by shapes, those whose shapes are not those of states. */
export type SequenceCount = number | 'by shapes';

/** A cell that runs over sequences. */
export abstract class RecurrentLayer<Own extends RecurrentFields> extends StatefulLayer<Own> {
  readonly cell: RecurrentCell<object>;
  private said: SequenceCount = 1;
  private seen = 1;

  protected constructor(args: object, defaults: Own, cell: RecurrentCell<object>) {
    super(args, defaults);
    this.cell = cell;
  }

  override get stateShapes(): readonly StateShape[] {
    return this.cell.stateShapes;
  }

  override get sequenceCount(): number {
    return this.seen;
  }

  protected override get outputCount(): number {
    return this.cell.stepShapes.length;
  }

  /** Says how many of the inputs are sequences. */
  takeSequences(count: SequenceCount): void {
    this.said = count;
  }

  protected override sequenceCountOf(inputShapes: Shape | Shape[]): number {
    if (this.said !== 'by shapes') return this.said;
    const shapes = allShapes(inputShapes);
    const { cell, stateShapes } = this;
    const count = shapes.length - stateShapes.length;
    return !cell.takesSeveral ||
      (count > 0 && areStates(shapes.slice(count), stateShapes as readonly Shape[]))
      ? Math.max(1, count)
      : shapes.length;
  }

  override build(inputShapes: Shape | Shape[]): void {
    this.seen = this.sequenceCountOf(inputShapes);
    const shapes = allShapes(inputShapes).slice(0, this.seen);
    const [shape = []] = shapes;
    const rows = shape[this.own.timeMajor ? 1 : 0] ?? null;
    if (this.seen > 1 && !this.cell.takesSeveral) throw notTogether(this.name, this.seen);
    const steps = shapes.map(([, , ...sizes]) => [rows, ...sizes]);
    this.cell.build(steps.length === 1 ? (steps[0] as Shape) : steps);
    this.cell.built = true;
    this.makeStates(rows);
    const whole = [...shape];
    whole[0] = whole[1] = null;
    if (this.own.stateful) whole[this.own.timeMajor ? 1 : 0] = rows;
    this.inputSpec = [new tf.InputSpec({ shape: whole })];
    super.build(inputShapes);
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    return tf.tidy(() => {
      const all = [inputs].flat();
      const [sequences, states] = [all.slice(0, this.seen), all.slice(this.seen)];
      const { timeMajor, goBackwards, returnSequences, returnState, stateful } = this.own;
      const [mask] = [options['mask'] as Tensor | Tensor[] | null | undefined].flat();
      const result = this.cell.run({
        ...sideBySide(sequences),
        timeMajor,
        backwards: goBackwards,
        first: this.firstStates(states, options),
        present: presence(mask, this.own),
        zeroOutputs: this.zeroOutputs,
        training: options['training'] === true,
        sequences: returnSequences,
        ends: returnState || stateful,
      });
      if (stateful) this.keepStates(result.ends);
      return this.finish(result);
    });
  }

  /** What the layer puts out. */
  private finish({ output, ends }: SequenceResult): Tensor | Tensor[] {
    const { returnSequences, timeMajor, returnState } = this.own;
    const shaped = returnSequences && !timeMajor ? swapAxes(output) : output;
    const all = [...apart(shaped, this.cell.stepShapes), ...(returnState ? ends : [])];
    return all.length === 1 ? (all[0] as Tensor) : all;
  }

  protected override shapesAfter([first = null, second = null]: Shape): ReturnType<
    StatefulLayer<Own>['shapesAfter']
  > {
    const { returnSequences, timeMajor } = this.own;
    const rows = timeMajor ? second : first;
    const { stepShapes, stateShapes } = this.cell;
    const [output = [], ...others] = stepShapes.map((shape) =>
      returnSequences ? [first, second, ...shape] : [rows, ...shape],
    );
    return { output, others, rows, states: stateShapes.map((shape) => [...shape]) };
  }
}

const notTogether = (name: string, count: number): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'cell',
    layer: name,
    expected: `the cell of layer '${name}' must take several arrays in a step, since the layer takes ${count} sequences`,
    received: 'a cell that takes one',
    advice: 'Give a cell of your own, or join the sequences first with layerConcatenate',
  });

/** Several sequences as one, with the values of a step side by side. */
const sideBySide = (sequences: readonly Tensor[]): Pick<SequenceRun, 'x' | 'parts'> => {
  const [x] = sequences as [Tensor]; // there is one
  if (sequences.length === 1) return { x };
  const flat = sequences.map((one) => {
    const [first = 0, second = 0] = one.shape;
    return tf.reshape(one, [first, second, -1]);
  });
  return { x: tf.concat(flat, 2), parts: sequences.map(({ shape }) => shape.slice(2)) };
};

/** The outputs whose values are side by side along the last axis. */
const apart = (output: Tensor, shapes: readonly StateShape[]): Tensor[] => {
  if (shapes.length === 1) return [output];
  const before = output.shape.slice(0, -1);
  return tf
    .split(output, shapes.map(sizeOf), output.rank - 1)
    .map((part, index) => tf.reshape(part, [...before, ...(shapes[index] ?? [])])); // one for each
};

/** Which steps are there, `[steps, batch, 1]` in the order of the run. */
const presence = (
  mask: Tensor | null | undefined,
  { timeMajor, goBackwards }: RecurrentFields,
): SequenceRun['present'] => {
  if (mask === null || mask === undefined) return undefined;
  const steps = tf.expandDims(tf.cast(mask, 'float32'), 2);
  if (!timeMajor) return swapAxes(steps, goBackwards);
  return goBackwards ? tf.reverse(steps, 0) : steps;
};

const SIMPLE_DEFAULTS = { ...RECURRENT_DEFAULTS, ...SIMPLE_CELL_DEFAULTS };
const GRU_DEFAULTS = { ...RECURRENT_DEFAULTS, ...GRU_CELL_DEFAULTS };
const LSTM_DEFAULTS = { ...RECURRENT_DEFAULTS, ...LSTM_CELL_DEFAULTS };

/** The cell's options, without those of the layer around it. */
const cellArguments = (args: object): object => {
  const {
    name: _name,
    batchInputShape: _shape,
    inputShape: _input,
    ...rest
  } = args as Record<string, unknown>;
  return rest;
};

/** A fully connected recurrent layer. */
export class SimpleRNN extends RecurrentLayer<typeof SIMPLE_DEFAULTS> {
  static readonly className: string = 'SimpleRNN';
  constructor(args: object) {
    super(args, SIMPLE_DEFAULTS, new SimpleRNNCell(cellArguments(args)));
  }
}
register(SimpleRNN);

/** A gated recurrent unit. */
export class GRU extends RecurrentLayer<typeof GRU_DEFAULTS> {
  static readonly className: string = 'GRU';
  constructor(args: object) {
    super(args, GRU_DEFAULTS, new GRUCell(cellArguments(args)));
  }
}
register(GRU);

/** Long short-term memory. */
export class LSTM extends RecurrentLayer<typeof LSTM_DEFAULTS> {
  static readonly className: string = 'LSTM';
  constructor(args: object) {
    super(args, LSTM_DEFAULTS, new LSTMCell(cellArguments(args)));
  }
}
register(LSTM);

const RNN_DEFAULTS = { ...RECURRENT_DEFAULTS, zeroOutputForMask: false };

/** Any cell over sequences; a list of cells is a stack of them. */
export class RNN extends RecurrentLayer<typeof RNN_DEFAULTS> {
  static readonly className: string = 'RNN';

  constructor({ cell, ...args }: { readonly cell?: unknown }) {
    super(args, RNN_DEFAULTS, Array.isArray(cell) ? new StackedRNNCells({ cells: cell }) : cellOf(cell));
    this.zeroOutputs = this.own.zeroOutputForMask;
  }

  override getConfig(): LayerConfig {
    const cell = { className: this.cell.getClassName(), config: this.cell.getConfig() };
    return { ...super.getConfig(), cell }; // as tfjs has it
  }
}
register(RNN);
