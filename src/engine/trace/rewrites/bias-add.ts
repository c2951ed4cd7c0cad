import { attribute } from '../../../ops/native';
import { attributeOf } from '../recording';
import { inputOf, isFloat, type Rewrite } from './context';
import { beforeReshape } from './reshape';

/** A vector that is added to a product or a convolution: TensorFlow fuses it with them as a bias. */
export const biasAdd: Rewrite = (op, context) => {
  const [x, bias] = [inputOf(op, 0), inputOf(op, 1)];
  const [shape, biasShape] = [context.shape(x), context.shape(bias)];
  const source = context.producer(x);
  const fits = biasShape.length === 1 && biasShape[0] === shape.at(-1);
  if (fits && source?.name === 'Reshape') {
    return beforeReshape(op, context, (root) => root.length > 1 && root.at(-1) === biasShape[0]);
  }
  if (!isFloat(op) || !fits || (source?.name !== 'MatMul' && source?.name !== 'Conv2D')) return undefined;
  if ((attributeOf(source, 'data_format') ?? 'NHWC') !== 'NHWC') return undefined;
  return { ...op, name: 'BiasAdd', attributes: [attribute.type('T', 'float')] };
};
