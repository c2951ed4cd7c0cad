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
import { firstShape, StatefulLayer, STATEFUL_DEFAULTS, type StatefulFields } from './stateful-layer';

/** Options of a recurrent layer inside it. */
interface RecurrentFields extends StatefulFields {
  readonly timeMajor: boolean;
  readonly activityRegularizer: RegularizerOption;
}

const RECURRENT_DEFAULTS = { ...STATEFUL_DEFAULTS, timeMajor: false, activityRegularizer: null };

/** A cell that runs over sequences. */
export abstract class RecurrentLayer<Own extends RecurrentFields> extends StatefulLayer<Own> {
  readonly cell: RecurrentCell<object>;

  protected constructor(args: object, defaults: Own, cell: RecurrentCell<object>) {
    super(args, defaults);
    this.cell = cell;
  }

  override get stateShapes(): readonly StateShape[] {
    return this.cell.stateShapes;
  }

  override build(inputShapes: Shape | Shape[]): void {
    const shape = firstShape(inputShapes);
    const rows = shape[this.own.timeMajor ? 1 : 0] ?? null;
    this.cell.build([rows, ...shape.slice(2)]);
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
      const [x, ...states] = [inputs].flat() as [Tensor, ...Tensor[]];
      const { timeMajor, goBackwards, returnSequences, returnState, stateful } = this.own;
      const [mask] = [options['mask'] as Tensor | Tensor[] | null | undefined].flat();
      const result = this.cell.run({
        x,
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
    return returnState ? [shaped, ...ends] : shaped;
  }

  protected override shapesAfter([first = null, second = null]: Shape): ReturnType<
    StatefulLayer<Own>['shapesAfter']
  > {
    const { returnSequences, timeMajor } = this.own;
    const rows = timeMajor ? second : first;
    const { stepShape, stateShapes } = this.cell;
    const output = returnSequences ? [first, second, ...stepShape] : [rows, ...stepShape];
    return { output, rows, states: stateShapes.map((shape) => [...shape]) };
  }
}

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
