import { shapeText } from '../tfjs/print-layer';
import { nodesByDepth } from '../tfjs/private';
import { tf } from '../tfjs/tensorflow';
import type { Layer } from '../layers/internal/target';
import type { KerasModel as Model, Prediction } from './model';

const CLASS_NAMES: Readonly<Record<string, string>> = { Model: 'Functional' };

const isContainer = (layer: Layer): boolean => layer instanceof tf.LayersModel;

/** A layer's output shape; a layer that was applied several times may have several. */
const outputText = (layer: Layer): string => {
  const shapes = new Set(
    layer.inboundNodes.map(({ outputShapes }) => {
      const list = (outputShapes as unknown[]).some(Array.isArray) ? outputShapes : [outputShapes];
      // Keras gives an input's shape as a list of one.
      return list.length === 1 && layer.getClassName() !== 'InputLayer'
        ? shapeText(list[0] as unknown[])
        : shapeText(list);
    }),
  );
  return shapes.size === 1 ? ([...shapes][0] ?? '?') : 'multiple';
};

type KerasModel = Model<Prediction>;

type Weights = readonly { readonly shape: readonly (number | null)[] }[];

/** How many numbers weights are; a weight that is there twice counts once. */
export const paramsOf = (weights: Weights): number =>
  [...new Set(weights)].reduce(
    (sum, { shape }) => sum + shape.reduce((product: number, size) => product * (size ?? 1), 1),
    0,
  );

const UNITS = ['Byte', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** `105 (420.00 Byte)`: weights are numbers of four bytes. */
const countText = (params: number): string => {
  let size = params * 4;
  let unit = 0;
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) size /= 1024;
  return `${params} (${size.toFixed(2)} ${UNITS[unit] ?? ''})`;
};

type Node = Layer['inboundNodes'][number];

const nodesOf = (model: KerasModel): Node[][] => nodesByDepth(model.tf);

/** The outputs that each application of a layer, within the model, takes as its input. */
const connections = (nodes: ReadonlySet<Node>, layer: Layer): string[] =>
  layer.inboundNodes
    .filter((node) => nodes.has(node))
    .flatMap((node) =>
      node.inboundLayers.map((inbound, index) => {
        // The first node of a model that is used as a layer is the model itself.
        const application = (node.nodeIndices[index] ?? 0) - (isContainer(inbound) ? 1 : 0);
        return `'${inbound.name}[${application}][${node.tensorIndices[index] ?? 0}]'`;
      }),
    );

/** Whether every layer is used once, has one input, and feeds one other: then the order says all. */
const isLinear = (model: KerasModel): boolean => {
  if (model.tf instanceof tf.Sequential) return true;
  const nodes = nodesOf(model);
  if (nodes.some((list) => list.length > 1 || (list[0]?.inboundLayers.length ?? 0) > 1)) return false;
  const all = new Set(nodes.flat());
  return model.layers.every((layer) => layer.inboundNodes.filter((node) => all.has(node)).length <= 1);
};

/** Where Keras breaks a text that goes on in the next line: after the end of a tuple or a list's item. */
const BREAKS = ['),', '},', '],', "',"];

/** One row of the table: texts that do not fit their columns go on in further lines, as Keras breaks them. */
const rowLines = (fields: readonly string[], ends: readonly number[]): string[] => {
  const lines: string[] = [];
  const left = [...fields];
  while (left.some((text) => text !== '')) {
    let line = ' ';
    left.forEach((text, column) => {
      const end = ends[column] ?? 0;
      const isLast = column === ends.length - 1;
      // A narrow table goes on letter by letter, but it ends.
      const width = Math.max(1, end - (ends[column - 1] ?? 0) - (isLast ? 0 : 3));
      const fitting = text.slice(0, width);
      const breaks = BREAKS.map((item) => fitting.indexOf(item) + item.length).filter(
        (cut, index) => cut > (BREAKS[index]?.length ?? 0) - 1,
      );
      const cut = Math.min(width, ...breaks);
      line = (line + text.slice(0, cut) + (isLast ? '' : '  ')).padEnd(end);
      left[column] = text.slice(cut);
    });
    lines.push(line.trimEnd());
  }
  return lines;
};

/** Whether a layer with weights is frozen, or one inside a model that is a layer. */
const hasFrozen = (layers: readonly Layer[]): boolean =>
  layers.some(
    (layer) =>
      (!layer.trainable && layer.weights.length > 0) ||
      (layer instanceof tf.LayersModel && hasFrozen(layer.layers)),
  );

/** Options of a summary's form. */
export interface SummaryForm {
  /** The width of the table, in characters: 65, or 98 with connections, by default. */
  readonly lineLength?: number | undefined;
}

/** Keras's table of a model. Like R, it leaves out the blank lines between rows. */
export const summaryText = (model: KerasModel, { lineLength }: SummaryForm = {}): string => {
  // R's own words.
  if (!model.built) return 'Model: <no summary available, model was not built>';
  const title = `Model: "${model.name}"`;
  const linear = isLinear(model);
  // As R: the column is there once a layer with weights is frozen.
  const frozen = hasFrozen(model.layers);
  const total = lineLength ?? (linear ? 65 : 98);
  const ends = (linear ? [0.45, 0.85, 1] : [0.3, 0.6, 0.7, 1]).map((fraction) =>
    Math.floor(total * fraction),
  );
  if (frozen) ends.push(total + 11);
  const nodes = new Set(nodesOf(model).flat());
  const row = (layer: Layer): string[] => {
    const className = layer.getClassName();
    return rowLines(
      [
        `${layer.name} (${CLASS_NAMES[className] ?? className})`,
        outputText(layer),
        String(paramsOf(layer.weights)),
        ...(linear ? [] : [`[${connections(nodes, layer).join(', ')}]`]),
        // tfjs's inputs say that they are frozen, Keras's that they are not.
        ...(frozen ? [layer.trainable || className === 'InputLayer' ? 'Y' : 'N'] : []),
      ],
      ends,
    );
  };
  const heading = ['Layer (type)', 'Output Shape', 'Param #'];
  if (!linear) heading.push('Connected to');
  if (frozen) heading.push('Trainable');
  const trainable = paramsOf(model.tf.trainableWeights);
  const fixed = paramsOf(model.tf.nonTrainableWeights);
  const line = (character: string): string => character.repeat(ends.at(-1) ?? total);
  return [
    title,
    line('_'),
    ...rowLines(heading, ends),
    line('='),
    ...model.layers.flatMap(row),
    line('='),
    `Total params: ${countText(trainable + fixed)}`,
    `Trainable params: ${countText(trainable)}`,
    `Non-trainable params: ${countText(fixed)}`,
    line('_'),
  ].join('\n');
};
