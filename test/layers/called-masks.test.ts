/**
 * Layers and models that are called by hand, on tensors: masks go from one to the next, and `mask` gives another one. The numbers are
 * Keras's, of test/reference/called_masks.py.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  bidirectional,
  callLayer,
  callModel,
  compiledStep,
  createLayerWrapper,
  gradientsOf,
  kerasModel,
  kerasModelSequential,
  KerasLayer,
  layerAdd,
  layerAttention,
  layerBatchNormalization,
  layerActivationSoftmax,
  layerConcatenate,
  layerDense,
  layerDropout,
  layerEmbedding,
  layerFlatten,
  layerGlobalAveragePooling1d,
  layerGru,
  layerInput,
  layerLstm,
  layerMasking,
  layerMultiHeadAttention,
  layerSimpleRnn,
  optimizerSgd,
  pipe,
  timeDistributed,
  tf,
  type Tensor,
} from '../../src/index';
import { tensorCount } from '../support/tensors';
import { distance } from './support';

type Nested = number | readonly Nested[];

/** What test/reference/called_masks.py prints. */
interface Reference {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly embeddings: number[][];
  readonly x: number[][][];
  readonly weights: Readonly<
    Record<'lstm' | 'sequences' | 'simple' | 'both' | 'dense' | 'timed' | 'attention', number[][][]>
  >;
  readonly values: Readonly<Record<string, Nested>>;
  readonly masks: Readonly<Record<string, number[][]>>;
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/called_masks.json'), 'utf8'),
) as Reference; // as its program prints it
const { embeddings, weights, values } = reference;

const ids = tf.tensor2d(reference.ids);
const x = tf.tensor3d(reference.x);
const mask = tf.tensor2d(reference.mask, undefined, 'bool');
const padded = tf.tidy(() => tf.mul(x, tf.cast(tf.expandDims(mask, 2), 'float32')));

const embed = layerEmbedding({ inputDim: 5, outputDim: 3, maskZero: true, weights: [embeddings] });
const lstm = layerLstm({ units: 2, weights: weights.lstm });
const sequences = layerGru({ units: 3, returnSequences: true, weights: weights.sequences });
const simple = layerSimpleRnn({ units: 2, weights: weights.simple });
const both = bidirectional({ layer: layerLstm({ units: 2 }), weights: weights.both });
const dense = layerDense({ units: 3, activation: 'tanh', weights: weights.dense });
const timed = timeDistributed({ layer: layerDense({ units: 2 }), weights: weights.timed });
const heads = { numHeads: 2, keyDim: 2, weights: weights.attention };
const attention = layerMultiHeadAttention(heads);
const dropout = layerDropout({ rate: 0.5 });
const mean = layerGlobalAveragePooling1d();
const input = layerInput({ shape: [5, 3] });
const model = kerasModel(input, layerLstm(input, { units: 2, weights: weights.lstm }));
const stack = pipe(
  kerasModelSequential({ inputShape: [5] }),
  layerEmbedding({ inputDim: 5, outputDim: 3, maskZero: true, weights: [embeddings] }),
  layerGru({ units: 3, returnSequences: true, weights: weights.sequences }),
);

interface Inputs {
  ids: Tensor;
  x: Tensor;
  mask: Tensor;
  padded: Tensor;
}
const inputs: Inputs = { ids, x, mask, padded };
const embedded = (given: Inputs): Tensor => callLayer(embed, given.ids);

