import type { GraphLayer } from './model-graph';
import { textWidth } from './text-width';

/** What of a layer a diagram shows. */
export interface Shown {
  readonly showShapes: boolean;
  readonly showDtype: boolean;
  readonly showLayerNames: boolean;
  readonly showParams: boolean;
  readonly showLayerActivations: boolean;
  readonly showTrainable: boolean;
  readonly expandNested: boolean;
}

/** A line of a box: what it is about, at the left, what it says, and what is at the right. */
export interface BoxRow {
  readonly label: string;
  readonly text: string;
  readonly end: string;
}

/** The texts of a box, and how much room they need. */
export interface BoxText {
  /** At the left and at the right of the head. */
  readonly title: string;
  readonly subtitle: string;
  readonly rows: readonly BoxRow[];
  /** Below the rows; empty: there is no such line. */
  readonly foot: string;
  /** Where what rows say begins. */
  readonly indent: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels of fonts and distances in a box. */
export const BOX = { title: 12, font: 11, head: 24, row: 16, side: 10, end: 6, gap: 16 } as const;

/** 1234 as 1,234. */
export const thousands = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** `1,234 parameters`. */
export const paramsText = (count: number): string =>
  `${thousands(count)} ${count === 1 ? 'parameter' : 'parameters'}`;

/** What a layer is, in the words of the options. */
export const namesOf = ({ name, className }: GraphLayer, shown: Shown): readonly [string, string] =>
  shown.showLayerNames ? [name, className] : [className, ''];

const rowsOf = (layer: GraphLayer, shown: Shown): BoxRow[] => {
  const labeled = (label: string, texts: readonly string[], end = ''): BoxRow[] =>
    texts.map((text, index) => ({ label: index === 0 ? label : '', text, end: index === 0 ? end : '' }));
  const type = shown.showDtype ? layer.dtype : '';
  return [
    ...(shown.showShapes && !layer.isInput ? labeled('in', layer.inputs) : []),
    ...(shown.showShapes ? labeled(layer.isInput ? 'shape' : 'out', layer.outputs, type) : []),
    ...(!shown.showShapes && shown.showDtype ? labeled('type', [type]) : []),
    ...(shown.showLayerActivations && layer.activation !== undefined
      ? labeled('activation', [layer.activation])
      : []),
    ...(layer.calls > 1 ? labeled('shared', [`called ${layer.calls} times`]) : []),
  ];
};

/** How many parameters a layer has, and whether they are trained. */
export const countText = (layer: GraphLayer, shown: Shown): string =>
  [
    ...(shown.showParams && layer.params > 0 ? [paramsText(layer.params)] : []),
    ...(layer.isFrozen ? ['frozen'] : shown.showTrainable && layer.params > 0 ? ['trainable'] : []),
  ].join(', ');

/** The texts of a layer's box. */
export const boxText = (layer: GraphLayer, shown: Shown): BoxText => {
  const [title, subtitle] = namesOf(layer, shown);
  const rows = rowsOf(layer, shown);
  const foot = countText(layer, shown);
  const wide = (text: string): number => textWidth(text, BOX.font);
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(wide));
  const pair = (left: number, right: number): number => left + (right > 0 ? BOX.gap : 0) + right;
  const indent = rows.length === 0 ? 0 : widest(rows.map(({ label }) => label)) + 8;
  const lines = rows.length + (foot === '' ? 0 : 1);
  return {
    title,
    subtitle,
    rows,
    foot,
    indent,
    width:
      2 * BOX.side +
      Math.max(
        pair(textWidth(title, BOX.title), wide(subtitle)),
        ...rows.map(({ text, end }) => pair(indent + wide(text), wide(end))),
        wide(foot),
      ),
    height: BOX.head + (lines === 0 ? 0 : lines * BOX.row + 2 * BOX.end),
  };
};
