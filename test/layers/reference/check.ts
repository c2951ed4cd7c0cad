/** Compares layers with Keras's numbers, by themselves and in both engines: see test/reference/layers.py. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { layers } from '@tensorflow/tfjs';
import * as all from '../../../src/index';
import { tf, type SymbolicTensor, type Tensor } from '../../../src/index';
import { expectConfig, savedConfig } from './configs';
import { applyCase } from './apply';
import { BATCH, casesOf, inputsOf, masksOf, titleOf, upstreamOf, weightsOf, type Case } from './cases';

const { compile, countParams, fit, kerasModel, layerInput, layerTf, lossOfWeights, pipe, predict } = {
  ...all,
  /** The sum of the outputs times the labels: its gradient is the labels. */
  lossOfWeights: (labels: Tensor, output: Tensor) => tf.sum(tf.mul(labels, output)),
};

/** Adds a weight of the shape of a batch, zeros: its gradient is that of the input. Masks come from here, too. */
class Offset extends tf.layers.Layer {
  static readonly className = 'Offset';
  private offset: ReturnType<layers.Layer['addWeight']> | undefined;

  constructor(
    private readonly isFloat: boolean,
    private readonly mask: boolean[][] | null,
  ) {
    super({});
    this.supportsMasking = true;
  }

  override build(shape: (number | null)[]): void {
    if (this.isFloat) {
      this.offset = this.addWeight('offset', [BATCH, ...shape.slice(1)], 'float32', tf.initializers.zeros());
    }
    super.build(shape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = [inputs].flat()[0] as Tensor; // it takes one
    return this.offset === undefined ? tf.clone(x) : tf.add(x, this.offset.read());
  }

  override computeMask(): Tensor {
    return (this.mask === null ? null : tf.tensor2d(this.mask, undefined, 'bool')) as Tensor; // tfjs takes no mask for null
  }
}

/** Ends the masks, which would count for the loss. */
class Unmasked extends tf.layers.Layer {
  static readonly className = 'Unmasked';

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.clone([inputs].flat()[0] as Tensor); // it takes one
  }
}

/** Numbers of float32: 1e-5 of the largest of the expected ones, or of 1. */
export const expectClose = (actual: Tensor | undefined, expected: readonly number[] | undefined): void => {
  const values = [...(actual?.dataSync() ?? [])];
  expect(values).toHaveLength(expected?.length ?? NaN);
  const largest = Math.max(1, ...(expected ?? []).map(Math.abs));
  const differences = values.map((value, index) => Math.abs(value - (expected?.[index] ?? NaN)));
  const worst = Math.max(...differences);
  if (!(worst <= 1e-5 * largest)) expect({ values, worst }).toEqual({ values: expected, worst: 0 });
};

type Layer = layers.Layer;

interface Made {
  readonly model: ReturnType<typeof kerasModel>;
  readonly layer: Layer;
  readonly offsets: readonly Layer[];
}

const typeOf = ({ ids, bools = [] }: Case, index: number): 'float32' | 'int32' | 'bool' =>
  bools.includes(index) ? 'bool' : ids === undefined ? 'float32' : 'int32';

/** What Keras takes at the call. */
const CALL_OPTIONS = ['useCausalMask', 'returnAttentionScores'];

/** A model of the layer alone, with the weights of the case. */
const modelOf = (one: Case): Made => {
  const types = one.inputs.map((_, index) => typeOf(one, index));
  const inputs = one.inputs.map((shape, index) => layerInput({ shape, dtype: types[index] }));
  const shifted = inputs.map((input, index) =>
    pipe(input, layerTf(new Offset(types[index] === 'float32', one.masks?.[index] ?? null))),
  );
  const outputs = applyCase(one, shifted);
  const layer = (outputs[0] as SymbolicTensor).sourceLayer;
  layer.setWeights(weightsOf(layer.weights));
  return {
    model: kerasModel(
      inputs,
      outputs.map((output) => layerTf(output, new Unmasked({}))),
    ),
    layer,
    offsets: shifted.map(({ sourceLayer }) => sourceLayer),
  };
};

