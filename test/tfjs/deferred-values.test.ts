import { findCollector } from '../../src/native/collector';
import { YoungHolders } from '../../src/native/young-holders';
import { deferValues } from '../../src/tfjs/deferred-values';
import { tf, type Tensor, type Variable } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

/** Two variables, 1 and 2, whose values become 10 and 20 when somebody looks. */
const deferred = () => {
  const variables = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))] as const;
  const fetch = jest.fn(() => {
    variables.forEach((variable, index) => variable.assign(tf.scalar((index + 1) * 10)));
  });
  return { variables, fetch, end: deferValues(variables, { fetch }) };
};

const ownValue = (variable: Variable) => Object.getOwnPropertyDescriptor(variable, 'dataId');

const ways: [string, (variable: Variable) => unknown][] = [
  ['dataSync', (variable) => variable.dataSync()[0]],
  ['data', async (variable) => (await variable.data())[0]],
  ['array', (variable) => variable.array()],
  ['an operation', (variable) => tf.mul(variable, 1).dataSync()[0]],
  ['a clone', (variable) => variable.clone().dataSync()[0]],
  ['an operation that shares the data', (variable) => tf.reshape(variable, [1]).dataSync()[0]],
  [
    'a gradient',
    (variable) =>
      tf.variableGrads(() => tf.square(variable as Tensor).asScalar(), [variable]).value.dataSync()[0],
  ],
];

describe('a value that is fetched when somebody looks', () => {
  test.each(ways)('%s finds the value', async (way, look) => {
    const { variables, fetch } = deferred();
    expect(fetch).not.toHaveBeenCalled();
    expect(await look(variables[1])).toBe(way === 'a gradient' ? 400 : 20);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(variables[0].dataSync()[0]).toBe(10);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test('who sets one sets it after the fetch: the others have their values', () => {
    const before = tensorCount();
    const { variables, fetch } = deferred();
    const own = tf.scalar(5);
    variables[0].assign(own);
    own.dispose();
    expect([variables[0].dataSync()[0], variables[1].dataSync()[0]]).toEqual([5, 20]);
    expect(fetch).toHaveBeenCalledTimes(1);
    tf.dispose([...variables]);
    // What the tests made besides: the first values and those that were fetched.
    expect(tensorCount()).toBe(before + 4);
  });

  test('a variable can be disposed', () => {
    const { variables } = deferred();
    variables[0].dispose();
    expect(variables[0].isDisposed).toBe(true);
    expect(variables[1].dataSync()[0]).toBe(20);
  });

  test('afterwards, and when it is ended without a fetch, the property is what it was', () => {
    const { variables, fetch, end } = deferred();
    end();
    end();
    expect(fetch).not.toHaveBeenCalled();
    expect(variables[1].dataSync()[0]).toBe(2);
    const { variables: others } = deferred();
    others[1].dataSync();
    for (const variable of [...variables, ...others]) {
      expect(ownValue(variable)).toMatchObject({ writable: true, enumerable: true, configurable: true });
    }
  });
});

test('a collection of young objects finds where values were fetched from', () => {
  const variable = tf.variable(tf.scalar(1));
  const holders = new YoungHolders<number>();
  for (let index = 0; index < 100; index++) {
    const source = { fetch: () => undefined };
    holders.add(source, index);
    deferValues([variable], source)();
  }
  findCollector().young();
  expect(holders.look()?.gone.length).toBeGreaterThan(80);
  variable.dispose();
});
