/** Sequences with padding: a layer sees the steps that are there only. Expected values are Keras's, see test/reference. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerConcatenate,
  layerEmbedding,
  layerInput,
  layerLstm,
  layerModel,
  pipe,
  predictOnBatch,
  type SymbolicTensor,
} from 'keras-pipe';
import { applyModel } from '../../src/tfjs/run-graph';
import { tf } from '../../src/tfjs/tensorflow';
import { tensorCount } from '../support/tensors';
import { mergeRows, rows } from './table';

/** What test/reference/masks.py prints, as far as it is read here. */
interface Reference {
  readonly ids: number[][];
  readonly embeddings: number[][];
  readonly nested: { readonly lstm: number[][][]; readonly prediction: number[][] };
  readonly merged: { readonly other: number[][]; readonly masks: Readonly<Record<string, number[][]>> };
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/masks.json'), 'utf8'),
) as Reference; // as its program prints it
const { ids, embeddings, nested, merged } = reference;

const embedding = (maskZero = true) =>
  layerEmbedding({ inputDim: 5, outputDim: 2, maskZero, weights: [embeddings] });

const closeTo = (actual: number[][], expected: number[][]): void => {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  actual.flat().forEach((value, index) => expect(value).toBeCloseTo(expected.flat()[index] ?? NaN, 5));
};

describe('a mask comes out of an inner model', () => {
  const lstm = () => layerLstm({ units: 3, weights: nested.lstm });
  const first = () => pipe(kerasModelSequential({ inputShape: [null] }), embedding());
  const models = {
    'that is Sequential': () => pipe(kerasModelSequential(), layerModel(first()), lstm()),
    'in an inner model': () =>
      pipe(kerasModelSequential(), layerModel(pipe(kerasModelSequential(), layerModel(first()))), lstm()),
    'that is a graph': () => {
      const [inner, input] = [layerInput({ shape: [null] }), layerInput({ shape: [null] })];
      return kerasModel(input, pipe(input, layerModel(kerasModel(inner, embedding()(inner))), lstm()));
    },
  };
  test.each(Object.entries(models))('%s', (_, make) => {
    const model = make();
    const padded = predictOnBatch(model, ids).arraySync() as number[][];
    closeTo(padded, nested.prediction);
    const [row = []] = ids;
    const unpadded = predictOnBatch(model, [row.filter((id) => id !== 0)]).arraySync() as number[][];
    closeTo(unpadded, [padded[0] ?? []]);
  });

  test('also once predictions of its shape are compiled', () => {
    const model = models['in an inner model']();
    for (let call = 0; call < 25; call++) predictOnBatch(model, ids).dispose();
    const before = tensorCount();
    const prediction = predictOnBatch(model, ids);
    closeTo(prediction.arraySync() as number[][], nested.prediction);
    prediction.dispose();
    expect(tensorCount()).toBe(before);
  });
});

describe('a merging layer', () => {
  const maskOf = (merge: (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor, maskRight: boolean) => {
    const [left, right] = [layerInput({ shape: [null] }), layerInput({ shape: [null] })];
    const model = kerasModel([left, right], merge(embedding()(left), embedding(maskRight)(right)));
    return tf.tidy(() => {
      const { masks } = applyModel(model.tf, [tf.tensor2d(ids), tf.tensor2d(merged.other)], false);
      return masks[0]?.arraySync();
    });
  };
  const concatenate = (axis: number) => (a: SymbolicTensor, b: SymbolicTensor) =>
    layerConcatenate([a, b], { axis });

  test.each<[string, Parameters<typeof maskOf>[0], boolean]>([
    ['add', (a, b) => layerAdd([a, b]), true],
    ['add plain', (a, b) => layerAdd([a, b]), false],
    ['concatenate -1', concatenate(-1), true],
    ['concatenate -1 plain', concatenate(-1), false],
    ['concatenate 1', concatenate(1), true],
    ['concatenate -2', concatenate(-2), true],
  ])('gives the mask that Keras gives: %s', (name, merge, maskRight) => {
    expect(maskOf(merge, maskRight)).toEqual(merged.masks[name]);
  });

  test('joins steps with a mask and steps without one', () => {
    const mask = ids.map((row) => row.map((id) => Number(id !== 0)));
    expect(maskOf(concatenate(1), false)).toEqual(mask.map((row) => [...row, 1, 1, 1, 1, 1]));
  });
});

describe('a mask passes the layers that it passes in Keras', () => {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(path.join(__dirname, '../reference', name), 'utf8'));
  const masksOf = (name: string): Record<string, boolean> =>
    (read(`keras3/${name}.json`) as { masks: Record<string, boolean> }).masks; // as its program prints it
  const passes = {
    ...(read('masking.json') as Record<string, boolean>), // as test/reference/masking.py prints it
    // Layers that are as Keras 3 has them.
    ...masksOf('normalization'),
    ...masksOf('spectrograms'),
    ...masksOf('mel_spectrograms'),
  };
  // A layer of tfjs's own is as tfjs has it.
  const single = rows
    .filter(({ functionName }) => functionName !== 'layerTf')
    .map(
      ({ functionName, about = '', input, plain }) =>
        [`${functionName} ${about}`, () => plain(layerInput({ shape: input }))] as const,
    );
  const merging = mergeRows.map(
    ({ functionName, inputs, plain }) =>
      [functionName, () => plain(inputs.map((shape) => layerInput({ shape })))] as const,
  );

  test.each([...single, ...merging])('%s', (_, make) => {
    const { sourceLayer: layer } = make();
    const name = layer.getClassName();
    expect(Object.keys(passes)).toContain(name);
    // An embedding makes a mask, or none.
    const expected = name === 'Embedding' ? layer.getConfig()['maskZero'] === true : passes[name];
    expect((layer.supportsMasking as boolean | undefined) ?? false).toBe(expected); // undefined in some of tfjs's
  });
});
