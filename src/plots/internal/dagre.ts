import { createRequire } from 'node:module';

/** What dagre says of a node or an edge's label: its middle. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** An edge as dagre lays it out: from the border of a box, by places beside boxes on the way, to the border of another. */
export interface Route extends Partial<Spot> {
  readonly points: readonly Spot[];
}

interface Graph {
  setGraph(options: object): void;
  setNode(id: string, size: object): void;
  setEdge(from: string, to: string, label: object, name: string): void;
  node(id: string): Spot;
  edge(from: string, to: string, name: string): Route;
  graph(): { readonly width?: number; readonly height?: number };
}

interface Dagre {
  readonly graphlib: { readonly Graph: new (options: object) => Graph };
  readonly layout: (graph: Graph, options: { readonly constraints: readonly Beside[] }) => void;
}

/** Which of two boxes, if they are in one row, is at the left. */
interface Beside {
  readonly left: string;
  readonly right: string;
}

interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

interface Connection {
  readonly from: string;
  readonly to: string;
  /** How large its label is; zero: it has none. */
  readonly width: number;
  readonly height: number;
}

/** Pixels between boxes of a row, between edges, and between rows. */
const SEPARATIONS = { nodesep: 28, edgesep: 18, ranksep: 44 };

/** Inputs, and outputs, are beside each other in their order, as whoever made the model has them in mind. */
const besides = (boxes: readonly Box[], connections: readonly Connection[]): readonly Beside[] => {
  const others = connections.filter(({ from, to }) => from !== to);
  const inOrder = (ends: ReadonlySet<string>): readonly Beside[] => {
    const rest = boxes.filter(({ id }) => !ends.has(id));
    return rest.slice(1).map(({ id }, index) => ({ left: rest[index]?.id ?? id, right: id }));
  };
  return [
    ...inOrder(new Set(others.map(({ to }) => to))),
    ...inOrder(new Set(others.map(({ from }) => from))),
  ];
};

/** Boxes in rows, from the top down, so that few edges cross. */
export interface Arrangement {
  readonly width: number;
  readonly height: number;
  readonly spots: ReadonlyMap<string, Spot>;
  readonly routes: readonly Route[];
}

/**
 * Arranges boxes in rows by dagre, which is loaded when it is needed: each box below those that it takes something from.
 *
 * @see Gansner, Koutsofios, North, Vo 1993, A technique for drawing directed graphs; Brandes and Köpf 2001
 */
export const arrange = (boxes: readonly Box[], connections: readonly Connection[]): Arrangement => {
  const dagre = createRequire(__filename)('@dagrejs/dagre') as Dagre; // of which this much is used
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', ...SEPARATIONS });
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  connections.forEach(({ from, to, width, height }, index) =>
    graph.setEdge(from, to, { width, height, labelpos: 'c' }, String(index)),
  );
  dagre.layout(graph, { constraints: besides(boxes, connections) });
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    spots: new Map(boxes.map(({ id }) => [id, graph.node(id)])),
    routes: connections.map(({ from, to }, index) => graph.edge(from, to, String(index))),
  };
};
