import {
  classNameOfFunction,
  classNameOfObject,
  configOfObject,
  type UserObject,
} from '../base/user-function';
import { describe, describeShape, KerasArgumentError } from '../base/errors';
import { InitializerBase } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { InitializerConfig } from './define-initializer';

/** An initializer of the user's own: weights of a shape. */
export type InitializerFunction = (shape: number[]) => Tensor;

/** What an initializer of the user's own gave, if it can be weights. */
const checked = (weights: unknown, shape: number[]): Tensor => {
  if (weights instanceof tf.Tensor) {
    const tensor = weights as Tensor; // of any rank, which `instanceof` leaves untyped
    if (tf.util.arraysEqual(tensor.shape, [...shape])) return tensor;
  }
  throw new KerasArgumentError({
    function: 'initializer',
    argument: 'initializer',
    expected: `a function used as an initializer must give a tensor of the shape ${describeShape(shape)}`,
    received: describe(weights),
    advice: 'Write (shape) => tf.randomUniform(shape), for example',
  });
};

/** An object of a class of the user's own as an initializer: `apply` gives weights of a shape. */
export type InitializerObject = UserObject<Tensor, number[]>;

/** The same as tfjs takes it. */
export class ObjectInitializer extends InitializerBase {
  static readonly className: string = 'custom object';

  constructor(private readonly source: UserObject<unknown, never>) {
    super();
  }

  override getClassName(): string {
    return classNameOfObject(
      this.source,
      'Initializer',
      (source) => new ObjectInitializer(source as InitializerObject),
    );
  }

  override apply(shape: number[]): Tensor {
    return checked((this.source as InitializerObject).apply([...shape]), shape); // what it gives is checked
  }

  override getConfig(): InitializerConfig {
    return configOfObject(this.source);
  }
}

/** A function as an initializer. */
export class FunctionInitializer extends InitializerBase {
  static readonly className: string = 'custom';

  constructor(private readonly draw: (...args: never) => unknown) {
    super();
  }

  override getClassName(): string {
    return classNameOfFunction(this.draw, 'Initializer', () => new FunctionInitializer(this.draw));
  }

  override apply(shape: number[]): Tensor {
    return checked((this.draw as InitializerFunction)([...shape]), shape); // what it gives is checked
  }

  override getConfig(): InitializerConfig {
    return {};
  }
}
