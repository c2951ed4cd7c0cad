import type { LayerVariable } from '@tensorflow/tfjs';
import { activation, type ActivationLike } from '../activations/registry';
import { argumentError, nonEmptyString, optional, required, type Check } from '../base/checks';
import { contraction, type Contraction } from '../ops/contraction';
import { KerasLayer, type ActivationOption } from '../tfjs/keras-layer';
import { register, singleInput, type Shape } from '../tfjs/layer-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { defineLayer } from './internal/define-layer';
import { checkBiasAxes, einsumShapes, equation, type EinsumShapes } from './internal/einsum-equation';
import { KERNEL_DEFAULTS, type KernelFields } from './internal/kernel-fields';
import {
  activityOptionCheck,
  kernelOptionChecks,
  type ActivityOption,
  type KernelOptions,
} from './internal/kernel-options';
import type { LayerOptions } from './internal/options';

interface EinsumDenseFields extends KernelFields {
  readonly equation: string;
  readonly outputShape: readonly (number | null)[];
  readonly activation: ActivationOption;
  readonly biasAxes: string | null;
}

const DEFAULTS = {
  equation: 'ab,bc->ac',
  outputShape: [],
  activation: 'linear',
  biasAxes: null,
  ...KERNEL_DEFAULTS,
} as unknown as EinsumDenseFields; // names, of which the base class makes objects

class EinsumDense extends KerasLayer<EinsumDenseFields> {
  static readonly className: string = 'EinsumDense';
  private kernel: LayerVariable | undefined;
  private bias: LayerVariable | undefined;

  constructor(args: { readonly outputShape?: number | readonly (number | null)[] }) {
    super({ ...args, outputShape: [args.outputShape ?? []].flat() }, DEFAULTS);
    this.supportsMasking = false;
  }

  private shapesFor(inputShape: Shape | Shape[]): EinsumShapes {
    const { equation: ofEquation, outputShape, biasAxes } = this.own;
    return einsumShapes(ofEquation, inputShape as Shape, outputShape, biasAxes) as EinsumShapes; // one input, as is checked
  }

  override build(inputShape: Shape | Shape[]): void {
    const { kernel, bias, axes } = this.shapesFor(inputShape);
    this.kernel = this.weight('kernel', kernel as number[]); // known, as is checked
    if (bias !== undefined) this.bias = this.weight('bias', bias as number[]); // the same
    const shape = inputShape as Shape; // one input
    const sized = axes.a
      .split('')
      .flatMap((letter, axis) =>
        axes.b.includes(letter) || (this.own.biasAxes ?? '').includes(letter)
          ? [[axis, shape[axis]] as const]
          : [],
      );
    this.inputSpec = [
      new tf.InputSpec({ ndim: shape.length, axes: Object.fromEntries(sized) as Record<number, number> }), // the same
    ];
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const axes: Contraction = this.shapesFor(x.shape).axes;
      const product = contraction(x, (this.kernel as LayerVariable).read(), axes); // it has been built
      return this.own.activation.apply(this.bias === undefined ? product : tf.add(product, this.bias.read()));
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return [...this.shapesFor(inputShape).output];
  }
}
register(EinsumDense);

/** Options of {@link layerEinsumDense}. */
export interface EinsumDenseOptions extends LayerOptions, Omit<KernelOptions, 'useBias'>, ActivityOption {
  /** What is multiplied and added up: 'X,Y->Z', '...X,Y->...Z' or 'X...,Y->Z...', a letter for each axis of input, kernel and output. */
  equation: string;
  /** The sizes of the output's axes, without the batch axis and those of dots; null where the input says the size. */
  outputShape: number | readonly (number | null)[];
  /** 'linear' by default: no change. */
  activation?: ActivationLike | undefined;
  /** The letters of the output's axes along which there is a bias of its own; no bias by default. */
  biasAxes?: string | null | undefined;
}

const outputSizes: Check<number | (number | null)[]> = (value, place) => {
  const isSize = (size: unknown): boolean =>
    size === null || (Number.isSafeInteger(size) && Number(size) > 0);
  const list: unknown[] = [value].flat();
  if (list.every(isSize) && value !== null) return value as number | (number | null)[]; // as checked
  throw argumentError(
    place,
    'a positive integer, or an array of them, null where the input says the size',
    value,
  );
};

const lettersOrNull: Check<string | null> = (value, place) =>
  value === null ? null : nonEmptyString(value, place);

// Whether there is a bias is said by its axes.
const { useBias: _useBias, ...weightChecks } = kernelOptionChecks;

const einsumDenseChecks = {
  equation: required(equation),
  outputShape: required(outputSizes),
  activation: optional(activation),
  biasAxes: optional(lettersOrNull),
  ...weightChecks,
  ...activityOptionCheck,
};

/**
 * A dense layer over any axes: `output = activation(einsum(equation, input, kernel) + bias)`.
 *
 * In and out as `equation` says: 'abc,cd->abd' is {@link layerDense} on sequences, 'abc,cde->abde' projects each step to a matrix.
 * `outputShape` has the sizes of the output's axes without the first, the batch's, and without those that dots stand for; with dots on
 * the left, those of all letters. Weights: kernel, of the sizes of its letters, and with `biasAxes` a bias, of theirs, and 1 between.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError for an equation that is none, letters that do not fit each other, and an unknown option or name.
 * @throws KerasShapeError if the input does not fit the equation.
 * @example
 * const layer = layerEinsumDense({ equation: 'abc,cde->abde', outputShape: [null, 2, 4], biasAxes: 'de', inputShape: [10, 8] })
 * const model = pipe(kerasModelSequential(), layer)
 * assert.deepStrictEqual(outputShape(model), [null, 10, 2, 4])
 * assert.strictEqual(countParams(model), 8 * 2 * 4 + 2 * 4)
 * @see R keras3 `layer_einsum_dense`
 */
export const layerEinsumDense = defineLayer<EinsumDenseOptions, typeof einsumDenseChecks>(
  'layerEinsumDense',
  (args: never) => new EinsumDense(args),
  {
    baseName: 'einsum_dense',
    options: einsumDenseChecks,
    check: ({ equation: ofEquation, biasAxes }) => {
      if ((biasAxes ?? null) !== null) checkBiasAxes(biasAxes as string, ofEquation, 'layerEinsumDense');
    },
    shapeRequirement: ([shape = []], { equation: ofEquation, outputShape, biasAxes = null }) => {
      const shapes = einsumShapes(ofEquation, shape, [outputShape].flat(), biasAxes);
      return 'needs' in shapes ? shapes : undefined;
    },
  },
);
