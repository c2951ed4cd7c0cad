import {
  bidirectional,
  kerasModel,
  kerasModelSequential,
  layerAdd,
  layerBatchNormalization,
  layerConcatenate,
  layerConv2d,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerGlobalAveragePooling2d,
  layerInput,
  layerLstm,
  layerModel,
  pipe,
  shared,
  type KerasModel,
  type Prediction,
} from '../../../src/index';

type Model = KerasModel<Prediction>;

/** Residual blocks: lines go past boxes. */
export const residual = (blocks: number): Model => {
  const image = layerInput({ shape: [8, 8, 4], name: 'image' });
  let x = image;
  for (let block = 0; block < blocks; block++) {
    const y = pipe(
      x,
      layerConv2d({ filters: 4, kernelSize: 3, padding: 'same' }),
      layerBatchNormalization(),
      layerDropout({ rate: 0.1 }),
    );
    x = layerAdd([x, y]);
  }
  return kerasModel(image, pipe(x, layerGlobalAveragePooling2d(), layerDense({ units: 10, name: 'class' })), {
    name: 'residual',
  });
};

/** A stack of layers. */
export const stack = (layers: number): Model => {
  const model = kerasModelSequential({ name: 'stack', inputShape: [4] });
  for (let layer = 0; layer < layers; layer++) pipe(model, layerDense({ units: 4 }));
  return model;
};

/** Several inputs and outputs, a model in it that is used twice, and one in that. */
export const nested = (): Model => {
  const inner = pipe(
    kerasModelSequential({ name: 'inner' }),
    layerDense({ units: 4, inputShape: [8], trainable: false }),
    layerDropout({ rate: 0.5 }),
  );
  const encoder = pipe(
    kerasModelSequential({ name: 'encoder', inputShape: [8] }),
    layerModel(inner),
    layerDense({ units: 2 }),
  );
  const inputs = ['left', 'right'].map((name) => layerInput({ shape: [8], name }));
  const words = layerInput({ shape: [5], name: 'words', dtype: 'int32' });
  const text = pipe(
    words,
    layerEmbedding({ inputDim: 10, outputDim: 3 }),
    bidirectional(layerLstm({ units: 2 })),
  );
  const twice = layerModel(encoder);
  const all = layerConcatenate([...inputs.map((input) => twice(input)), text]);
  const outputs = [layerDense(all, { units: 3, name: 'class' }), layerDense(all, { units: 1, name: 'age' })];
  return kerasModel([...inputs, words], outputs, { name: 'nested' });
};

/** Shared layers that take what they have given. */
export const loops = (): Model => {
  const input = layerInput({ shape: [4], name: 'input' });
  const one = shared(layerDense({ units: 4, name: 'one' }));
  const other = shared(layerDense({ units: 4, name: 'other' }));
  return kerasModel(input, layerDense(other(one(other(one(one(input))))), { units: 1, name: 'end' }), {
    name: 'loops',
  });
};

/** Layers that take from some of those before them, drawn by a small generator. */
export const tangle = (layers: number, seed: number): Model => {
  let state = seed;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const inputs = [
    layerInput({ shape: [4], name: 'first' }),
    layerInput({ shape: [4], name: 'second_input_with_a_long_name' }),
  ];
  const made = [...inputs];
  const used = new Set<number>();
  const pick = (): number => {
    const place = Math.max(0, made.length - 1 - draw(10));
    used.add(place);
    return place;
  };
  while (made.length < layers) {
    const places = [...new Set(Array.from({ length: 1 + draw(3) }, pick))];
    const taken = places.flatMap((place) => made[place] ?? []);
    const [only] = taken;
    if (taken.length > 1) made.push(layerAdd(taken));
    else if (only !== undefined)
      made.push(layerDense(only, { units: 4, name: `dense_${'x'.repeat(draw(24))}_${made.length}` }));
  }
  const ends = made.filter((_, place) => !used.has(place));
  return kerasModel(inputs, layerConcatenate([...ends, ...inputs]), { name: 'tangle' });
};