const cases: Readonly<Record<string, (given: Inputs) => Tensor>> = {
  'an embedding': (given) => callLayer(lstm, embedded(given)),
  'a masking layer': (given) => callLayer(simple, callLayer(layerMasking(), given.padded)),
  'through layers that hand masks on': (given) =>
    callLayer(lstm, callLayer(dropout, callLayer(dense, callLayer(sequences, embedded(given))))),
  'a mean of the steps that are there': (given) => callLayer(mean, callLayer(dense, embedded(given))),
  'an operation between': (given) => callLayer(lstm, tf.add(embedded(given), 0)),
  'a mask that is given': (given) => callLayer(lstm, given.x, { mask: given.mask }),
  'a mask that is given, instead of that which is there': (given) =>
    pipe(lstm, callLayer(embedded(given), { mask: given.mask })),
  'both directions': (given) => callLayer(both, given.x, { mask: given.mask }),
  'a layer for each step': (given) => callLayer(mean, callLayer(timed, embedded(given))),
  'layers that are merged': (given) =>
    callLayer(mean, callLayer(layerConcatenate(), [embedded(given), given.x])),
  'dot-product attention': (given) => callLayer(layerAttention(), [given.x, embedded(given)]),
  'dot-product attention, with masks that are given': (given) =>
    callLayer(layerAttention(), [given.x, given.x], { mask: [given.mask, tf.reverse(given.mask, 0)] }),
  'causal attention': (given) => callLayer(layerAttention({ useCausalMask: true }), [given.x, given.x]),
  'attention of several heads': (given) => callLayer(attention, [given.x, embedded(given)]),
  'a softmax': (given) =>
    callLayer(layerActivationSoftmax(), given.x.slice([0, 0, 0], [3, 5, 1]).reshape([3, 5]), {
      mask: given.mask,
    }),
  'a model': (given) => callModel(model, embedded(given)),
  'a model, with a mask that is given': (given) => callModel(model, given.x, { mask: given.mask }),
  'out of a model': (given) => callLayer(lstm, callModel(stack, given.ids)),
};

const close = (actual: Tensor, expected: Nested | undefined): void => {
  const wanted = tf.tensor(expected as number[]);
  expect(actual.shape).toEqual(wanted.shape);
  expect(distance(actual, wanted)).toBeLessThan(1e-5);
};

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

describe.each(Object.entries(cases))('%s', (name, run) => {
  test('as it is', () => close(run(inputs), values[name]));

  test.each(['eager', 'compiled'] as const)('in a step, %s', (engine) => {
    const step = compiledStep((given: Inputs) => run(given), { engine });
    close(step(inputs), values[name]);
    expect(step.engine).toBe(engine);
  });
});

describe.each(['eager', 'compiled'] as const)(
  'what a step takes and gives has no masks, as in Keras, %s',
  (engine) => {
    test('into it', () => {
      const step = compiledStep((given: Tensor) => callLayer(lstm, given), { engine });
      close(step(embedded(inputs)), values['into a compiled function']);
    });

    test('out of it', () => {
      const step = compiledStep((given: Tensor) => callLayer(embed, given), { engine });
      close(callLayer(lstm, step(ids)), values['out of a compiled function']);
    });

    test('and in a step inside of it', () => {
      const inner = compiledStep((given: Tensor) => callLayer(lstm, given), { engine });
      const step = compiledStep((given: Tensor) => inner(callLayer(embed, given)), { engine });
      close(step(ids), values['into a compiled function']);
      close(
        compiledStep((given: Tensor) => callLayer(lstm, callLayer(embed, given)), { engine })(ids),
        values['in a compiled function'],
      );
    });
  },
);

test('batch normalization counts the steps that a given mask leaves', () => {
  const normalize = layerBatchNormalization({ momentum: 0.5 });
  close(callLayer(normalize, x, { mask, training: true }), values['batch normalization']);
  const [beta, gamma, kept, spread] = [0, 0, ...(values['what batch normalization keeps'] as number[][])];
  expect([beta, gamma]).toEqual([0, 0]);
  // What it keeps shows where it does not train.
  const wanted = tf.div(
    tf.sub(x, tf.tensor1d(kept as number[])),
    tf.sqrt(tf.add(tf.tensor1d(spread as number[]), 1e-3)),
  );
  close(callLayer(normalize, x), wanted.arraySync());
});

test('the mask goes on with clones of what passes a layer as it is, and is gone with its tensor', () => {
  const passed = callLayer(dropout, embedded(inputs));
  close(callLayer(lstm, passed), values['an embedding']);
  // None is given.
  const [all, none] = [callLayer(lstm, passed, { mask: null }), callLayer(lstm, tf.add(passed, 0))];
  expect(distance(all, none)).toBe(0);
  // The tensor itself keeps the mask that it came with.
  close(callLayer(lstm, passed), values['an embedding']);
});

test('a layer of one’s own gets the mask, by its name and from before', () => {
  const seen: (number[][] | null)[] = [];
  class Looking extends KerasLayer {
    override call(given: Tensor, options: { mask: Tensor | null }) {
      seen.push(options.mask === null ? null : (options.mask.arraySync() as number[][]));
      return tf.mul(given, 2);
    }
  }
  const looking = createLayerWrapper(Looking)();
  callLayer(looking, x, { mask });
  callLayer(looking, embedded(inputs));
  callLayer(looking, x);
  expect(seen.slice(-3)).toEqual([reference.mask, reference.masks['an embedding'], null]);
});

