import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compile, kerasModelSequential, layerDense, optimizerSgd, pipe } from '../../src/index';
import { ownerOfOptimizer, StateKey } from '../../src/models/state';

const value = (name: string, freed: string[]) => ({ dispose: () => void freed.push(name) });
const ofCompilation = new StateKey('of the compilation', ['compilation']);
const ofLayers = new StateKey('of the layers', ['layers']);
const ofModel = new StateKey('of the model', []);
const one = () => pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [1] }));

describe('what is kept with a model', () => {
  test('goes with what it depends on', () => {
    const freed: string[] = [];
    const model = one();
    const { state } = model;
    for (const key of [ofCompilation, ofLayers, ofModel]) state.keep(key, value(key.name, freed));
    compile(model, { loss: 'mse' });
    expect(freed).toEqual(['of the compilation']);
    layerDense(model, { units: 1 });
    expect(freed).toEqual(['of the compilation', 'of the layers']);
    expect(state.kept(ofLayers)).toBeUndefined();
    model.dispose();
    expect(freed).toEqual(['of the compilation', 'of the layers', 'of the model']);
  });

  test('is replaced under its key, and the one before is freed; the same one stays', () => {
    const freed: string[] = [];
    const state = one().state;
    const first = state.keep(ofModel, value('first', freed));
    expect(state.keep(ofModel, first)).toBe(first);
    expect(freed).toEqual([]);
    const second = state.keep(ofModel, value('second', freed));
    expect([freed, state.kept(ofModel)]).toEqual([['first'], second]);
    state.drop(ofModel);
    state.drop(ofModel);
    expect([freed, state.kept(ofModel)]).toEqual([['first', 'second'], undefined]);
  });
});

test('the functions that work with a model are known from their begin to their end', () => {
  const state = one().state;
  const ends = ['fit', 'predict', 'predict'].map((name) => state.beginRun(name));
  expect(state.runs).toEqual(['fit', 'predict', 'predict']);
  ends[1]?.();
  ends[1]?.();
  expect(state.runs).toEqual(['fit', 'predict']);
  ends[0]?.();
  ends[2]?.();
  expect(state.runs).toEqual([]);
});

test('an optimizer has the owner that is compiled with it', () => {
  const optimizer = optimizerSgd();
  expect(ownerOfOptimizer(optimizer)).toBeUndefined();
  const model = compile(one(), { optimizer, loss: 'mse' });
  expect(ownerOfOptimizer(optimizer)).toBe(model);
  compile(model, { optimizer: 'sgd', loss: 'mse' });
  expect(ownerOfOptimizer(optimizer)).toBeUndefined();
  compile(model, { optimizer, loss: 'mse' });
  model.dispose();
  expect(ownerOfOptimizer(optimizer)).toBeUndefined();
});

test('models are no keys of maps elsewhere: what belongs to a model is in its state', () => {
  const root = path.join(__dirname, '../../src');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const telling = /Weak(Map|Set)<(KerasModel|SequentialModel|FunctionalModel|Compilation)\b/;
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => telling.test(readFileSync(path.join(root, file), 'utf8')))).toEqual([]);
});
