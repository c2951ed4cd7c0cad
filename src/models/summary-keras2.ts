import { shapeText } from '../tfjs/print-layer';
import { outputText, sizeText, type Count, type SummaryRow, type SummaryTable } from './summary-rows';

/** A layer's output shape; a layer that was applied several times may have several. */
const shapesText = ({ outputs, className }: SummaryRow): string => {
  // Keras gives an input's shape as a list of one.
  const texts = new Set(
    outputs.map((shapes) => (className === 'InputLayer' ? shapeText(shapes) : outputText(shapes))),
  );
  return texts.size === 1 ? ([...texts][0] ?? '?') : 'multiple';
};

const connectionsText = ({ connections }: SummaryRow): string =>
  `[${connections.map(({ layer, application, output }) => `'${layer}[${application}][${output}]'`).join(', ')}]`;

/** `105 (420.00 Byte)`. */
const countText = ({ params, bytes }: Count): string =>
  `${params} (${sizeText(bytes, ['Byte', 'KB', 'MB', 'GB', 'TB', 'PB'])})`;

/** Where Keras breaks a text that goes on in the next line: after the end of a tuple or a list's item. */
const BREAKS = ['),', '},', '],', "',"];

/** One row of the table: texts that do not fit their columns go on in further lines, as Keras breaks them. */
const rowLines = (fields: readonly string[], ends: readonly number[], level = 0): string[] => {
  const lines: string[] = [];
  const left = [...fields];
  const bars = '|'.repeat(level);
  while (left.some((text) => text !== '')) {
    let line = `${bars} `;
    left.forEach((text, column) => {
      const end = ends[column] ?? 0;
      const isLast = column === ends.length - 1;
      // A narrow table goes on letter by letter, but it ends.
      const room = end - (ends[column - 1] ?? 0) - (isLast ? 0 : 3) - (column === 0 ? level : 0);
      const width = Math.max(1, room);
      const fitting = text.slice(0, width);
      const breaks = BREAKS.map((item) => fitting.indexOf(item) + item.length).filter(
        (cut, index) => cut > (BREAKS[index]?.length ?? 0) - 1,
      );
      const cut = Math.min(width, ...breaks);
      line = (line + text.slice(0, cut) + (isLast ? '' : '  ')).padEnd(isLast ? end - level : end);
      left[column] = text.slice(cut);
    });
    lines.push(`${line}${bars}`.trimEnd());
  }
  return lines;
};

/**
 * The table of Keras 2 and R. Like R, it leaves out the blank lines between rows; around the layers of models that are layers it keeps
 * those that have a frame.
 */
export const keras2Summary = (
  name: string,
  { rows, isLinear, showsTrainable, trainable, frozen }: SummaryTable,
  total: number,
): string => {
  const ends = (isLinear ? [0.45, 0.85, 1] : [0.3, 0.6, 0.7, 1]).map((fraction) =>
    Math.floor(total * fraction),
  );
  if (showsTrainable) ends.push(total + 11);
  const length = ends.at(-1) ?? total;
  const framed = (level: number, filling: string): string =>
    `${'|'.repeat(level)}${filling.repeat(Math.max(0, length - 2 * level))}${'|'.repeat(level)}`;
  const linesOf = (row: SummaryRow, isLast: boolean): string[] => {
    const fields = [
      `${row.layer.name} (${row.className})`,
      shapesText(row),
      String(row.params),
      ...(isLinear ? [] : [connectionsText(row)]),
      // tfjs's inputs say that they are frozen, Keras's that they are not.
      ...(showsTrainable ? [row.layer.trainable || row.className === 'InputLayer' ? 'Y' : 'N'] : []),
    ];
    const inner = row.inner.flatMap((each, index) => linesOf(each, index === row.inner.length - 1));
    return [
      ...rowLines(fields, ends, row.level),
      ...(inner.length === 0 ? [] : [framed(row.level + 1, '¯'), ...inner, framed(row.level, '¯')]),
      ...(isLast || row.level === 0 || inner.length > 0 ? [] : [framed(row.level, ' ')]),
    ];
  };
  const heading = ['Layer (type)', 'Output Shape', 'Param #'];
  if (!isLinear) heading.push('Connected to');
  if (showsTrainable) heading.push('Trainable');
  const sum = { params: trainable.params + frozen.params, bytes: trainable.bytes + frozen.bytes };
  return [
    `Model: "${name}"`,
    '_'.repeat(length),
    ...rowLines(heading, ends),
    '='.repeat(length),
    ...rows.flatMap((row) => linesOf(row, false)),
    '='.repeat(length),
    `Total params: ${countText(sum)}`,
    `Trainable params: ${countText(trainable)}`,
    `Non-trainable params: ${countText(frozen)}`,
    '_'.repeat(length),
  ].join('\n');
};
