import util, { inspect } from 'node:util';
import { findCollector } from '../../src/native/collector';
import { YoungHolders } from '../../src/native/young-holders';

const { young: collectYoung } = findCollector();

/** Watches so many that nobody else holds. */
const addForgotten = (holders: YoungHolders<number>, count: number): void => {
  for (let held = 0; held < count; held++) holders.add({}, -1 - held);
};

test('a collection of young objects is enough to find who is gone, and who is reached is never among them', () => {
  const holders = new YoungHolders<number>();
  const reached = Array.from({ length: 300 }, () => ({}));
  reached.forEach((holder, held) => holders.add(holder, held));
  addForgotten(holders, 1000);
  expect(holders.size).toBe(1300);
  collectYoung();
  const found = holders.look();
  expect(found?.gone.length).toBeGreaterThan(900);
  expect(found?.gone.every((held) => held < 0)).toBe(true);
  expect(found?.reached.filter(({ held }) => held >= 0)).toEqual(
    reached.map((holder, held) => ({ holder, held })),
  );
  expect(holders.size).toBe(1300 - (found?.gone.length ?? 0));
});

test('nothing is gone before a collection, and who is given up is no more looked at', () => {
  const holders = new YoungHolders<number>();
  const [one, other] = [{}, {}];
  const number = holders.add(one, 1) ?? NaN;
  holders.add(other, 2);
  expect(holders.look()?.gone).toEqual([]);
  holders.delete(number);
  holders.release(other);
  expect(holders.look()).toEqual({ gone: [], reached: [] });
  // Who was released may come again.
  expect(holders.add(other, 3)).toBeDefined();
  expect(holders.look()?.reached).toEqual([{ holder: other, held: 3 }]);
});

test('a holder that cannot be shown, or holds something already, is not taken', () => {
  const holders = new YoungHolders<number>();
  expect(holders.add(Object.freeze({}), 1)).toBeUndefined();
  const holder = {};
  expect(holders.add(holder, 2)).toBeDefined();
  expect(holders.add(holder, 3)).toBeUndefined();
  expect(holders.look()?.reached).toEqual([{ holder, held: 2 }]);
});

test('a holder is printed as any object', () => {
  const holder = {};
  new YoungHolders<number>().add(holder, 1);
  expect(inspect({ dataId: holder })).toBe(inspect({ dataId: {} }));
  expect(JSON.stringify(holder)).toBe('{}');
  // As `console.dir` does.
  const all = { customInspect: false, showHidden: true };
  expect(inspect({ dataId: holder }, all)).toBe(inspect({ dataId: {} }, all));
  expect(Reflect.ownKeys(holder)).toEqual([]);
  expect(holder).toStrictEqual({});
  expect(structuredClone(holder)).toEqual({});
});

test('a holder of a class keeps it', () => {
  class Session {
    readonly name = 'session';
  }
  const holders = new YoungHolders<number>();
  const holder = new Session();
  holders.add(holder, 1);
  expect(holder).toBeInstanceOf(Session);
  expect(Object.keys(holder)).toEqual(['name']);
  expect(holders.look()).toEqual({ gone: [], reached: [{ holder, held: 1 }] });
});

test('where the stack ends, and what is shown with it, nobody is taken for gone', () => {
  const holders = new YoungHolders<number>();
  const holder = {};
  holders.add(holder, 1);
  const interrupted = '[WeakMap: Inspection interrupted prematurely. Maximum call stack size exceeded.]';
  const inspected = jest.spyOn(util, 'inspect').mockReturnValueOnce(interrupted);
  expect(holders.look()).toBeUndefined();
  inspected.mockRestore();
  expect(holders.look()).toEqual({ gone: [], reached: [{ holder, held: 1 }] });
});

test('printing options of the program do not matter', () => {
  const holders = new YoungHolders<number>();
  const reached = Array.from({ length: 200 }, () => ({}));
  reached.forEach((holder, held) => holders.add(holder, held));
  const before = { ...inspect.defaultOptions };
  inspect.defaultOptions = {
    ...before,
    maxArrayLength: 1,
    customInspect: false,
    showHidden: false,
    maxStringLength: 1,
  };
  expect(holders.look()).toMatchObject({ gone: [], reached: { length: 200 } });
  inspect.defaultOptions = before;
});
