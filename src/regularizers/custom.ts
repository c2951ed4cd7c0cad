import { classNameOfFunction } from '../base/user-function';
import { describe, KerasArgumentError } from '../base/errors';
import { RegularizerBase } from '../tfjs/base-classes';
import { tf, type Scalar, type Tensor } from '../tfjs/tensorflow';

/** A regularizer of the user's own: a scalar, which is added to the loss. */
export type RegularizerFunction = (weights: Tensor) => Tensor;

/** A function as a regularizer. */
export class FunctionRegularizer extends RegularizerBase {
  static readonly className: string = 'custom';

  constructor(private readonly penalty: (...args: never) => unknown) {
    super();
  }

  override getClassName(): string {
    return classNameOfFunction(this.penalty);
  }

  override apply(weights: Tensor): Scalar {
    const penalty: unknown = (this.penalty as RegularizerFunction)(weights); // what it gives is checked
    if (penalty instanceof tf.Tensor && penalty.size === 1) return (penalty as Tensor).asScalar(); // of any rank
    throw new KerasArgumentError({
      function: 'regularizer',
      argument: 'regularizer',
      expected: 'a function used as a regularizer must give a scalar tensor',
      received: describe(penalty),
      advice: 'Write (weights) => tf.sum(tf.square(weights)), for example',
    });
  }

  override getConfig(): Record<string, never> {
    return {};
  }
}
