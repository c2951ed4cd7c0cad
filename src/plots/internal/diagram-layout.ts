import type { Spot } from './dagre';
import { BOX, boxText, type BoxText, type Shown } from './diagram-box';
import { LOOP, routed, type Path, type Routed } from './diagram-routes';
import type { GraphEdge, GraphLayer, ModelGraph } from './model-graph';
import { textWidth } from './text-width';

/** Where diagrams go. */
export const RANK_DIRECTIONS = ['TB', 'BT', 'LR', 'RL'] as const;
/** Where a diagram goes, as Graphviz calls it: from the top to the bottom, from the left to the right, and back. */
export type RankDirection = (typeof RANK_DIRECTIONS)[number];

/** A box and its upper left corner; and in it, of a model that is open, what is in it. */
export interface PlacedBox extends Spot {
  readonly layer: GraphLayer;
  readonly text: BoxText;
  readonly width: number;
  readonly height: number;
  readonly inner: Layout | undefined;
}

/** A line between boxes, and its label in its middle. */
export interface PlacedEdge extends Path {
  readonly label: string | undefined;
}

/** A diagram laid out; what is in a box counts from the corner of the room for it. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly PlacedEdge[];
}

/** Around what is in an open model. */
export const GROUP_PADDING = 14;
/** The room of an edge's label. */
export const LABEL = { side: 4, height: 15 } as const;

type Sized = Omit<PlacedBox, 'x' | 'y'>;

const sizeOf = (layer: GraphLayer, shown: Shown, direction: RankDirection): Sized => {
  const text = boxText(layer, shown);
  if (layer.inner === undefined || !shown.expandNested) {
    return { layer, text, inner: undefined, width: text.width, height: text.height };
  }
  const inner = layoutOf(layer.inner, shown, direction);
  return {
    layer,
    text,
    inner,
    width: Math.max(text.width, inner.width + 2 * GROUP_PADDING),
    height: text.height + inner.height + 2 * GROUP_PADDING,
  };
};

/** Turns places in a diagram that goes down to where it is to go. */
const turned =
  ({ height }: Routed, direction: RankDirection): ((spot: Spot) => Spot) =>
  ({ x, y }) => {
    const along = direction === 'BT' || direction === 'RL' ? height - y : y;
    return direction === 'TB' || direction === 'BT' ? { x, y: along } : { x: along, y: x };
  };

const labelSize = ({ label, from, to }: GraphEdge, isAcross: boolean) => {
  const loop = from === to ? LOOP : 0;
  if (label === undefined) return { width: loop, height: 0 };
  const width = textWidth(label, BOX.font) + 2 * LABEL.side;
  return isAcross
    ? { width: LABEL.height + loop, height: width }
    : { width: width + loop, height: LABEL.height };
};

/** Lays a model's layers out, and those of models in it. */
export const layoutOf = (graph: ModelGraph, shown: Shown, direction: RankDirection): Layout => {
  const isAcross = direction === 'LR' || direction === 'RL';
  const sized = graph.layers.map((layer) => sizeOf(layer, shown, direction));
  const upright = routed(
    sized.map(({ layer: { id }, width, height }) =>
      isAcross ? { id, width: height, height: width } : { id, width, height },
    ),
    graph.edges.map((edge) => ({ from: edge.from, to: edge.to, ...labelSize(edge, isAcross) })),
  );
  const turn = turned(upright, direction);
  return {
    width: isAcross ? upright.height : upright.width,
    height: isAcross ? upright.width : upright.height,
    boxes: sized.map((box, index) => {
      const middle = turn(upright.boxes[index] ?? { x: 0, y: 0 });
      return { ...box, x: middle.x - box.width / 2, y: middle.y - box.height / 2 };
    }),
    edges: upright.paths.map(({ start, parts, labelAt }, index) => ({
      start: turn(start),
      parts: parts.map((part) => part.map(turn)),
      labelAt: turn(labelAt),
      label: graph.edges[index]?.label,
    })),
  };
};
