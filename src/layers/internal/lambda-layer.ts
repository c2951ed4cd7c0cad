import { argumentError } from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';
import { KerasLayer, maskOrNone } from '../../tfjs/keras-layer';
import { register, singleInput, type LayerConfig, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { emptyTexts, inputTypesOf, noteOutputTypes } from '../../tfjs/text-types';

/** What `layerLambda` takes: a function of the input, and of `arguments` if they are given. */
export type LambdaFunction = (x: Tensor, options?: Readonly<Record<string, unknown>>) => Tensor;

/** A mask of the output, or a function of input and mask that gives one. */
export type LambdaMask = (x: Tensor, mask: Tensor | null) => Tensor | null;

/** What a layer of a function is made of. */
export interface LambdaFields {
  readonly f: LambdaFunction | null;
  readonly outputShape: readonly (number | null)[] | ((inputShape: Shape) => Shape) | null;
  readonly mask: LambdaMask | null;
  readonly arguments: Readonly<Record<string, unknown>> | null;
}

/** Sizes that stand for those that are not known: what differs between the two depends on them. */
const PROBES = [2, 3] as const;

/** A function as a layer. */
export class Lambda extends KerasLayer<LambdaFields> {
  static readonly className: string = 'Lambda';
  /** What the trial gave, which need not be made again while a step runs. */
  private tried: Shape | undefined;

  constructor(args: object) {
    super(args, { f: null, outputShape: null, mask: null, arguments: null });
  }

  /** The functions of the layer, which are in no configuration of tfjs's. */
  get functions(): LambdaFields {
    return this.own;
  }

  private result(x: Tensor): Tensor {
    const { f, arguments: options } = this.own;
    if (f === null) {
      throw new KerasArgumentError({
        layer: this.name,
        expected: `the function of layer '${this.name}' must be there`,
        received: 'a layer that was made from its configuration, in which functions are not',
        advice: 'Build the model by your program, and give it the saved weights with setWeights',
      });
    }
    const output: unknown = options === null ? f(x) : f(x, options);
    if (output instanceof tf.Tensor) return output as Tensor; // of any rank, which `instanceof` leaves untyped
    throw argumentError(
      { function: 'layerLambda', argument: 'f' },
      'a function that returns a tensor',
      output,
      'Let it return what tfjs operations on its argument give',
    );
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => this.result(singleInput(inputs)));
  }

  override computeMask(inputs: Tensor | Tensor[], mask?: Tensor | Tensor[] | null): Tensor {
    const [first = null] = [mask].flat();
    return maskOrNone(this.own.mask === null ? null : this.own.mask(singleInput(inputs), first));
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const given = inputShape as Shape; // one input
    const { outputShape } = this.own;
    if (typeof outputShape === 'function') return outputShape(given);
    if (outputShape !== null) return [given[0] ?? null, ...outputShape];
    if (this.tried !== undefined && !given.includes(null)) return this.tried;
    const isOfTexts = inputTypesOf(this)?.[0] === 'string';
    const [first, second] = PROBES.map((open) =>
      tf.tidy(() => {
        const shape = given.map((size) => size ?? open);
        const result = this.result(isOfTexts ? emptyTexts(tf, shape) : tf.zeros(shape));
        noteOutputTypes(this, [result.dtype]);
        return result.shape;
      }),
    ) as [number[], number[]];
    this.tried = first.map((size, axis) => (size === second[axis] ? size : null));
    return this.tried;
  }

  override getConfig(): LayerConfig {
    const { f: _f, mask: _mask, outputShape: _shape, ...config } = super.getConfig();
    return config; // functions cannot be written down
  }
}
register(Lambda);
