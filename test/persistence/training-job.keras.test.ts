/** Which models Python's Keras can train. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as all from '../../src/index';
import {
  compile,
  createLayerWrapper,
  customMetric,
  exportTrainingJob,
  KerasArgumentError,
  kerasModel,
  kerasModelSequential,
  KerasStateError,
  layerActivationThresholdedRelu,
  layerDense,
  layerInput,
  layerLambda,
  layerRmsNormalization,
  newModelClass,
  optimizerAdam,
  pipe,
  tf,
  type KerasModel,
  type Tensor,
} from '../../src/index';
import { kerasVersionsOf } from '../../src/persistence/internal/training-job/keras-versions';
import { Scaled } from './own-classes';
import { compiled, exported, place, useFolder, x, y } from './support/training-job';

useFolder();

describe('what Python does not know', () => {
  const layerScaled = createLayerWrapper(Scaled);
  const dense = () => layerDense({ units: 2, inputShape: [3] });
  const models: Readonly<Record<string, readonly [() => KerasModel, RegExp]>> = {
    'a layer of a class of its own': [
      () => pipe(kerasModelSequential(), dense(), layerScaled({ by: 2 }), compile({ loss: 'mse' })),
      /the class Scaled of the layer 'scaled'/,
    ],
    'a layer of a function': [
      () =>
        pipe(
          kerasModelSequential(),
          dense(),
          layerLambda({ f: (one: Tensor) => tf.neg(one) }),
          compile({ loss: 'mse' }),
        ),
      /Received: /,
    ],
    'an activation of its own': [
      () => {
        const wave = (one: Tensor): Tensor => tf.sin(one);
        return pipe(
          kerasModelSequential(),
          layerDense({ units: 2, inputShape: [3], activation: wave, name: 'waves' }),
          compile({ loss: 'mse' }),
        );
      },
      /the function wave of the layer 'waves'/,
    ],
    'a loss of its own': [
      () => {
        const cubic = (a: Tensor, b: Tensor): Tensor => tf.mean(tf.pow(tf.abs(tf.sub(a, b)), 3), -1);
        return pipe(kerasModelSequential(), dense(), compile({ loss: cubic }));
      },
      /the function cubic of what compile\(\) was given/,
    ],
    'a loss without a name': [
      () => {
        const [nameless] = [(a: Tensor, b: Tensor) => tf.abs(tf.sub(a, b))];
        return pipe(kerasModelSequential(), dense(), compile({ loss: nameless as () => Tensor }));
      },
      /Python’s Keras must know all that the model is made of.*a function without a name as the loss/,
    ],
    'a metric of its own': [
      () =>
        pipe(
          kerasModelSequential(),
          dense(),
          compile({
            loss: 'mse',
            metrics: [customMetric('largest', (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b)), -1))],
          }),
        ),
      /the function largest of what compile\(\) was given/,
    ],
    'a learning rate that is a function of its own': [
      () => {
        const slower = (step: number): number => 0.1 / (1 + step);
        return pipe(
          kerasModelSequential(),
          dense(),
          compile({ optimizer: optimizerAdam({ learningRate: slower }), loss: 'mse' }),
        );
      },
      /the function slower of what compile\(\) was given/,
    ],
    'a model of a class of its own': [
      () => {
        const Doubled = newModelClass({
          classname: 'Doubled',
          initialize() {
            return { dense: this.addLayer(layerDense({ units: 2 })) };
          },
          call(one: Tensor) {
            return tf.mul(this.dense(one), 2);
          },
        });
        return pipe(Doubled(), compile({ loss: 'mse' }));
      },
      /the class Doubled/,
    ],
    'what no version of Keras has both of': [
      () =>
        pipe(
          kerasModelSequential(),
          dense(),
          layerRmsNormalization(),
          layerActivationThresholdedRelu(),
          compile({ loss: 'mse' }),
        ),
      /RMSNormalization, which Keras 2 does not know, beside ThresholdedReLU, which Keras 3 does not know/,
    ],
  };

  test.each(Object.entries(models))('%s is refused with the reason', async (_, [make, message]) => {
    const promise = exportTrainingJob(make(), [x, y], { folder: place() });
    await expect(promise).rejects.toThrow(KerasArgumentError);
    await expect(promise).rejects.toThrow(message);
    expect(readdirSync(place('.'))).toEqual([]);
  });

  test('a model that is not compiled, or has an output without a loss', async () => {
    const plain = pipe(kerasModelSequential(), dense());
    await expect(exportTrainingJob(plain, [x, y], { folder: place() })).rejects.toThrow(KerasStateError);
    const input = layerInput({ shape: [3] });
    const two = pipe(
      kerasModel(input, [
        layerDense(input, { units: 2, name: 'p' }),
        layerDense(input, { units: 2, name: 'q' }),
      ]),
      compile({ optimizer: 'sgd', loss: ['mse', null] }),
    );
    await expect(exportTrainingJob(two, { x, y: { p: y } } as never, { folder: place() })).rejects.toThrow(
      /each output must have a loss. Received: the output 'q'/,
    );
  });

  test('what Keras 3 alone knows has a file for Keras 3 alone', async () => {
    const model = pipe(kerasModelSequential(), dense(), layerRmsNormalization(), compile({ loss: 'mse' }));
    expect((await exported(model, [x, y])).keras).toEqual([3]);
    expect(readdirSync(place())).not.toContain('model.h5');
    const late = pipe(
      kerasModelSequential(),
      layerDense({ units: 2, inputShape: [3], activation: 'squareplus' }),
      compile({ loss: 'mse' }),
    );
    expect((await exported(late, [x, y], { overwrite: true })).keras).toEqual([3]);
  });

  test('unknown strategies and options', async () => {
    await expect(
      exportTrainingJob(compiled(), [x, y], { strategy: 'multi_worker_mirored' as 'ray' }),
    ).rejects.toThrow(/`strategy` must be one of 'multi_worker_mirrored', 'ray'.*Did you mean/s);
    await expect(exportTrainingJob(compiled(), [x, y], { epoch: 3 } as never)).rejects.toThrow(
      KerasArgumentError,
    );
  });
});

describe('which version of Keras knows what', () => {
  type Names = Readonly<Record<string, readonly string[]>>;
  const namesIn = (file: string): Set<string> => {
    const names = JSON.parse(readFileSync(path.join(__dirname, '../reference', file), 'utf8')) as Names;
    return new Set(Object.values(names).flat());
  };
  const [old, late] = [namesIn('names.json'), namesIn('keras3/names.json')];
  // Names are in Keras 3's words, in which this one is a function that Keras 2 has not; what it has is written as layers there.
  old.delete('hard_sigmoid');
  const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');
  const FAMILY =
    /^(?:layer|layerActivation|loss|metric|optimizer|learningRateSchedule|initializer|constraint|regularizer|activation)([A-Z]\w*)$/;
  const here = new Set(
    Object.keys(all).flatMap((name) => {
      const found = FAMILY.exec(name)?.[1];
      return found === undefined
        ? []
        : [plain(found), `${plain(found)}constraint`, `${plain(found)}regularizer`];
    }),
  );
  const names = [...new Set([...old, ...late])].filter((name) => here.has(plain(name)));

  test('the names that this library has, too', () => {
    expect(names.length).toBeGreaterThan(250);
  });

  test.each(names.map((name) => [name]))('%s', (name) => {
    const versions = [...(old.has(name) ? [2] : []), ...(late.has(name) ? [3] : [])];
    expect([name, kerasVersionsOf(name)]).toEqual([name, versions]);
  });
});
