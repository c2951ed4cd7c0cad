import type { Spot } from './dagre';
import { BOX, paramsText } from './diagram-box';
import { familyOf, type DiagramColors } from './diagram-colors';
import { GROUP_PADDING, LABEL, type Layout, type PlacedBox, type PlacedEdge } from './diagram-layout';
import type { GraphLayer, ModelGraph } from './model-graph';
import { element, short, svgFile, textElement } from './svg';
import { textWidth } from './text-width';

const MARGIN = 16;
const CORNER = 5;
const ARROW = { length: 8, half: 3.6 } as const;

const pathData = (start: Spot, parts: readonly (readonly Spot[])[]): string =>
  [
    `M${short(start.x)},${short(start.y)}`,
    ...parts.map(
      (part) => (part.length === 1 ? 'L' : 'C') + part.map(({ x, y }) => `${short(x)},${short(y)}`).join(' '),
    ),
  ].join('');

/** The head of an arrow, whose tip is at the end of a line. */
const arrowOf = ({ start, parts }: PlacedEdge, color: string): string => {
  const points = [start, ...parts.flat()];
  const tip = points.at(-1) ?? start;
  const before = points.at(-2) ?? start;
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [x, y] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const foot = { x: tip.x - x * ARROW.length, y: tip.y - y * ARROW.length };
  const corners = [
    tip,
    { x: foot.x - y * ARROW.half, y: foot.y + x * ARROW.half },
    { x: foot.x + y * ARROW.half, y: foot.y - x * ARROW.half },
  ];
  return element('path', {
    d: `${pathData(
      corners[0] ?? tip,
      corners.slice(1).map((corner) => [corner]),
    )}Z`,
    fill: color,
  });
};

const edgeLine = (edge: PlacedEdge, { line }: DiagramColors): string[] => [
  element('path', {
    d: pathData(edge.start, edge.parts),
    fill: 'none',
    stroke: line,
    'stroke-width': 1.3,
    class: 'edge',
  }),
  arrowOf(edge, line),
];

const edgeLabel = ({ label, labelAt: { x, y } }: PlacedEdge, behind: string, colors: DiagramColors) => {
  if (label === undefined) return [];
  const width = textWidth(label, BOX.font) + 2 * LABEL.side;
  const { height } = LABEL;
  return [
    element('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 3, fill: behind }),
    textElement('text', { x, y: y + 4, 'text-anchor': 'middle', fill: colors.quiet }, label),
  ];
};

/** A text whose middle is at a height. */
const line = (
  text: string,
  x: number,
  middle: number,
  fill: string,
  more: Record<string, string | number> = {},
) => (text === '' ? [] : [textElement('text', { x, y: middle + 4, fill, ...more }, text)]);

const boxTexts = ({ x, y, width, text }: PlacedBox, { text: strong, quiet }: DiagramColors): string[] => {
  const [left, right] = [x + BOX.side, x + width - BOX.side];
  const rowAt = (row: number): number => y + BOX.head + BOX.end + (row + 0.5) * BOX.row;
  const end = { 'text-anchor': 'end' };
  return [
    ...line(text.title, left, y + BOX.head / 2, strong, { 'font-size': BOX.title }),
    ...line(text.subtitle, right, y + BOX.head / 2, strong, end),
    ...text.rows.flatMap((row, index) => [
      ...line(row.label, left, rowAt(index), quiet),
      ...line(row.text, left + text.indent, rowAt(index), strong),
      ...line(row.end, right, rowAt(index), quiet, end),
    ]),
    ...line(text.foot, left, rowAt(text.rows.length), quiet),
  ];
};

/** The head of a box: its upper corners are round, and the lower ones, too, if it is all there is. */
const headPath = ({ x, y, width }: PlacedBox, isAll: boolean): string => {
  const turn = (dx: number, dy: number): string => `a${CORNER},${CORNER} 0 0 1 ${dx},${dy}`;
  const [across, down] = [short(width - 2 * CORNER), BOX.head - CORNER];
  const top = `${turn(CORNER, -CORNER)}h${across}${turn(CORNER, CORNER)}`;
  if (!isAll) return `M${short(x)},${short(y + BOX.head)}v-${down}${top}v${down}Z`;
  const bottom = `${turn(-CORNER, CORNER)}h-${across}${turn(-CORNER, -CORNER)}`;
  return `M${short(x)},${short(y + down)}v-${down - CORNER}${top}v${down - CORNER}${bottom}Z`;
};

const boxElements = (box: PlacedBox, depth: number, colors: DiagramColors): string[] => {
  const { x, y, width, height, layer, inner, text } = box;
  const fill = inner === undefined ? colors.box : (colors.groups[depth % 2] ?? colors.box);
  const frame = { x, y, width, height, rx: CORNER };
  return [
    element('rect', { ...frame, fill }),
    element('path', {
      d: headPath(box, height === BOX.head),
      fill: colors.heads[familyOf(layer.className)],
    }),
    element('rect', {
      ...frame,
      fill: 'none',
      stroke: colors.line,
      'stroke-dasharray': layer.isFrozen ? '5 3' : undefined,
      class: inner === undefined ? 'layer' : 'model',
    }),
    ...boxTexts(box, colors),
    ...(inner === undefined
      ? []
      : [
          element(
            'g',
            {
              transform: `translate(${short(x + (width - inner.width) / 2)},${short(y + text.height + GROUP_PADDING)})`,
            },
            ...layoutElements(inner, depth + 1, fill, colors),
          ),
        ]),
  ];
};

const layoutElements = (layout: Layout, depth: number, behind: string, colors: DiagramColors): string[] => [
  ...layout.edges.flatMap((edge) => edgeLine(edge, colors)),
  ...layout.boxes.flatMap((box) => boxElements(box, depth, colors)),
  ...layout.edges.flatMap((edge) => edgeLabel(edge, behind, colors)),
];

/** What a diagram shows, in sentences: for those who hear it. */
const described = ({ layers, edges, params }: ModelGraph): string => {
  const nameOf = new Map(layers.map(({ id, name }) => [id, name]));
  const sentence = (layer: GraphLayer): string => {
    const from = edges.filter(({ to }) => to === layer.id).map((edge) => nameOf.get(edge.from) ?? '');
    const inner = layer.inner === undefined ? '' : `, with ${layer.inner.layers.length} layers in it`;
    const takes = from.length === 0 ? '' : `, takes ${[...new Set(from)].join(' and ')}`;
    return `${layer.name}, ${layer.className}, gives ${layer.outputs.join(' and ')}${inner}${takes}.`;
  };
  return [`${layers.length} layers, ${paramsText(params)}.`, ...layers.map(sentence)].join(' ');
};

/** The diagram of a model as SVG. */
export const diagramSvg = (
  graph: ModelGraph,
  layout: Layout,
  title: string,
  colors: DiagramColors,
): string => {
  const size = (inner: number): number => Math.ceil(inner) + 2 * MARGIN;
  const frame = { width: size(layout.width), height: size(layout.height), background: colors.background };
  return svgFile({ ...frame, title, description: described(graph) }, [
    element(
      'g',
      { transform: `translate(${MARGIN},${MARGIN})` },
      ...layoutElements(layout, 0, colors.background, colors),
    ),
  ]);
};
