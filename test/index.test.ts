import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import * as keras from '../src/index';
import { root, sourceFiles } from './docs/extract';
import { rows } from './layers/table';
import { weightArrays } from './support/weights';

const exported: Readonly<Record<string, unknown>> = keras;

/** What else this release promises, by how it is called. */
const promised = {
  pipe: ['pipe', 'flow', 'sequence', 'shared'],
  models: ['kerasModelSequential', 'kerasModel', 'layerInput', 'layerModel', 'layerTf'],
  merging: ['layerAdd', 'layerConcatenate'],
  ofModels: [
    'summary',
    'getLayer',
    'popLayer',
    'getWeights',
    'setWeights',
    'countParams',
    'inputShape',
    'outputShape',
  ],
  training: [
    'compile',
    'fit',
    'evaluate',
    'predict',
    'predictClasses',
    'predictProba',
    'trainOnBatch',
    'testOnBatch',
    'predictOnBatch',
    'setRandomSeed',
  ],
  losses: [
    'lossCategoricalCrossentropy',
    'lossSparseCategoricalCrossentropy',
    'lossBinaryCrossentropy',
    'lossMeanSquaredError',
    'lossMeanAbsoluteError',
  ],
  optimizers: ['optimizerSgd', 'optimizerRmsprop', 'optimizerAdam'],
  data: [
    'datasetMnist',
    'datasetImdb',
    'datasetImdbWordIndex',
    'datasetBostonHousing',
    'arrayReshape',
    'toCategorical',
    'vectorizeSequences',
    'padSequences',
    'scale',
    'normalize',
  ],
  errors: [
    'KerasError',
    'KerasArgumentError',
    'KerasShapeError',
    'KerasStateError',
    'KerasDatasetError',
    'KerasFileError',
    'KerasNativeError',
  ],
};

test.each(Object.values(promised).flat())('%s is a function', (name) => {
  expect(exported[name]).toBeInstanceOf(Function);
});

type Style = (...parameters: unknown[]) => unknown;
const functionOf = (name: string): Style => exported[name] as Style;

describe.each(rows.map((row) => [[row.functionName, row.about].filter(Boolean).join(' '), row] as const))(
  '%s',
  (_, { piped: step, plain: call, input: inputShape }) => {
    test('is called plain or piped, on a model, which comes back', () => {
      const plain = keras.kerasModelSequential({ inputShape });
      const piped = keras.kerasModelSequential({ inputShape });
      expect((call as unknown as Style)(plain)).toBe(plain);
      expect(step()(piped)).toBe(piped);
      expect(keras.outputShape(piped)).toEqual(keras.outputShape(plain));
      expect(piped.layers.map((layer) => layer.name)).toEqual(plain.layers.map((layer) => layer.name));
    });

    test('is called plain or piped, on a symbolic tensor', () => {
      const input = keras.layerInput({ shape: inputShape });
      const plain = call(input);
      const piped = step()(input);
      expect(piped.shape).toEqual(plain.shape);
      expect(piped.sourceLayer).not.toBe(plain.sourceLayer);
    });
  },
);

test.each(promised.merging)('%s is called plain or piped', (name) => {
  const tensors = [keras.layerInput({ shape: [2] }), keras.layerInput({ shape: [2] })];
  const plain = functionOf(name)(tensors) as keras.SymbolicTensor;
  const piped = (functionOf(name)() as Style)(tensors) as keras.SymbolicTensor;
  expect(piped.shape).toEqual(plain.shape);
});

describe('verbs of models are called plain or piped', () => {
  const [x, y] = [
    [[1], [2]],
    [1, 2],
  ];
  const compiled = () =>
    keras.compile(
      keras.layerDense(keras.kerasModelSequential({ inputShape: [1] }), {
        units: 1,
        kernelInitializer: 'ones',
      }),
      { optimizer: 'sgd', loss: 'mse' },
    );
  const values = (result: unknown): unknown => {
    if (result instanceof keras.tf.Tensor) return result.arraySync();
    if (result instanceof keras.History) return result.metrics;
    return result;
  };
  const quiet = { verbose: 0 };

  test.each<[string, ...unknown[]]>([
    ['fit', x, y, { ...quiet, epochs: 2, shuffle: false }],
    ['evaluate', x, y, quiet],
    ['predict', x, quiet],
    ['predictClasses', x, quiet],
    ['predictProba', x, quiet],
    ['trainOnBatch', x, y],
    ['testOnBatch', x, y],
    ['predictOnBatch', x],
  ])('%s', async (name, ...rest) => {
    const plain = values(await functionOf(name)(compiled(), ...rest));
    const piped = values(await (functionOf(name)(...rest) as Style)(compiled()));
    expect(piped).toEqual(plain);
  });

  test('compile, setWeights and getLayer', () => {
    const model = compiled();
    expect(keras.compile({ loss: 'mse' })(model)).toBe(model);
    expect(keras.setWeights([[[5]], [6]])(model)).toBe(model);
    expect(weightArrays(keras.setWeights(model, [[[7]], [8]]))).toEqual([[[7]], [8]]);
    expect(keras.getLayer('dense')(model)).toBe(keras.getLayer(model, 'dense'));
  });

  test('those of a model alone stand in a pipe as they are', () => {
    const model = compiled();
    expect(keras.pipe(model, keras.countParams)).toBe(2);
    expect(keras.pipe(model, keras.outputShape)).toEqual([null, 1]);
    expect(keras.pipe(model, keras.popLayer)).toBe(model);
  });
});

test('every function whose docs name its counterpart in R is public', () => {
  const internal = /^src\/(setup|engine|fp)\//;
  const named = sourceFiles('src')
    .filter((file) => !internal.test(file))
    .flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
      return source.statements.flatMap((statement) => {
        const see = ts.getJSDocTags(statement).some((tag) => /^@see R keras/.test(tag.getText()));
        if (!see) return [];
        if (ts.isVariableStatement(statement)) {
          return statement.declarationList.declarations.map(({ name }) => name.getText());
        }
        const isValue = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
        return isValue && statement.name !== undefined ? [statement.name.text] : [];
      });
    });
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => !(name in exported))).toEqual([]);
});

test('the index is barrels: what a family exports is listed in its own folder', () => {
  const [first, ...lines] = readFileSync(path.join(root, 'src/index.ts'), 'utf8').trim().split('\n');
  expect(first).toBe("import './base/not-bundled';");
  expect(lines.length).toBeLessThanOrEqual(30);
  // At the end, TensorFlow's library is there, or the import says why not.
  expect(lines.pop()).toBe("import './tfjs/ready';");
  expect(lines.filter((line) => !/^export \* from '\.\/[a-z]+';$/.test(line))).toEqual([]);
});