test('inner layers take masks of several inputs, and the options of a call', () => {
  class Attending extends KerasLayer {
    attend = this.addLayer(layerAttention());
    causal = this.addLayer(layerAttention({ useCausalMask: true }));
    override call([query, given]: [Tensor, Tensor]) {
      return [
        this.attend([query, query], { mask: [given, tf.reverse(given, 0)] }),
        this.causal([query, query]),
      ];
    }
  }
  const [attended, causal] = callLayer<[Tensor, Tensor]>(createLayerWrapper(Attending)(), [x, mask]);
  close(attended, values['dot-product attention, with masks that are given']);
  close(causal, values['causal attention']);
});

test('several outputs come as a list, with their masks', () => {
  const [output, h, c] = callLayer<[Tensor, Tensor, Tensor]>(
    layerLstm({ units: 2, weights: weights.lstm, returnState: true }),
    embedded(inputs),
  );
  close(output, values['an embedding']);
  expect([h.shape, c.shape]).toEqual([[3, 2], [3, 2]]); // prettier-ignore
  const [, scores] = callLayer<[Tensor, Tensor]>(layerAttention({ returnAttentionScores: true }), [x, x]);
  expect(scores.shape).toEqual([3, 5, 5]);
});

test('layers of a model, with their weights, train in a compiled step', () => {
  const run = (engine: 'eager' | 'compiled'): unknown[] => {
    const [first, second] = [
      tf.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, weights: [tf.tensor2d(embeddings)] }),
      pipe(kerasModelSequential(), layerLstm({ units: 2, inputShape: [5, 3], weights: weights.lstm }))
        .layers[0],
    ] as const;
    const optimizer = optimizerSgd({ learningRate: 0.5 });
    const step = compiledStep(
      (given: Tensor) => {
        const gradients = gradientsOf(
          () => tf.mean(tf.square(callLayer(second as never, callLayer(first, given)))),
          second as never,
        );
        optimizer.apply(gradients);
        return gradients.loss;
      },
      { engine },
    );
    const losses = [step(ids), step(ids), step(ids)].map((loss) => loss.arraySync() as number);
    expect(step.engine).toBe(engine);
    expect(losses[2]).toBeLessThan(losses[0] as number);
    return losses;
  };
  const [eager, compiled] = [run('eager'), run('compiled')];
  compiled.forEach((loss, index) => expect(loss).toBeCloseTo(eager[index] as number, 5));
});

test('nothing leaks but the output and its mask', () => {
  const made = (run: () => unknown): number => {
    run();
    const before = tensorCount();
    run();
    return tensorCount() - before;
  };
  expect(made(() => callLayer(embed, ids))).toBe(2);
  expect(made(() => callLayer(dense, x))).toBe(1);
  expect(made(() => callLayer(dense, x, { mask }))).toBe(1);
});

test('mistakes', () => {
  const wrong =
    (...args: unknown[]) =>
    (): unknown =>
      Reflect.apply(callLayer, undefined, args);
  expect(wrong(lstm, x, { mask: 5 })).toThrow(
    /^callLayer: `mask` must be a tensor, \[batch, steps\], a list of them, one for each input, or null\. Received: 5/,
  );
  expect(wrong(lstm, x, { mask: tf.ones([3, 4]) })).toThrow(
    /^callLayer: `mask` must have a truth value for each step of the input, whose shape is \[3, 5, 3\]\. Received: shape \[3, 4\]/,
  );
  expect(wrong(lstm, x, { mask: [mask, mask] })).toThrow(
    /^callLayer: there must be no more masks than inputs, 1\. Received: 2/,
  );
  expect(wrong(layerFlatten(), x, { mask })).toThrow(
    /^callLayer: `mask` must be left out for layer 'flatten', which takes no mask/,
  );
  expect(() => callModel(model, x, { mask: [mask, null] })).toThrow(
    /^callModel: there must be no more masks than inputs, 1/,
  );
  expect(callLayer(layerAdd(), [x, x], { mask: [mask, null] }).shape).toEqual([3, 5, 3]);
});
