import { inspect } from 'node:util';
import type * as Tfjs from '@tensorflow/tfjs';

/** `(None, 784)`, as Keras prints shapes; a list of them in brackets. */
export const shapeText = (shape: readonly unknown[]): string => {
  if (shape.some(Array.isArray)) return `[${(shape as unknown[][]).map(shapeText).join(', ')}]`;
  const sizes = shape.map((size) => (size === null ? 'None' : String(size as number)));
  return sizes.length === 1 ? `(${String(sizes[0])},)` : `(${sizes.join(', ')})`;
};

type Layer = Tfjs.layers.Layer;
type Node = Layer['inboundNodes'][number];

/** The shapes that go in or come out of a layer; one that was applied in several places may have several. */
const shapesText = (layer: Layer, of: (node: Node) => unknown): string => {
  const shapes = new Set(
    layer.inboundNodes.map((node) => {
      const list = of(node) as unknown[]; // a shape, or a list of them
      return shapeText(list.length === 1 && Array.isArray(list[0]) ? list[0] : list);
    }),
  );
  return shapes.size > 1 ? 'multiple' : ([...shapes][0] ?? '');
};

const countText = (layer: Layer): string => {
  const weights = [...new Set(layer.weights)];
  const count = weights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((product, size) => product * (size ?? 1), 1),
    0,
  );
  return `${count} ${count === 1 ? 'parameter' : 'parameters'}`;
};

/**
 * A layer in one line, where R has the class and an address: `<Dense 'dense', (None, 3) to (None, 4), 16 parameters>`.
 */
export const layerText = (layer: Layer): string => {
  const title = `${layer.getClassName()} '${layer.name}'`;
  if (layer.inboundNodes.length === 0) return `<${title}${layer.built ? `, ${countText(layer)}` : ''}>`;
  const output = shapesText(layer, ({ outputShapes }) => outputShapes);
  if (layer.getClassName() === 'InputLayer') return `<${title}, ${output}>`;
  return `<${title}, ${shapesText(layer, ({ inputShapes }) => inputShapes)} to ${output}, ${countText(layer)}>`;
};

/** A symbolic tensor as R prints Keras's. */
export const symbolText = ({ shape, dtype, name: given, sourceLayer }: Tfjs.SymbolicTensor): string => {
  const isInput = sourceLayer.getClassName() === 'InputLayer';
  // tfjs numbers the names of inputs that are called alike, in models of their own, too.
  const name = isInput ? sourceLayer.name : given;
  return (
    `KerasTensor(type_spec=TensorSpec(shape=${shapeText(shape)}, dtype=tf.${dtype}, name=${isInput ? `'${name}'` : 'None'}), ` +
    `name='${name}', description="created by layer '${sourceLayer.name}'")`
  );
};

/** Lets `console.log` and `String` show layers and symbolic tensors in a line each, instead of their fields. */
export const printLayers = (tf: typeof Tfjs): void => {
  const show = <T extends object>(prototype: T, text: (value: T) => string): void => {
    for (const key of [inspect.custom, 'toString']) {
      Object.defineProperty(prototype, key, {
        configurable: true,
        writable: true,
        value(this: T): string {
          return text(this);
        },
      });
    }
  };
  show(tf.layers.Layer.prototype, layerText);
  show(tf.SymbolicTensor.prototype, symbolText);
};
