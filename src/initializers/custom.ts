import { classNameOfFunction } from '../base/user-function';
import { describe, describeShape, KerasArgumentError } from '../base/errors';
import { InitializerBase } from '../tfjs/base-classes';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { InitializerConfig } from './define-initializer';

/** An initializer of the user's own: weights of a shape. */
export type InitializerFunction = (shape: number[]) => Tensor;

/** A function as an initializer. */
export class FunctionInitializer extends InitializerBase {
  static readonly className: string = 'custom';

  constructor(private readonly draw: (...args: never) => unknown) {
    super();
  }

  override getClassName(): string {
    return classNameOfFunction(this.draw);
  }

  override apply(shape: number[]): Tensor {
    const weights: unknown = (this.draw as InitializerFunction)([...shape]); // what it gives is checked
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
  }

  override getConfig(): InitializerConfig {
    return {};
  }
}
