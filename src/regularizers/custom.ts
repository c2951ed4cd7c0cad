import {
  classNameOfFunction,
  classNameOfObject,
  configOfObject,
  type UserObject,
} from '../base/user-function';
import { describe, KerasArgumentError } from '../base/errors';
import { RegularizerBase } from '../tfjs/base-classes';
import { tf, type Scalar, type Tensor } from '../tfjs/tensorflow';

/** A regularizer of the user's own: a scalar, which is added to the loss. */
export type RegularizerFunction = (weights: Tensor) => Tensor;

/** What a regularizer of the user's own gave, if it is a number. */
const checked = (penalty: unknown): Scalar => {
  if (penalty instanceof tf.Tensor && penalty.size === 1) return (penalty as Tensor).asScalar(); // of any rank
  throw new KerasArgumentError({
    function: 'regularizer',
    argument: 'regularizer',
    expected: 'a function used as a regularizer must give a scalar tensor',
    received: describe(penalty),
    advice: 'Write (weights) => tf.sum(tf.square(weights)), for example',
  });
};

/** An object of a class of the user's own as a regularizer: `apply` gives the penalty of weights. */
export type RegularizerObject = UserObject<Tensor, Tensor>;

/** The same as tfjs takes it. */
export class ObjectRegularizer extends RegularizerBase {
  static readonly className: string = 'custom object';

  constructor(private readonly source: UserObject<unknown, never>) {
    super();
  }

  override getClassName(): string {
    return classNameOfObject(
      this.source,
      'Regularizer',
      (source) => new ObjectRegularizer(source as RegularizerObject),
    );
  }

  override apply(weights: Tensor): Scalar {
    return checked((this.source as RegularizerObject).apply(weights)); // what it gives is checked
  }

  override getConfig(): Record<string, never> {
    return configOfObject(this.source);
  }
}

/** A function as a regularizer. */
export class FunctionRegularizer extends RegularizerBase {
  static readonly className: string = 'custom';

  constructor(private readonly penalty: (...args: never) => unknown) {
    super();
  }

  override getClassName(): string {
    return classNameOfFunction(this.penalty, 'Regularizer', () => new FunctionRegularizer(this.penalty));
  }

  override apply(weights: Tensor): Scalar {
    return checked((this.penalty as RegularizerFunction)(weights)); // what it gives is checked
  }

  override getConfig(): Record<string, never> {
    return {};
  }
}
