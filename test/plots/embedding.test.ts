import { readFileSync } from 'node:fs';
import path from 'node:path';
import { plotEmbedding, tf, type Picture } from '../../src/index';
import { principalComponents } from '../../src/plots/internal/pca';
import { tensorCount } from '../support/tensors';
import { all, expectNumbers, readXml, type Node } from './support/xml';

const read = ({ svg }: Picture): Node => {
  const node = readXml(svg);
  expectNumbers(node);
  return node;
};
const texts = (node: Node): string[] => all(node, 'text').map(({ text }) => text);
const sentences = (node: Node): string => all(node, 'desc')[0]?.text ?? '';

describe('plotEmbedding', () => {
  type Case = { rows: number[][]; points: [number, number][]; shares: [number, number] };
  const reference = JSON.parse(
    readFileSync(path.join(__dirname, '../reference/principal_components.json'), 'utf8'),
  ) as Record<string, Case>;

  test.each(Object.entries(reference))(
    'finds the components that NumPy finds: %s',
    (_, { rows, points, shares }) => {
      const tensor = tf.tensor2d(rows);
      const before = tensorCount();
      const found = principalComponents(tensor);
      expect(tensorCount()).toBe(before);
      found.points.forEach(([x, y], row) => {
        expect(x).toBeCloseTo(points[row]?.[0] ?? NaN, 4);
        expect(y).toBeCloseTo(points[row]?.[1] ?? NaN, 4);
      });
      expect(found.shares[0]).toBeCloseTo(shares[0], 5);
      expect(found.shares[1]).toBeCloseTo(shares[1], 5);
    },
  );

  test('draws rows with classes and names', () => {
    const vectors = [
      [1, 0, 0.1],
      [0.9, 0.1, 0],
      [0, 1, 0.9],
      [0.1, 0.9, 1],
    ];
    const node = read(
      plotEmbedding(vectors, { names: ['king', '<queen>', 'apple', 'pear'], labels: [3, 3, 7, 7] }),
    );
    expect(texts(node)).toEqual(
      expect.arrayContaining([
        'king',
        '<queen>',
        '3',
        '7',
        expect.stringMatching(/^component 1 \(9\d\.\d %\)$/),
      ]),
    );
    // Four rows, and two in the legend: by color and by shape.
    const marks = all(node, 'path');
    expect(marks).toHaveLength(6);
    expect(new Set(marks.map(({ attributes }) => attributes['fill'])).size).toBe(2);
    expect(sentences(node)).toMatch(
      /^4 rows in two dimensions, which show (100|99)\.\d % of how they differ. Classes: 3, 7\.$/,
    );
  });

  test('leaves out names that have no room', () => {
    const rows = Array.from({ length: 200 }, (_, row) => [Math.sin(row) * 1e-3, Math.cos(row) * 1e-3]);
    const named = rows.map((_, row) => `a_rather_long_name_${row}`);
    const shown = texts(read(plotEmbedding([[0, 9], [9, 0], ...rows], { names: ['', '', ...named] }))).filter(
      (text) => text.startsWith('a_'),
    );
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.length).toBeLessThan(20);
  });

  test('of rows on a line, no heights that are nothing but rounding', () => {
    const node = read(
      plotEmbedding([
        [1, 2],
        [3, 5],
        [5, 8],
      ]),
    );
    const heights = all(node, 'path').map(
      ({ attributes }) => /^M[\d.]+,([\d.]+)/.exec(attributes['d'] ?? '')?.[1],
    );
    expect(heights).toHaveLength(3);
    expect(new Set(heights).size).toBe(1);
    expect(texts(node).filter((text) => text.includes('e-'))).toEqual([]);
  });

  test('names at the right of points, at their left, above or below, where there is room', () => {
    const rows = [0, 10, 5, 5.001, 5.002, 5.003, 5.004].map((number) => [number]);
    const names = ['', '', 'right', 'left', 'above', 'below', 'nowhere'];
    const shown = texts(read(plotEmbedding(rows, { names }))).filter((text) => names.includes(text));
    expect(shown).toEqual(['right', 'left', 'above', 'below']);
  });

  test('of rows that are all alike, or of one column', () => {
    read(
      plotEmbedding([
        [1, 2],
        [1, 2],
      ]),
    );
    expect(sentences(read(plotEmbedding([[1], [2], [4]])))).toContain('100.0 %');
  });

  test.each<[unknown, object, string]>([
    [[1, 2, 3], {}, 'a matrix of two rows or more'],
    [[[1, 2]], {}, 'a matrix of two rows or more'],
    [
      [
        [1, NaN],
        [1, 2],
      ],
      {},
      'made of finite numbers',
    ],
    [[[1], [2]], { names: ['a'] }, 'a list of 2 names'],
    [[[1], [2]], { labels: [0, 1, 2] }, 'a class for each of the 2 rows'],
    [[[1], [2]], { width: 10 }, 'at least 240'],
    [[[1], [2]], { height: 1e12 }, 'at most 20000'],
  ])('refuses %p', (value, options, message) => {
    expect(() => plotEmbedding(value as number[][], options)).toThrow(message);
  });
});
