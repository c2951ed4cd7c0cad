import type { LayerVariable } from '@tensorflow/tfjs';
import { nextSeed } from '../../base/random';
import { sizeOf } from '../../base/shapes';
import { convolution, type Window } from '../../ops/convolution';
import { dropout } from '../../ops/random';
import { scan, type ScanStep } from '../../ops/scan';
import type {
  ActivationOption,
  ConstraintOption,
  InitializerOption,
  RegularizerOption,
} from '../../tfjs/keras-layer';
import { type CallOptions, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { lengthAfter, sizesFor } from './convolution-layer';
import type { DataFormat } from './data-format';
import { firstShape, StatefulLayer, STATEFUL_DEFAULTS, type StatefulFields } from './stateful-layer';

/** Options of a convolutional LSTM inside its layer. */
export interface ConvLstmFields extends StatefulFields {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  readonly dataFormat: DataFormat;
  readonly dilationRate: readonly number[];
  readonly activation: ActivationOption;
  readonly recurrentActivation: ActivationOption;
  readonly useBias: boolean;
  readonly kernelInitializer: InitializerOption;
  readonly recurrentInitializer: InitializerOption;
  readonly biasInitializer: InitializerOption;
  readonly unitForgetBias: boolean;
  readonly kernelRegularizer: RegularizerOption;
  readonly recurrentRegularizer: RegularizerOption;
  readonly biasRegularizer: RegularizerOption;
  readonly activityRegularizer: RegularizerOption;
  readonly kernelConstraint: ConstraintOption;
  readonly recurrentConstraint: ConstraintOption;
  readonly biasConstraint: ConstraintOption;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly timeMajor: boolean;
}

const DEFAULTS = {
  filters: 1,
  kernelSize: 1,
  strides: 1,
  padding: 'valid',
  dataFormat: 'channelsLast',
  dilationRate: 1,
  activation: 'tanh',
  recurrentActivation: 'hardSigmoid',
  useBias: true,
  kernelInitializer: 'glorotUniform',
  recurrentInitializer: 'orthogonal',
  biasInitializer: 'zeros',
  unitForgetBias: true,
  kernelRegularizer: null,
  recurrentRegularizer: null,
  biasRegularizer: null,
  activityRegularizer: null,
  kernelConstraint: null,
  recurrentConstraint: null,
  biasConstraint: null,
  ...STATEFUL_DEFAULTS,
  dropout: 0,
  recurrentDropout: 0,
  timeMajor: false,
};

const SIZED = ['kernelSize', 'strides', 'dilationRate'] as const;

/** As many parts of one size side by side in the last axis. */
const quarters = (x: Tensor): [Tensor, Tensor, Tensor, Tensor] =>
  tf.split(x, 4, x.rank - 1) as [Tensor, Tensor, Tensor, Tensor];

/** What a run over a batch is made of. */
interface Run {
  /** The sizes of a state without the batch axis, channels last. */
  readonly sizes: readonly number[];
  readonly rows: number;
  readonly steps: number;
}

/**
 * An LSTM whose products are convolutions over 1, 2 or 3 axes. tfjs has it over images only, step by step in JavaScript, and each of
 * its gates has a convolution of its own.
 */
export abstract class ConvLstmLayer extends StatefulLayer<ConvLstmFields> {
  private kernel: LayerVariable | undefined;
  private recurrentKernel: LayerVariable | undefined;
  private bias: LayerVariable | undefined;
  private readonly seed = nextSeed();
  /** The shape of a state without the batch axis, known once the layer is built. */
  private stateShape: readonly number[] = [];

  constructor(
    args: object,
    private readonly axes: number,
  ) {
    const given = { ...DEFAULTS, ...args } as Readonly<Record<string, unknown>>; // options by their names
    super(
      { ...args, ...Object.fromEntries(SIZED.map((option) => [option, sizesFor(given[option], axes)])) },
      DEFAULTS as unknown as ConvLstmFields, // names of objects; the base class makes them
    );
  }

  override get stateShapes(): readonly (readonly number[])[] {
    return [this.stateShape, this.stateShape];
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = firstShape(inputShape);
    this.stateShape = this.sampleShape(shape) as number[]; // known, as is checked
    this.makeStates(shape[0] ?? null);
    const { kernelSize, filters, dataFormat, useBias, unitForgetBias } = this.own;
    const axis = dataFormat === 'channelsFirst' ? 2 : shape.length - 1;
    const channels = shape[axis] as number; // known, as is checked
    this.kernel = this.weight('kernel', [...kernelSize, channels, 4 * filters]);
    this.recurrentKernel = this.weight('recurrent_kernel', [...kernelSize, filters, 4 * filters], {
      like: 'recurrent',
    });
    if (useBias) {
      const bias = this.weight('bias', [4 * filters]);
      this.bias = bias;
      if (unitForgetBias) {
        tf.tidy(() => {
          const [input, , ...others] = tf.split(bias.read(), 4);
          bias.write(tf.concat([input as Tensor, tf.ones([filters]), ...others]));
        });
      }
    }
    this.inputSpec = [new tf.InputSpec({ ndim: this.axes + 3, axes: { [axis]: channels } })];
    super.build(inputShape);
  }

  /** The inputs' products with the kernel, `[steps, rows, …]`. */
  private projected(x: Tensor, { rows, steps, sizes }: Run, training: boolean): Tensor {
    const { strides, dilationRate, padding, dropout: rate } = this.own;
    const window: Window = { strides, dilations: dilationRate, padding };
    const kernel = (this.kernel as LayerVariable).read(); // it has been built
    const convolve = (part: Tensor, weights: Tensor): Tensor =>
      convolution(tf.reshape(part, [steps * rows, ...x.shape.slice(2)]), weights, window);
    const sum = (): Tensor => {
      if (!training || rate === 0) return convolve(x, kernel);
      const ones = tf.ones([1, rows, ...x.shape.slice(2)]);
      return tf.concat(
        quarters(kernel).map((part, gate) =>
          convolve(tf.mul(x, dropout(ones, rate, this.seed + gate)), part),
        ),
        this.axes + 1,
      );
    };
    const total = this.bias === undefined ? sum() : tf.add(sum(), this.bias.read());
    return tf.reshape(total, [steps, rows, 4 * sizeOf(sizes)]);
  }

  /** One step of the recurrence. */
  private step({ sizes, rows }: Run): ScanStep {
    const ones = Array<number>(this.axes).fill(1);
    const window: Window = { strides: ones, dilations: ones, padding: 'same' };
    const shape = [rows, ...sizes];
    const { activation, recurrentActivation } = this.own;
    return ([input, present], state, [kernel, masks]) => {
      const [hidden, memory] = tf.split(state, 2, 1).map((part) => tf.reshape(part, shape)) as [
        Tensor,
        Tensor,
      ];
      const weights = kernel as Tensor; // the first weight
      const recurrent =
        masks === undefined
          ? convolution(hidden, weights, window)
          : tf.concat(
              quarters(weights).map((part, gate) => {
                const mask = tf.reshape(tf.slice(masks, [gate * rows], [rows]), shape);
                return convolution(tf.mul(hidden, mask), part, window);
              }),
              this.axes + 1,
            );
      const sum = tf.add(tf.reshape(input as Tensor, recurrent.shape), recurrent); // there is an input
      const [inputGate, forget, value, output] = quarters(sum);
      const added = tf.mul(recurrentActivation.apply(inputGate), activation.apply(value));
      const next = tf.add(tf.mul(recurrentActivation.apply(forget), memory), added);
      const out = tf.mul(recurrentActivation.apply(output), activation.apply(next));
      const flat = tf.concat([tf.reshape(out, [rows, -1]), tf.reshape(next, [rows, -1])], 1);
      // A step that is masked leaves the state as it is.
      return present === undefined ? flat : tf.add(state, tf.mul(present, tf.sub(flat, state)));
    };
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    return tf.tidy(() => {
      const [given, ...initial] = [inputs].flat() as [Tensor, ...Tensor[]];
      const { goBackwards, recurrentDropout, filters } = this.own;
      const x = this.stepsFirst(given);
      const training = options['training'] === true;
      const [steps, rows] = x.shape as [number, number];
      const between = x.shape.slice(2, -1).map((size, axis) => this.lengthOf(size, axis) as number); // known of values
      const run: Run = { sizes: [...between, filters], rows, steps };
      const ordered = goBackwards ? tf.reverse(x, 0) : x;
      const mask = [options['mask'] as Tensor | Tensor[] | null | undefined].flat()[0] ?? undefined;
      const present = mask === undefined ? undefined : this.presence(mask);
      const size = sizeOf(run.sizes);
      const before = this.firstStates(initial, options);
      const first =
        before === undefined
          ? tf.zeros([rows, 2 * size])
          : tf.concat(
              before.map((state) => tf.reshape(this.fromFormat(state), [rows, size])),
              1,
            );
      const masks =
        training && recurrentDropout > 0
          ? [dropout(tf.ones([4 * rows, size]), recurrentDropout, this.seed + 4)]
          : [];
      const states = scan(this.step(run), {
        inputs: [this.projected(ordered, run, training), ...(present === undefined ? [] : [present])],
        state: first,
        // The masks go with the weights: what the step only captures is gone by the time of its gradient.
        weights: [(this.recurrentKernel as LayerVariable).read(), ...masks],
      });
      return this.finish(states, run, present);
    });
  }

  /** Whether each step is there, `[steps, rows, 1]`. */
  private presence(mask: Tensor): Tensor {
    const steps = tf.expandDims(tf.transpose(tf.cast(mask, 'float32')), 2);
    return this.own.goBackwards ? tf.reverse(steps, 0) : steps;
  }

  /** What the layer puts out, of all states in time. */
  private finish(
    states: Tensor,
    { sizes, rows, steps }: Run,
    present: Tensor | undefined,
  ): Tensor | Tensor[] {
    const [all, memories] = tf.split(states, 2, 2) as [Tensor, Tensor];
    // As in the other recurrent layers, there is no output before the first step that is there.
    const outputs = present === undefined ? all : tf.mul(all, tf.minimum(tf.cumsum(present, 0), 1));
    const last = (x: Tensor): Tensor => tf.squeeze(tf.slice(x, [steps - 1], [1]), [0]);
    const shaped = (x: Tensor): Tensor => this.toFormat(tf.reshape(x, [rows, ...sizes]));
    const { returnSequences, returnState, stateful } = this.own;
    const ends = returnState || stateful ? [shaped(last(all)), shaped(last(memories))] : [];
    if (stateful) this.keepStates(ends);
    const output = returnSequences
      ? this.batchFirst(tf.reshape(outputs, [steps, rows, ...sizes]))
      : shaped(last(outputs));
    return returnState ? [output, ...ends] : output;
  }

  /** `[batch, steps, …]` in the layer's format as `[steps, batch, …, channels]`. */
  private stepsFirst(x: Tensor): Tensor {
    const axes = Array.from({ length: this.axes }, (_, axis) => axis);
    return this.own.dataFormat === 'channelsFirst'
      ? tf.transpose(x, [1, 0, ...axes.map((axis) => axis + 3), 2])
      : tf.transpose(x, [1, 0, ...axes.map((axis) => axis + 2), this.axes + 2]);
  }

  /** The way back. */
  private batchFirst(x: Tensor): Tensor {
    const axes = Array.from({ length: this.axes }, (_, axis) => axis + 2);
    return this.own.dataFormat === 'channelsFirst'
      ? tf.transpose(x, [1, 0, this.axes + 2, ...axes])
      : tf.transpose(x, [1, 0, ...axes, this.axes + 2]);
  }

  private toFormat(x: Tensor): Tensor {
    const axes = Array.from({ length: this.axes }, (_, axis) => axis + 1);
    return this.own.dataFormat === 'channelsFirst' ? tf.transpose(x, [0, this.axes + 1, ...axes]) : x;
  }

  private fromFormat(x: Tensor): Tensor {
    const axes = Array.from({ length: this.axes }, (_, axis) => axis + 2);
    return this.own.dataFormat === 'channelsFirst' ? tf.transpose(x, [0, ...axes, 1]) : x;
  }

  private lengthOf(size: number | null, axis: number): number | null {
    const { kernelSize, strides, dilationRate, padding } = this.own;
    return lengthAfter(size, kernelSize[axis] ?? 1, {
      stride: strides[axis] ?? 1,
      dilation: dilationRate[axis] ?? 1,
      padding,
    });
  }

  /** The shape of one output, and of a state, without the batch axis. */
  private sampleShape(shape: Shape): Shape {
    const { dataFormat, filters } = this.own;
    const isFirst = dataFormat === 'channelsFirst';
    const between = (isFirst ? shape.slice(3) : shape.slice(2, -1)).map((size, axis) =>
      this.lengthOf(size, axis),
    );
    return isFirst ? [filters, ...between] : [...between, filters];
  }

  protected override shapesAfter(shape: Shape): ReturnType<StatefulLayer<ConvLstmFields>['shapesAfter']> {
    const [rows = null, steps = null] = shape;
    const sample = this.sampleShape(shape);
    const output = this.own.returnSequences ? [rows, steps, ...sample] : [rows, ...sample];
    return { output, rows, states: [sample, sample] };
  }
}
