import { checkThat, isPlainObject, optional, required, shape, type Check } from '../base/checks';
import type { Shape } from '../tfjs/layer-classes';
import { defineLayer } from './internal/define-layer';
import { Lambda, type LambdaFunction, type LambdaMask } from './internal/lambda-layer';
import type { LayerOptions } from './internal/options';

export type { LambdaFunction, LambdaMask };

/** Options of {@link layerLambda}. */
export interface LambdaLayerOptions extends LayerOptions {
  /** The function, of tfjs operations. */
  f: LambdaFunction;
  /** The shape of one output, without the batch axis, or a function from input to output shapes; found by a trial by default. */
  outputShape?: number | readonly (number | null)[] | ((inputShape: Shape) => Shape) | undefined;
  /** What makes the mask of the output; by default none comes out. */
  mask?: LambdaMask | undefined;
  /** What the function gets as its second argument. */
  arguments?: Readonly<Record<string, unknown>> | undefined;
}

const lambda: Check<LambdaFunction> = checkThat(
  'a function of a tensor',
  (value): value is LambdaFunction => typeof value === 'function',
);

const lambdaMask: Check<LambdaMask> = checkThat(
  'a function of input and mask',
  (value): value is LambdaMask => typeof value === 'function',
);

const lambdaShape: Check<(number | null)[] | ((inputShape: Shape) => Shape)> = (value, place) =>
  typeof value === 'function' ? (value as (inputShape: Shape) => Shape) : shape(value, place); // what it gives is its own affair

const lambdaArguments: Check<Readonly<Record<string, unknown>>> = checkThat(
  'an object',
  (value): value is Readonly<Record<string, unknown>> => isPlainObject(value),
);

const lambdaChecks = {
  f: required(lambda),
  outputShape: optional(lambdaShape),
  mask: optional(lambdaMask),
  arguments: optional(lambdaArguments),
};

/**
 * A function of tensors as a layer: `output = f(input)`.
 *
 * In `[batch, …]`, out what the function makes of it, which has a gradient if its operations have. No weights. A configuration
 * has the function's name only: reading it back takes `customObjects`.
 * Adds the layer to a Sequential model in place and returns that model.
 *
 * @throws KerasArgumentError if `f` is no function, or gives no tensor.
 * @example
 * const model = pipe(kerasModelSequential(), layerLambda({ f: (x) => tf.mean(x, 1), inputShape: [10, 3] }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `layer_lambda`
 */
export const layerLambda = defineLayer<LambdaLayerOptions, typeof lambdaChecks>(
  'layerLambda',
  (args: object) => new Lambda(args),
  { baseName: 'lambda', options: lambdaChecks, keepsTypes: true, texts: 'read' },
);
