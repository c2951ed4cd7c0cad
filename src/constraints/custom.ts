import {
  classNameOfFunction,
  classNameOfObject,
  configOfObject,
  type UserObject,
} from '../base/user-function';
import { describe, describeShape, KerasArgumentError } from '../base/errors';
import { ConstraintBase } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';

/** A constraint of the user's own: the weights as they are to be, in the same shape. */
export type ConstraintFunction = (weights: Tensor) => Tensor;

/** What a constraint made of weights, if it may take their place. */
const checked = (result: unknown, { shape }: Tensor): Tensor => {
  if (result instanceof tf.Tensor) {
    const tensor = result as Tensor; // of any rank, which `instanceof` leaves untyped
    if (tf.util.arraysEqual(tensor.shape, [...shape])) return tensor;
  }
  throw new KerasArgumentError({
    function: 'KerasConstraint',
    argument: 'call',
    expected: `a constraint must give weights of the shape ${describeShape(shape)} that it got`,
    received: describe(result),
    advice: 'Return what tfjs operations make of the weights',
  });
};

const withoutCall = (name: string, call: unknown): KerasArgumentError =>
  new KerasArgumentError({
    function: 'KerasConstraint',
    argument: 'call',
    expected: `the class ${name} must have a \`call\` of the weights`,
    received: describe(call),
    advice: 'Write call(weights) { return tf.relu(weights) }',
  });

/**
 * A constraint of one's own: a class whose `call` gives the weights as they are to be after each update, of tfjs operations. A
 * layer's option takes its objects, or just a function of the weights.
 *
 * @throws KerasArgumentError when it is used, if `call` gives no tensor of the weights' shape.
 * @example
 * class NonNegative extends KerasConstraint {
 *   call(weights: tf.Tensor) {
 *     return tf.relu(weights)
 *   }
 * }
 * const layer = layerDense({ units: 2, inputShape: [3], kernelConstraint: new NonNegative() })
 * assert.strictEqual(countParams(layer(kerasModelSequential())), 8)
 * @see R keras `KerasConstraint`
 */
export abstract class KerasConstraint extends ConstraintBase {
  /** The name under which models are saved with it: that of its class. */
  static get className(): string {
    return this.name;
  }

  /** The weights as they are to be. */
  abstract call(weights: Tensor): Tensor;

  override apply(weights: Tensor): Tensor {
    const { call } = this as { readonly call?: unknown }; // of the user's own, it may be anything
    if (typeof call !== 'function') throw withoutCall(this.constructor.name, call);
    return tf.tidy(() => checked(this.call(weights), weights));
  }

  override getClassName(): string {
    return classNameOfObject(this, 'Constraint', (made) => made);
  }

  override getConfig(): Record<string, never> {
    return {};
  }
}

/** An object of a class of the user's own as a constraint: `apply` gives the weights as they are to be. */
export type ConstraintObject = UserObject<Tensor, Tensor>;

/** The same as tfjs takes it. */
export class ObjectConstraint extends ConstraintBase {
  static readonly className: string = 'custom object';

  constructor(private readonly source: UserObject<unknown, never>) {
    super();
  }

  override getClassName(): string {
    return classNameOfObject(
      this.source,
      'Constraint',
      (source) => new ObjectConstraint(source as ConstraintObject),
    );
  }

  override apply(weights: Tensor): Tensor {
    return tf.tidy(() => checked((this.source as ConstraintObject).apply(weights), weights)); // what it gives is checked
  }

  override getConfig(): Record<string, never> {
    return configOfObject(this.source);
  }
}

/** A function as a constraint. */
export class FunctionConstraint extends KerasConstraint {
  static override get className(): string {
    return 'custom';
  }

  constructor(private readonly constrain: (...args: never) => unknown) {
    super();
  }

  override getClassName(): string {
    return classNameOfFunction(this.constrain, 'Constraint', () => new FunctionConstraint(this.constrain));
  }

  call(weights: Tensor): Tensor {
    return (this.constrain as ConstraintFunction)(weights); // what it gives is checked
  }
}
