/** Initializers as Keras 2.13's: test/reference/kinds.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KerasArgumentError, KerasShapeError, tf, type Initializer } from '../../src/index';
import * as family from '../../src/initializers';
import { initializer, initializers } from '../../src/initializers/registry';
import { statistics } from './support';

interface Case {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: number[];
}
type Nested = number | Nested[];
interface Reference {
  readonly random: (Case & { readonly statistics: [number, number, number, number] })[];
  readonly exact: (Case & { readonly values: Nested[] })[];
  readonly orthogonal: { readonly gain: number; readonly shape: number[]; readonly products: number[][] }[];
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/kinds.json'), 'utf8'),
) as Reference; // as kinds.py prints it

const make = ({ name, options }: Pick<Case, 'name' | 'options'>, more: object = {}): Initializer =>
  (family as unknown as Readonly<Record<string, (options: object) => Initializer>>)[`initializer${name}`]?.({
    ...options,
    ...more,
  }) as Initializer; // a function of that name, which the rows name
const titled = <One extends Case>(rows: readonly One[]): [string, One][] =>
  rows.map((row) => [`${row.name}(${JSON.stringify(row.options)}) of [${row.shape.join(', ')}]`, row]);

test.each(titled(reference.random))('%s: mean, deviation, bounds', (_title, row) => {
  // Keras's are of ten times as many draws.
  const [mean, deviation, least, most] = row.statistics;
  const values = make(row, { seed: 5 }).apply(row.shape);
  const seen = statistics(values);
  const root = Math.sqrt(values.size);
  expect(Math.abs(seen.mean - mean)).toBeLessThanOrEqual((6 * deviation) / root);
  // The deviation of a normal's deviation is σ / √2n, of others less.
  expect(Math.abs(seen.deviation - deviation)).toBeLessThanOrEqual((6 * deviation) / root);
  const isCut =
    !/Random|untruncated/.test(`${row.name}${JSON.stringify(row.options)}`) || row.name === 'RandomUniform';
  const [from, to] = [
    Math.min(...values.dataSync().slice(0, 2e5)),
    Math.max(...values.dataSync().slice(0, 2e5)),
  ];
  const slack = isCut ? 0.02 * deviation : 2 * deviation;
  expect(from).toBeGreaterThanOrEqual(least - slack);
  expect(to).toBeLessThanOrEqual(most + slack);
  // Uniform ones fill their range.
  if (row.name.endsWith('Uniform')) expect(to - from).toBeGreaterThan(0.99 * (most - least));
  // The same seed draws the same, another one others.
  const again = (seed: number): number[] => [...make(row, { seed }).apply([4, 3]).dataSync()];
  expect(again(7)).toEqual(again(7));
  expect(again(7)).not.toEqual(again(8));
});

test.each(titled(reference.exact))('%s, exactly', (_title, row) => {
  expect(make(row).apply(row.shape).arraySync()).toEqual(row.values);
});

test.each(reference.orthogonal)('orthogonal, gain $gain, of $shape', ({ gain, shape, products }) => {
  const values = make({ name: 'Orthogonal', options: { gain } }, { seed: 3 }).apply(shape);
  const columns = shape.at(-1) ?? 1;
  const flat = tf.reshape(values, [-1, columns]).as2D(values.size / columns, columns);
  const isTall = flat.shape[0] > columns;
  const product = tf.matMul(flat, flat, isTall, !isTall);
  const difference = tf.max(tf.abs(tf.sub(product, products))).dataSync()[0] ?? NaN;
  expect(difference).toBeLessThan(2e-5);
});

test('every initializer has a row', () => {
  const named = new Set([...reference.random, ...reference.exact].map(({ name }) => name.toLowerCase()));
  const without = initializers.names.filter((name) => !named.has(name.replaceAll('_', '')));
  expect(without).toEqual(['orthogonal']);
});

describe('a function of the user', () => {
  const place = { function: 'layerDense', argument: 'kernelInitializer' };

  test('draws the weights', () => {
    const made = initializer((shape: number[]) => tf.fill(shape, 3), place).make();
    expect(made.apply([2]).arraySync()).toEqual([3, 3]);
  });

  test('must give a tensor of the shape', () => {
    for (const wrong of [() => tf.zeros([3]), () => 3, tf.initializers.zeros]) {
      expect(() => initializer(wrong, place).make().apply([2])).toThrow(KerasArgumentError);
    }
  });
});

test('weights of one dimension cannot be orthogonal', () => {
  expect(() => family.initializerOrthogonal().apply([3])).toThrow(KerasShapeError);
});
