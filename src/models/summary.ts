import type { layers } from '@tensorflow/tfjs';
import type { KerasModel } from './model';

type Layer = layers.Layer;

/** `(None, 784)`, as Keras prints shapes. */
const shapeText = (shape: unknown): string => {
  if (!Array.isArray(shape)) return '?';
  if (shape.every(Array.isArray))
    return shape.length === 1 ? shapeText(shape[0]) : `[${shape.map(shapeText).join(', ')}]`;
  const sizes = shape.map((size: unknown) => (size === null ? 'None' : String(size)));
  return sizes.length === 1 ? `(${String(sizes[0])},)` : `(${sizes.join(', ')})`;
};

const paramsOf = (weights: readonly { readonly shape: readonly (number | null)[] }[]): number =>
  weights.reduce(
    (sum, { shape }) => sum + shape.reduce((product: number, size) => product * (size ?? 1), 1),
    0,
  );

const sizeText = (params: number): string => {
  const bytes = params * 4;
  if (bytes < 1024) return `${bytes.toFixed(2)} Byte`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(2)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(2)} MB`;
};

/** The layers that each application of a layer, within the model, takes its input from. */
const connections = (model: KerasModel, layer: Layer): string[] => {
  const nodes = new Set(Object.values(nodesOf(model)).flat());
  return layer.inboundNodes
    .filter((node) => nodes.has(node))
    .flatMap((node) =>
      node.inboundLayers.map(
        (inbound, index) =>
          `${inbound.name}[${node.nodeIndices[index] ?? 0}][${node.tensorIndices[index] ?? 0}]`,
      ),
    );
};

type Node = Layer['inboundNodes'][number];

const nodesOf = (model: KerasModel): Readonly<Record<string, readonly Node[]>> =>
  (model.tf as unknown as { nodesByDepth: Record<string, Node[]> }).nodesByDepth; // protected in tfjs's types

/** Whether every layer has one input, and feeds one other: then the order says all. */
const isLinear = (model: KerasModel): boolean =>
  Object.values(nodesOf(model)).every(
    (nodes) => nodes.length === 1 && (nodes[0]?.inboundLayers.length ?? 0) <= 1,
  );

interface Column {
  readonly title: string;
  readonly width: number;
  readonly cells: readonly (readonly string[])[];
}

/** Breaks a text that does not fit its column, as Keras does. */
const wrap = (text: string, width: number): string[] => {
  const indent = text.startsWith(' ') ? ' ' : '';
  const lines: string[] = [];
  for (let rest = text; rest !== '';) {
    if (rest.length <= width) {
      lines.push(rest);
      break;
    }
    const space = rest.lastIndexOf(' ', width);
    const cut = space > indent.length ? space : width;
    lines.push(rest.slice(0, cut));
    rest = indent + rest.slice(cut).trimStart();
  }
  return lines.length === 0 ? [''] : lines;
};

const rowText = (columns: readonly Column[], row: number): string => {
  const height = Math.max(...columns.map(({ cells }) => cells[row]?.length ?? 0));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ cells, width }) => (cells[row]?.[line] ?? '').padEnd(width))
      .join('')
      .trimEnd(),
  ).join('\n');
};

/** Options of a summary's form. */
export interface SummaryForm {
  /** The width of the table, in characters: 65, or 98 with connections, by default. */
  readonly lineLength?: number | undefined;
}

/** Keras's table of a model. */
export const summaryText = (model: KerasModel, { lineLength }: SummaryForm = {}): string => {
  const title = `Model: "${model.name}"`;
  if (!model.built) return `${title}\n (no weights yet: the input's shape is not known)`;
  const { tf } = model;
  const linear = isLinear(model);
  const frozen = model.layers.some((layer) => layer.trainable === false);
  const total = lineLength ?? (linear ? 65 : 98);
  const shares = linear ? [0.45, 0.85, 1] : [0.33, 0.55, 0.67, 1];
  const ends = shares.map((share) => Math.floor(total * share) - (frozen ? Math.round(10 * share) : 0));
  const widths = ends.map((end, index) => end - (ends[index - 1] ?? 0));
  const column = (index: number, heading: string, texts: (layer: Layer) => readonly string[]): Column => {
    const width = widths[index] ?? 12;
    return {
      title: heading,
      width,
      cells: model.layers.map((layer) => texts(layer).flatMap((text) => wrap(text, width - 2))),
    };
  };
  const columns = [
    column(0, ' Layer (type)', (layer) => [` ${layer.name} (${layer.getClassName()})`]),
    column(1, 'Output Shape', (layer) => [shapeText(outputOf(layer))]),
    column(2, 'Param #', (layer) => [String(paramsOf(layer.weights))]),
    ...(linear
      ? []
      : [column(3, 'Connected to', (layer) => connections(model, layer).map((name) => `'${name}'`))]),
    ...(frozen ? [{ ...column(9, 'Trainable', (layer) => [layer.trainable ? 'Y' : 'N']), width: 10 }] : []),
  ];
  const trainable = paramsOf(tf.trainableWeights);
  const fixed = paramsOf(tf.nonTrainableWeights);
  const line = (character: string): string => character.repeat(total);
  return [
    title,
    line('_'),
    columns
      .map(({ title: heading, width }) => heading.padEnd(width))
      .join('')
      .trimEnd(),
    line('='),
    ...model.layers.map((_, row) => rowText(columns, row)),
    line('='),
    `Total params: ${trainable + fixed} (${sizeText(trainable + fixed)})`,
    `Trainable params: ${trainable} (${sizeText(trainable)})`,
    `Non-trainable params: ${fixed} (${sizeText(fixed)})`,
    line('_'),
  ].join('\n');
};

/** A layer's output shape; a layer that was applied several times may have several. */
const outputOf = (layer: Layer): unknown => {
  const shapes = new Set(layer.inboundNodes.map((node) => JSON.stringify(node.outputShapes)));
  return shapes.size === 1 ? layer.outputShape : [...shapes].map((text) => JSON.parse(text) as unknown);
};
