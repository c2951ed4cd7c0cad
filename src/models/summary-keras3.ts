import { outputText, sizeText, type Count, type SummaryRow, type SummaryTable } from './summary-rows';

/** Signs of a table: the corners and crossings of each line, what is along it, and what is between columns. */
interface Rule {
  readonly left: string;
  readonly along: string;
  readonly cross: string;
  readonly right: string;
}

interface Box {
  readonly top: Rule;
  readonly head: Rule;
  readonly row: Rule;
  readonly bottom: Rule;
  /** Between the columns of the heading, and of rows. */
  readonly bars: readonly [string, string];
}

const rule = ([left = '', along = '', cross = '', right = '']: string): Rule => ({
  left,
  along,
  cross,
  right,
});

/** Lines of boxes, heavy around the heading; and what stands for them where a terminal does not show these signs. */
const BOXES: Box = {
  top: rule('┏━┳┓'),
  head: rule('┡━╇┩'),
  row: rule('├─┼┤'),
  bottom: rule('└─┴┘'),
  bars: ['┃', '│'],
};
const PLAIN: Box = {
  top: rule('+--+'),
  head: rule('|-+|'),
  row: rule('|-+|'),
  bottom: rule('+--+'),
  bars: ['|', '|'],
};

type Alignment = 'left' | 'right' | 'center';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly alignment: Alignment;
}

const lengthOf = (text: string): number => Array.from(text).length;

/** A text in lines of a width: broken between words, and within one that is too long for a line. */
const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.match(/\s*\S+\s*/g) ?? []) {
    if (lengthOf(line) + lengthOf(word.trimEnd()) <= width) line += word;
    else if (lengthOf(word.trimEnd()) <= width) {
      lines.push(line);
      line = word;
    } else {
      if (line !== '') lines.push(line);
      let rest = Array.from(word);
      for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width).join(''));
      line = rest.join('');
    }
  }
  return [...lines, line].map((each) => each.trimEnd());
};

const aligned = (text: string, { width, alignment }: Column): string => {
  const room = width - lengthOf(text);
  const before = alignment === 'left' ? 0 : alignment === 'right' ? room : Math.floor(room / 2);
  return ' '.repeat(before) + text + ' '.repeat(room - before);
};

/** A row: as many lines as its longest field needs. */
const rowLines = (fields: readonly string[], columns: readonly Column[], bar: string): string[] => {
  const cells = columns.map((column, index) => wrapped(fields[index] ?? '', column.width));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, place) => {
    const texts = columns.map((column, index) => ` ${aligned(cells[index]?.[place] ?? '', column)} `);
    return bar + texts.join(bar) + bar;
  });
};

const ruleLine = ({ left, along, cross, right }: Rule, columns: readonly Column[]): string =>
  left + columns.map(({ width }) => along.repeat(width + 2)).join(cross) + right;

/** Rounds as Python does: halves to the even number. */
const round = (value: number): number => {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
};

/** The widths of columns in a table of a length: Keras's shares of it, less what the lines between them take, the same for each. */
const widthsOf = (shares: readonly number[], length: number): number[] => {
  const ends = shares.map((share) => Math.floor(share * length));
  const padded = ends.map((end, index) => end - (ends[index - 1] ?? 0) + 2);
  let excess = padded.reduce((sum, width) => sum + width, 0) - (length - shares.length - 1);
  return padded.map((width, index) => {
    const part = Math.min(width, round(excess / (shares.length - index)));
    excess -= part;
    return Math.max(1, width - part - 2);
  });
};

const columnsOf = ({ isLinear, showsTrainable }: SummaryTable, length: number): Column[] => {
  const shares = isLinear ? [0.45, 0.8, 1] : [0.3, 0.56, 0.74, 1];
  const widths = widthsOf(showsTrainable ? [...shares.map((share) => share * 0.9), 1] : shares, length);
  const all: readonly (readonly [string, Alignment, boolean])[] = [
    ['Layer (type)', 'left', true],
    ['Output Shape', 'left', true],
    ['Param #', 'right', true],
    ['Connected to', 'left', !isLinear],
    ['Trainable', 'center', showsTrainable],
  ];
  return all
    .filter(([, , isThere]) => isThere)
    .map(([title, alignment], index) => ({ title, alignment, width: widths[index] ?? 1 }));
};

const thousands = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');

const countText = ({ params, bytes }: Count): string =>
  `${thousands(params)} (${sizeText(bytes, ['B', 'KB', 'MB', 'GB', 'TB', 'PB'])})`;

const fieldsOf = (
  row: SummaryRow,
  { isLinear, showsTrainable }: SummaryTable,
  hasBoxes: boolean,
): string[] => {
  const { layer, className, level, params, outputs, connections } = row;
  const corner = level === 0 ? '' : `${'   '.repeat(level)}${hasBoxes ? '└' : '\\'} `;
  const from = connections.map((each) => `${each.layer}[${each.application}][${each.output}]`).join(', ');
  return [
    `${corner}${layer.name} (${className})`,
    // Keras 3 shows the last application's.
    outputText(outputs.at(-1) ?? []),
    thousands(params),
    ...(isLinear ? [] : [from === '' ? '-' : from]),
    ...(showsTrainable ? [layer.weights.length === 0 ? '-' : layer.trainable ? 'Y' : 'N'] : []),
  ];
};

const flat = (rows: readonly SummaryRow[]): SummaryRow[] => rows.flatMap((row) => [row, ...flat(row.inner)]);

/** The table of Keras 3, of so many characters a line; in boxes, or in what stands for them. */
export const keras3Summary = (
  name: string,
  table: SummaryTable,
  length: number,
  hasBoxes: boolean,
): string => {
  const box = hasBoxes ? BOXES : PLAIN;
  const columns = columnsOf(table, length);
  const [headBar, rowBar] = box.bars;
  const rows = flat(table.rows).map((row) => rowLines(fieldsOf(row, table, hasBoxes), columns, rowBar));
  const { trainable, frozen, optimizer } = table;
  const all = optimizer === undefined ? [trainable, frozen] : [trainable, frozen, optimizer];
  const sumOf = (of: keyof Count): number => all.reduce((sum, count) => sum + count[of], 0);
  const sum = { params: sumOf('params'), bytes: sumOf('bytes') };
  return [
    `Model: "${name}"`,
    ruleLine(box.top, columns),
    ...rowLines(
      columns.map(({ title }) => title),
      columns,
      headBar,
    ),
    ruleLine(box.head, columns),
    ...rows.flatMap((lines, index) => [...(index === 0 ? [] : [ruleLine(box.row, columns)]), ...lines]),
    ruleLine(box.bottom, columns),
    ` Total params: ${countText(sum)}`,
    ` Trainable params: ${countText(trainable)}`,
    ` Non-trainable params: ${countText(frozen)}`,
    ...(optimizer === undefined ? [] : [` Optimizer params: ${countText(optimizer)}`]),
  ].join('\n');
};