/** One step of gradient descent at the rate of 1: what the weights lose is their gradient. */
const expectGradients = async (one: Case, engine: 'eager' | 'compiled'): Promise<void> => {
  const { model, layer, offsets } = modelOf(one);
  const before = layer.trainableWeights.map((weight) => tf.clone(weight.read()));
  compile(model, { optimizer: all.optimizerSgd({ learningRate: 1 }), loss: lossOfWeights });
  await fit(model, inputsOf(one), upstreamOf(one), { epochs: 1, batchSize: BATCH, shuffle: false, verbose: 0, engine }); // prettier-ignore
  layer.trainableWeights.forEach((weight, index) =>
    expectClose(tf.sub(before[index] as Tensor, weight.read()), one.weightGradients[index]),
  );
  expect(layer.trainableWeights).toHaveLength(one.weightGradients.length);
  const shifts = offsets.flatMap(({ weights }) => weights);
  expect(shifts).toHaveLength(one.inputGradients.length);
  shifts.forEach((shift, index) => expectClose(tf.neg(shift.read()), one.inputGradients[index]));
  one.state?.forEach((state, index) => expectClose(layer.nonTrainableWeights[index]?.read(), state));
};

/** What a layer puts out, applied by itself. */
const applied = (layer: Layer, one: Case): Tensor[] => {
  const inputs = inputsOf(one);
  const masks = masksOf(one);
  const options = {
    training: one.training,
    ...Object.fromEntries(Object.entries(one.options).filter(([option]) => CALL_OPTIONS.includes(option))),
    ...(masks === undefined ? {} : { mask: one.many === true && one.states !== true ? masks : masks[0] }),
  };
  return [layer.apply(one.many === true ? inputs : (inputs[0] as Tensor), options)].flat() as Tensor[];
};

/** The tests of a group's cases. */
export const checkGroup = (group: string, version: 'layers' | 'keras3/layers' = 'layers'): void => {
  const cases = casesOf(group, version).map((one) => [titleOf(one), one] as const);

  // For scripts/keras-configs.js, which has Keras read them.
  const folder = process.env['KERAS_PIPE_CONFIGS'];
  if (folder !== undefined && version === 'layers') {
    test('writes its configurations', () => {
      const configs = cases.map(([, one]) => {
        const { layer } = modelOf(one);
        return { class: one.class, config: savedConfig(layer), keras: one.config };
      });
      writeFileSync(path.join(folder, `${group}.json`), JSON.stringify(configs));
    });
  }

  describe.each(cases)('%s', (_title, one) => {
    test('has the shape, the parameters and the configuration of Keras’s', () => {
      const { model, layer } = modelOf(one);
      expect(layer.getClassName()).toBe(one.class);
      expect(model.tf.outputs.map(({ shape }) => shape.slice(1))).toEqual(one.shapes);
      expect(model.tf.outputs.map(({ shape }) => shape[0])).toEqual(one.shapes.map(() => null));
      expect(layer.countParams()).toBe(one.params);
      expect(countParams(model)).toBe(
        one.params + one.inputGradients.reduce((sum, { length }) => sum + length, 0),
      );
      expectConfig(layer, one.config);
    });

    test('puts out Keras’s numbers', async () => {
      const { model, layer } = modelOf(one);
      applied(layer, one).forEach((output, index) => expectClose(output, one.outputs[index]));
      if (one.training === true) return;
      const predicted = [await predict(model, inputsOf(one), { batchSize: BATCH })].flat() as Tensor[];
      predicted.forEach((output, index) => expectClose(output, one.outputs[index]));
    });

    const trained = one.training === false ? [] : (['eager', 'compiled'] as const);
    for (const engine of trained) {
      test(`has Keras’s gradients, ${engine}`, () => expectGradients(one, engine));
    }
  });
};
