/** Every data set of the package has a row here: what its sample holds, and which options its function has. */
import * as datasets from '../../src/datasets';
import { isDataset } from '../../src/datasets/define-dataset';
import { KerasArgumentError } from '../../src/base/errors';
import type { Tensor } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';

interface Row {
  readonly options: readonly string[];
  /** Whether the package has a small sample; it has one by default. */
  readonly hasSample?: false;
  /** The shapes of training inputs and targets and of test inputs and targets; of lists their number. */
  readonly shapes?: readonly (readonly number[])[];
}

const COMMON = ['path', 'embedded'];
const TEXTS = ['numWords', 'skipTop', 'maxlen', 'seed', 'startChar', 'oovChar', 'indexFrom'];
const TABLE: Readonly<Record<string, Row>> = {
  datasetBostonHousing: {
    options: [...COMMON, 'testSplit', 'seed'],
    shapes: [[404, 13], [404], [102, 13], [102]],
  },
  datasetCifar10: { options: COMMON, hasSample: false },
  datasetCifar100: { options: [...COMMON, 'labelMode'], hasSample: false },
  datasetFashionMnist: { options: COMMON, hasSample: false },
  datasetImdb: {
    options: [...COMMON, ...TEXTS],
    shapes: [[4000], [4000], [2000], [2000]],
  },
  datasetImdbWordIndex: { options: COMMON },
  datasetMnist: { options: COMMON, shapes: [[8000, 28, 28], [8000], [2000, 28, 28], [2000]] },
  datasetReuters: { options: [...COMMON, ...TEXTS, 'testSplit'], hasSample: false },
  datasetReutersWordIndex: { options: COMMON, hasSample: false },
};

type Load = (options?: unknown) => Promise<unknown>;
// Each is a function of its own options; the wrong ones among them are what is tested.
const { getFile: _anyFile, ...sets } = datasets;
const FUNCTIONS = Object.entries(sets) as unknown as [string, Load][];

const isDisposable = (value: unknown): value is { dispose(): void } =>
  typeof value === 'object' && value !== null && 'dispose' in value;

test('every data set has a row, and is defined as the others are', () => {
  expect(FUNCTIONS.map(([name]) => name).sort()).toEqual(Object.keys(TABLE).sort());
  for (const [name, load] of FUNCTIONS) expect([name, isDataset(load)]).toEqual([name, true]);
});

describe.each(FUNCTIONS)('%s', (name, load) => {
  test('has its options and no others', async () => {
    const known = TABLE[name]?.options ?? [];
    for (const option of known) {
      const outcome: unknown = await load({ [option]: Symbol('wrong') }).catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(KerasArgumentError);
      expect(outcome).toMatchObject({ function: name, argument: option });
    }
    await expect(load({ other: 1 })).rejects.toThrow(/unknown option `other`/);
    const undefinedOptions = Object.fromEntries(known.map((option) => [option, undefined]));
    const sample = load({ ...undefinedOptions, embedded: true });
    if (TABLE[name]?.hasSample === false) {
      await expect(sample).rejects.toThrow(/`embedded` must be false: there is no sample of this data/);
      return;
    }
    const data = await sample;
    expect(data).toBeDefined();
    // Else its tensors could be freed while the next test counts them.
    if (isDisposable(data)) data.dispose();
  });

  const { shapes } = TABLE[name] ?? {};
  if (shapes === undefined) return;
  test('gives its sample, by name and by position, and frees it', async () => {
    const before = tensorCount();
    // The rows with shapes are of data sets in two parts.
    const data = (await load({ embedded: true })) as datasets.Dataset<Tensor | number[][], Tensor>;
    const [[xTrain, yTrain], [xTest, yTest]] = data;
    const shapeOf = (value: Tensor | number[][]): number[] =>
      Array.isArray(value) ? [value.length] : value.shape;
    expect([xTrain, yTrain, xTest, yTest].map(shapeOf)).toEqual(shapes);
    expect([data.train.x, data.train.y, data.test.x, data.test.y]).toEqual([xTrain, yTrain, xTest, yTest]);
    expect(data.source).toBe('embedded');
    data.dispose();
    expect(tensorCount()).toBe(before);
  });
});
