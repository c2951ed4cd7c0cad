import { arrange, type Route, type Spot } from './dagre';

/** A box by its middle. */
export interface Box extends Spot {
  readonly width: number;
  readonly height: number;
}

/** A box that is still to get its place. */
export interface SizedBox {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** A line from a box to another; width and height are of its label, zero if it has none. */
export interface SizedEdge {
  readonly from: string;
  readonly to: string;
  readonly width: number;
  readonly height: number;
}

/** A line: where it begins, and its parts, of one point, to which it is straight, or of three, as a Bézier curve has them. */
export interface Path {
  readonly start: Spot;
  readonly parts: readonly (readonly Spot[])[];
  /** The middle of its label. */
  readonly labelAt: Spot;
}

/** Boxes in rows from the top down, and lines between them. */
export interface Routed {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly paths: readonly Path[];
}

/** What a line from a box to itself takes beside its label. */
export const LOOP = 26;
/** The most between two lines at a box. */
const PORT = 20;

/** How far each row of boxes, or of labels between them, reaches up and down from its middle. */
type Rows = (middle: number) => number;

const rowsOf = (spots: readonly { readonly y: number; readonly height: number }[]): Rows => {
  const key = (y: number): number => Math.round(y * 8);
  const rows = new Map<number, number>();
  for (const { y, height } of spots) rows.set(key(y), Math.max(rows.get(key(y)) ?? 0, height / 2));
  return (y) => rows.get(key(y)) ?? 0;
};

/**
 * The corners of a line: straight down beside the boxes of each row, where dagre keeps room for it, and across between rows only, so that it
 * meets no box on its way.
 */
const cornersOf = (
  from: Box,
  to: Box,
  port: { readonly from: number; readonly to: number },
  route: Route,
  rows: Rows,
): Spot[] => {
  // Shared layers may take from below.
  const down = to.y > from.y ? 1 : -1;
  const between = route.points.slice(1, -1).flatMap(({ x, y }) => {
    const half = down * rows(y);
    return half === 0 ? [] : [y - half, y + half].map((place) => ({ x, y: place }));
  });
  return [
    { x: port.from, y: from.y + (down * from.height) / 2 },
    { x: port.from, y: from.y + down * rows(from.y) },
    ...between,
    { x: port.to, y: to.y - down * rows(to.y) },
    { x: port.to, y: to.y - (down * to.height) / 2 },
  ];
};

/** Straight parts where a line goes down, and curves that begin and end so where it goes across. */
const partsOf = (corners: readonly Spot[]): Spot[][] =>
  corners.slice(1).flatMap((to, index) => {
    const from = corners[index] ?? to;
    const half = (from.y + to.y) / 2;
    if (Math.abs(from.x - to.x) < 0.5) return Math.abs(from.y - to.y) < 0.5 ? [] : [[to]];
    return [[{ x: from.x, y: half }, { x: to.x, y: half }, to]];
  });

/** A line from a box to itself: out at its right, and in again, its label beside it. */
const loopOf = ({ x, y, width, height }: Box, middle: number, labelWidth: number): Path => {
  const right = x + width / 2;
  const far = middle - labelWidth / 2 + LOOP - 4;
  // A curve goes three quarters of the way to the points that bend it.
  const bend = right + (far - right) / 0.75;
  const quarter = Math.min(height / 4, 14);
  const [above, below] = [y - quarter, y + quarter];
  return {
    start: { x: right, y: above },
    parts: [
      [
        { x: bend, y: above },
        { x: bend, y: below },
        { x: right, y: below },
      ],
    ],
    labelAt: { x: middle + LOOP / 2, y },
  };
};

/** Where a line leaves a box, or comes in. */
interface Port {
  readonly edge: number;
  readonly end: 'from' | 'to';
  /** Where the line goes from there. */
  readonly toward: number;
}

/** Where each line leaves its box and comes in: side by side at each side of a box, in the order of where they go. */
const portsOf = (edges: readonly SizedEdge[], routes: readonly Route[], boxes: ReadonlyMap<string, Box>) => {
  const ports = edges.map((edge) => ({ from: boxes.get(edge.from)?.x ?? 0, to: boxes.get(edge.to)?.x ?? 0 }));
  for (const [id, { x, y, width }] of boxes) {
    const own = edges.flatMap(({ from, to }, edge): (Port & { readonly isBelow: boolean })[] => {
      const other = boxes.get(from === id ? to : from);
      if (from === to || other === undefined || (from !== id && to !== id)) return [];
      const end = from === id ? 'from' : 'to';
      const toward = routes[edge]?.points.at(end === 'from' ? 1 : -2)?.x ?? x;
      return [{ edge, end, toward, isBelow: other.y > y }];
    });
    for (const isBelow of [true, false]) {
      const side = own.filter((port) => port.isBelow === isBelow).sort((a, b) => a.toward - b.toward);
      const step = Math.min(PORT, width / (side.length + 1));
      side.forEach(({ edge, end }, place) => {
        const port = ports[edge];
        if (port !== undefined) port[end] = x + (place - (side.length - 1) / 2) * step;
      });
    }
  }
  return ports;
};

/** Places boxes, and leads lines between them past all other boxes. */
export const routed = (sized: readonly SizedBox[], edges: readonly SizedEdge[]): Routed => {
  const { width, height, spots, routes } = arrange(sized, edges);
  const boxes = new Map(
    sized.map((box) => [
      box.id,
      { ...(spots.get(box.id) ?? { x: 0, y: 0 }), width: box.width, height: box.height },
    ]),
  );
  const labels = routes.flatMap(({ y }, index) =>
    y === undefined ? [] : [{ y, height: edges[index]?.height ?? 0 }],
  );
  const rows = rowsOf([...boxes.values(), ...labels]);
  const ports = portsOf(edges, routes, boxes);
  const paths = edges.map((edge, index): Path => {
    const nowhere = { x: 0, y: 0, width: 0, height: 0 };
    const [from, to] = [boxes.get(edge.from) ?? nowhere, boxes.get(edge.to) ?? nowhere];
    const { points = [], x = 0, y = 0 } = routes[index] ?? {};
    if (from === to) return loopOf(from, x, edge.width);
    const corners = cornersOf(from, to, ports[index] ?? { from: from.x, to: to.x }, { points }, rows);
    return { start: corners[0] ?? from, parts: partsOf(corners), labelAt: { x, y } };
  });
  return { width, height, boxes: [...boxes.values()], paths };
};
