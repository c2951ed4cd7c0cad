import { makeAll, Maker } from '../../src/base/maker';

test('makers make anew each time, in order; arrays are copied, the rest is taken as it is', () => {
  const order: string[] = [];
  const make = (name: string) => new Maker(() => ({ name, place: order.push(name) }));
  const sizes = [2, -1];
  const one = (): number => 1;
  const options = { b: make('b'), sizes, a: make('a'), one };
  const first = makeAll(options);
  expect(first).toEqual({ b: { name: 'b', place: 1 }, sizes: [2, -1], a: { name: 'a', place: 2 }, one });
  expect(first.sizes).not.toBe(sizes);
  expect(makeAll(options).b).not.toBe(first.b);
  expect(order).toEqual(['b', 'a', 'b', 'a']);
});
