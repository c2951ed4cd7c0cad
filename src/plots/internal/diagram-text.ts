import type { RankDirection } from './diagram-layout';
import { countText, namesOf, type Shown } from './diagram-box';
import type { GraphLayer, ModelGraph } from './model-graph';

/** What a layer's box says, a text a line. */
const linesOf = (layer: GraphLayer, shown: Shown): readonly string[] => {
  const [title, subtitle] = namesOf(layer, shown);
  const shapes = [layer.isInput ? [] : layer.inputs, layer.outputs].filter((list) => list.length > 0);
  const counts = [countText(layer, shown), shown.showDtype ? layer.dtype : ''].filter((text) => text !== '');
  return [
    subtitle === '' ? title : `${title}: ${subtitle}`,
    ...(shown.showShapes ? [shapes.map((list) => list.join(', ')).join(' → ')] : []),
    ...(shown.showLayerActivations && layer.activation !== undefined
      ? [`activation ${layer.activation}`]
      : []),
    ...(counts.length > 0 ? [counts.join(', ')] : []),
  ];
};

const isOpen = (layer: GraphLayer, shown: Shown): boolean => shown.expandNested && layer.inner !== undefined;

/** A text in quotes as Mermaid reads it: signs that mean something to it, or to HTML, as numbers. */
const mermaidText = (text: string): string =>
  text.replaceAll(/[^\p{L}\p{N} _.,:;()/=+→-]/gu, (sign) => `#${sign.codePointAt(0) ?? 0};`);

/**
 * The diagram in Mermaid's language, which GitHub and others draw.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export const mermaidOf = (graph: ModelGraph, shown: Shown, direction: RankDirection): string => {
  const body = ({ layers, edges }: ModelGraph, indent: string): string[] => [
    ...layers.flatMap((layer) => {
      const text = linesOf(layer, shown).map(mermaidText).join('<br/>');
      if (layer.inner === undefined || !shown.expandNested) return [`${indent}${layer.id}["${text}"]`];
      return [
        `${indent}subgraph ${layer.id}["${text}"]`,
        `${indent}  direction ${direction}`,
        ...body(layer.inner, `${indent}  `),
        `${indent}end`,
      ];
    }),
    ...edges.map(({ from, to, label }) =>
      label === undefined ? `${indent}${from} --> ${to}` : `${indent}${from} -->|"${label}"| ${to}`,
    ),
  ];
  return `${[`flowchart ${direction}`, ...body(graph, '  ')].join('\n')}\n`;
};

const dotText = (text: string): string => text.replaceAll(/[\\"]/g, (sign) => `\\${sign}`);

/** The layer in an open model at which an edge is to end, or to begin: Graphviz draws it to the model's frame. */
const innermost = (layer: GraphLayer, shown: Shown, end: 'first' | 'last'): GraphLayer => {
  const layers = layer.inner?.layers ?? [];
  const at = end === 'first' ? layers[0] : layers.at(-1);
  return !isOpen(layer, shown) || at === undefined ? layer : innermost(at, shown, end);
};

/**
 * The diagram in DOT, Graphviz's language.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
export const dotOf = (graph: ModelGraph, shown: Shown, direction: RankDirection): string => {
  const body = ({ layers, edges }: ModelGraph, indent: string): string[] => {
    const layerOf = new Map(layers.map((layer) => [layer.id, layer]));
    return [
      ...layers.flatMap((layer) => {
        const text = linesOf(layer, shown).map(dotText).join('\\n');
        if (layer.inner === undefined || !shown.expandNested)
          return [`${indent}${layer.id} [label="${text}"];`];
        return [
          `${indent}subgraph cluster_${layer.id} {`,
          `${indent}  label="${text}";`,
          ...body(layer.inner, `${indent}  `),
          `${indent}}`,
        ];
      }),
      ...edges.flatMap(({ from, to, label }) => {
        const [source, target] = [layerOf.get(from), layerOf.get(to)];
        if (source === undefined || target === undefined) return [];
        const attributes = [
          ...(label === undefined ? [] : [`label="${label}"`]),
          ...(isOpen(source, shown) ? [`ltail=cluster_${from}`] : []),
          ...(isOpen(target, shown) ? [`lhead=cluster_${to}`] : []),
        ];
        const ends = `${innermost(source, shown, 'last').id} -> ${innermost(target, shown, 'first').id}`;
        return [`${indent}${ends}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`};`];
      }),
    ];
  };
  return `${[
    `digraph "${dotText(graph.name)}" {`,
    `  rankdir=${direction}; compound=true;`,
    '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11];',
    '  graph [fontname="sans-serif", fontsize=11]; edge [fontname="sans-serif", fontsize=10];',
    ...body(graph, '  '),
    '}',
  ].join('\n')}\n`;
};

const ARROW = '← ';

/** Names in lines that fit; a name that is too long for a line has it alone. */
const wrapped = (names: readonly string[], columns: number): string[] =>
  names.reduce<string[]>((lines, name, index) => {
    const item = index === names.length - 1 ? name : `${name},`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + item.length <= columns)
      lines[lines.length - 1] = `${last} ${item}`;
    else lines.push(item);
    return lines;
  }, []);

interface TextRow {
  readonly cells: readonly string[];
  /** What the layer takes, where it is not what stands above it. */
  readonly from: readonly string[];
}

const textRows = ({ layers, edges }: ModelGraph, shown: Shown, indent: string): TextRow[] => {
  const nameOf = new Map(layers.map(({ id, name }) => [id, name]));
  return layers.flatMap((layer, index) => {
    const from = edges.filter(({ to }) => to === layer.id).map((edge) => edge.from);
    const isNext = from.length === 1 && from[0] === layers[index - 1]?.id;
    const row = {
      cells: [
        `${indent}${namesOf(layer, shown)
          .filter((name) => name !== '')
          .join(': ')}`,
        shown.showShapes ? layer.outputs.join(', ') : '',
        countText(layer, shown),
      ],
      from: isNext ? [] : from.map((id) => nameOf.get(id) ?? ''),
    };
    const isClosed = layer.inner === undefined || !shown.expandNested;
    return [row, ...(isClosed ? [] : textRows(layer.inner, shown, `${indent}│ `))];
  });
};

/** The diagram in lines of about so many characters: a line a layer, and from which layers it takes what it takes. */
export const graphText = (graph: ModelGraph, shown: Shown, columns: number): string => {
  const rows = textRows(graph, shown, '');
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map(({ cells }) => cells[column]?.length ?? 0)));
  const start = widths.reduce((sum, width) => sum + (width === 0 ? 0 : width + 2), 0);
  const lines = rows.flatMap(({ cells, from }) => {
    const text = cells.map((cell, column) =>
      widths[column] === 0 ? '' : `${cell.padEnd(widths[column] ?? 0)}  `,
    );
    // Where there is no room at the right it stands below.
    const isBelow = columns - start < 24;
    const names = wrapped(from, isBelow ? columns - 6 : columns - start - ARROW.length);
    const arrows = names.map((line, index) => (index === 0 ? ARROW : '  ') + line);
    if (isBelow) return [text.join(''), ...arrows.map((line) => `    ${line}`)];
    return [text.join('') + (arrows[0] ?? ''), ...arrows.slice(1).map((line) => ' '.repeat(start) + line)];
  });
  return lines.map((line) => line.trimEnd()).join('\n');
};
