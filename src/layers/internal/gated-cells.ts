import type { LayerVariable } from '@tensorflow/tfjs';
import {
  register,
  type ActivationOption,
  type ConstraintOption,
  type InitializerOption,
  type RegularizerOption,
} from '../../tfjs/keras-layer';
import type { Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import {
  gruRecurrence,
  MaskSeeds,
  recur,
  recurLstm,
  simpleRecurrence,
  type GatedCellParts,
  type SequenceResult,
  type SequenceRun,
} from './recurrence';
import { RecurrentCell } from './recurrent-cell';

/** Options of a cell inside it. */
export interface GatedCellFields {
  readonly units: number;
  readonly activation: ActivationOption;
  readonly recurrentActivation?: ActivationOption;
  readonly useBias: boolean;
  readonly kernelInitializer: InitializerOption;
  readonly recurrentInitializer: InitializerOption;
  readonly biasInitializer: InitializerOption;
  readonly kernelRegularizer: RegularizerOption;
  readonly recurrentRegularizer: RegularizerOption;
  readonly biasRegularizer: RegularizerOption;
  readonly kernelConstraint: ConstraintOption;
  readonly recurrentConstraint: ConstraintOption;
  readonly biasConstraint: ConstraintOption;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly unitForgetBias?: boolean;
  readonly resetAfter?: boolean;
}

/** What a cell has if nothing else is said: as tfjs has it, whose configurations these classes read, too. */
export const SIMPLE_CELL_DEFAULTS = {
  units: 1,
  activation: 'tanh',
  useBias: true,
  kernelInitializer: 'glorotUniform',
  recurrentInitializer: 'orthogonal',
  biasInitializer: 'zeros',
  kernelRegularizer: null,
  recurrentRegularizer: null,
  biasRegularizer: null,
  kernelConstraint: null,
  recurrentConstraint: null,
  biasConstraint: null,
  dropout: 0,
  recurrentDropout: 0,
};
export const GRU_CELL_DEFAULTS = {
  ...SIMPLE_CELL_DEFAULTS,
  recurrentActivation: 'hardSigmoid',
  resetAfter: false,
};
export const LSTM_CELL_DEFAULTS = {
  ...SIMPLE_CELL_DEFAULTS,
  recurrentActivation: 'hardSigmoid',
  unitForgetBias: true,
};

/** A cell whose gates are sums of a product of the input and one of the state. */
export abstract class GatedCell extends RecurrentCell<GatedCellFields> {
  private kernel: LayerVariable | undefined;
  private recurrentKernel: LayerVariable | undefined;
  private bias: LayerVariable | undefined;
  protected readonly seeds = new MaskSeeds();

  protected constructor(
    args: object,
    defaults: object,
    private readonly gates: 1 | 3 | 4,
  ) {
    super(args, defaults as GatedCellFields); // names of objects; the base class makes them
  }

  get units(): number {
    return this.own.units;
  }

  override get stepShape(): number[] {
    return [this.units];
  }

  /** As tfjs calls it. */
  get stateSize(): number | number[] {
    const [first = 0, ...others] = this.stateShapes.map(([size = 0]) => size);
    return others.length === 0 ? first : [first, ...others];
  }

  override get stateShapes(): number[][] {
    return [[this.units]];
  }

  protected get parts(): GatedCellParts {
    const { units, dropout, recurrentDropout, activation, recurrentActivation = activation } = this.own;
    return {
      units,
      dropout,
      recurrentDropout,
      activation,
      recurrentActivation,
      kernel: this.kernel as LayerVariable, // it has been built
      recurrentKernel: this.recurrentKernel as LayerVariable,
      bias: this.bias,
    };
  }

  /** The shape of the bias. */
  protected get biasShape(): number[] {
    return [this.gates * this.units];
  }

  override build(inputShape: Shape | Shape[]): void {
    const { units, gates } = this;
    const features = (inputShape as Shape).at(-1) as number; // one input, whose size is known, as is checked
    this.kernel = this.weight('kernel', [features, gates * units]);
    this.recurrentKernel = this.weight('recurrent_kernel', [units, gates * units], { like: 'recurrent' });
    if (this.own.useBias) this.bias = this.weight('bias', this.biasShape);
    if (this.own.unitForgetBias === true) this.forgetNothing();
    super.build(inputShape);
  }

  /** Has the forget gate, the second, start with a bias of 1. */
  private forgetNothing(): void {
    const { bias } = this;
    if (bias === undefined) return;
    tf.tidy(() => {
      const [input, , ...others] = tf.split(bias.read(), 4);
      bias.write(tf.concat([input as Tensor, tf.ones([this.units]), ...others])); // there are four
    });
  }
}

/** The cell of a fully connected recurrent layer. */
export class SimpleRNNCell extends GatedCell {
  static readonly className: string = 'SimpleRNNCell';

  constructor(args: object) {
    super(args, SIMPLE_CELL_DEFAULTS, 1);
  }

  override run(run: SequenceRun): SequenceResult {
    return recur(this.parts, simpleRecurrence(this.parts), run, this.seeds);
  }
}
register(SimpleRNNCell);

/** The cell of a gated recurrent unit; with `resetAfter` it has one bias for the input's product and one for the state's. */
export class GRUCell extends GatedCell {
  static readonly className: string = 'GRUCell';

  constructor(args: object) {
    super(args, GRU_CELL_DEFAULTS, 3);
  }

  protected override get biasShape(): number[] {
    return this.own.resetAfter === true ? [2, 3 * this.units] : super.biasShape;
  }

  override run(run: SequenceRun): SequenceResult {
    return recur(this.parts, gruRecurrence(this.parts, this.own.resetAfter === true), run, this.seeds);
  }
}
register(GRUCell);

/** The cell of an LSTM. */
export class LSTMCell extends GatedCell {
  static readonly className: string = 'LSTMCell';

  constructor(args: object) {
    super(args, LSTM_CELL_DEFAULTS, 4);
  }

  override get stateShapes(): number[][] {
    return [[this.units], [this.units]];
  }

  override run(run: SequenceRun): SequenceResult {
    return recurLstm(this.parts, run, this.seeds);
  }
}
register(LSTMCell);
