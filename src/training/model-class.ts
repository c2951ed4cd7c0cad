import {
  callMethod,
  className,
  classOptions,
  method,
  takeFields,
  type Fields,
  type Method,
  type OptionsArgument,
} from '../base/class-definition';
import { checkOptions, checkThat, layerName, optional, required, type OptionChecks } from '../base/checks';
import { describe, KerasArgumentError } from '../base/errors';
import { asFunction, refuseSurplus } from '../base/function-name';
import type { CallArguments } from '../layers/keras-layer';
import type { Tensor } from '../tfjs/tensorflow';
import {
  CustomModel,
  type CustomModelOptions,
  type PredictedData,
  type StepData,
  type StepLogs,
} from './custom-model';

/** A model of a class that {@link newModelClass} made, with the fields that `initialize` returned. */
type Self<Options extends object, Made> = CustomModel<Options> & Fields<Made>;

/** What {@link newModelClass} makes a class of. */
export interface ModelClassDefinition<Options extends object, Made, Inputs extends Tensor | Tensor[]> {
  /** The name of the class; models are called after it, as layers are. */
  readonly classname: string;
  /** Called with the options that the model is made with; what it returns, its layers for example, is on `this`. */
  readonly initialize?: ((this: CustomModel<Options>, options: Options) => Made) | undefined;
  /** The outputs for the inputs. A model that is only trained by a `trainStep` of its own needs none. */
  readonly call?:
    ((this: Self<Options, Made>, inputs: Inputs, options: CallArguments) => Tensor | Tensor[]) | undefined;
  /** One step of training: changes weights, and returns what is told of the batch. */
  readonly trainStep?: ((this: Self<Options, Made>, data: StepData) => StepLogs) | undefined;
  /** One step of an evaluation: returns what is told of the batch. */
  readonly testStep?: ((this: Self<Options, Made>, data: StepData) => StepLogs) | undefined;
  /** The predictions for the input. */
  readonly predictStep?: ((this: Self<Options, Made>, x: Tensor) => Tensor) | undefined;
  /** The loss of a batch, for steps that are not one's own; that of `compile` by default. */
  readonly computeLoss?: ((this: Self<Options, Made>, data: PredictedData) => Tensor) | undefined;
  /** What a batch tells besides its loss; the metrics of `compile` by default. */
  readonly computeMetrics?: ((this: Self<Options, Made>, data: PredictedData) => StepLogs) | undefined;
  /** What is in the model's configuration besides its name; its options by default. */
  readonly getConfig?: ((this: Self<Options, Made>) => Readonly<Record<string, unknown>>) | undefined;
}

const stepChecks = {
  call: optional(method),
  trainStep: optional(method),
  testStep: optional(method),
  predictStep: optional(method),
  computeLoss: optional(method),
  computeMetrics: optional(method),
} satisfies OptionChecks;

const classChecks = {
  classname: required(className),
  initialize: optional(method),
  getConfig: optional(method),
  ...stepChecks,
} satisfies OptionChecks;

/**
 * A class of models of one's own, by its methods, as the function that makes such models. `initialize` gets the options and returns the
 * layers, `call` applies them, and `trainStep`, `testStep` and `predictStep` say what `fit`, `evaluate` and `predict` do for a batch, if
 * it is something else. `this` is the model, with what {@link CustomModel} has: `addLayer`, `optimizer`, `computeLoss`.
 *
 * @throws KerasArgumentError if the name is missing, or if there is neither a `call` nor a step.
 * @example
 * const modelAutoencoder = newModelClass({
 *   classname: 'Autoencoder',
 *   initialize({ units }: { units: number }) {
 *     return { encode: this.addLayer(layerDense({ units })), decode: this.addLayer(layerDense({ units: 4 })) }
 *   },
 *   call(x: tf.Tensor) {
 *     return this.decode(this.encode(x))
 *   },
 * })
 * const model = pipe(modelAutoencoder({ units: 2 }), compile({ loss: 'mse' }))
 * const x = tf.ones([8, 4])
 * await fit(model, x, x, { epochs: 2, verbose: 0 })
 * assert.deepStrictEqual(outputShape(model), [null, 4])
 * assert.strictEqual(countParams(model), 4 * 2 + 2 + 2 * 4 + 4)
 * @see R keras `new_model_class`
 */
export const newModelClass = <
  Options extends object = object,
  Made = unknown,
  Inputs extends Tensor | Tensor[] = Tensor,
>(
  definition: ModelClassDefinition<Options, Made, Inputs>,
  ...surplus: []
): ((...options: OptionsArgument<Options & CustomModelOptions>) => Self<Options, Made>) => {
  refuseSurplus('newModelClass', ['definition'], surplus);
  const { classname, initialize, getConfig, ...methods } = checkOptions(
    'newModelClass',
    definition,
    classChecks,
  );
  if (Object.keys(methods).length === 0) {
    throw new KerasArgumentError({
      function: 'newModelClass',
      argument: 'call',
      expected: 'a class must have a `call`, or steps of its own',
      received: describe(definition),
      advice: 'Write newModelClass({ classname, initialize() { … }, call(x) { … } })',
    });
  }
  class OfMethods extends CustomModel {
    protected override get classname(): string {
      return classname;
    }
    constructor(options: object) {
      super(options);
      if (initialize !== undefined)
        takeFields(this, callMethod(initialize, this, this.options), { by: 'initialize', kind: 'models' });
    }
  }
  const all = { ...methods, ...(getConfig === undefined ? {} : { getConfig }) };
  for (const [name, given] of Object.entries<Method>(all)) {
    Object.assign(OfMethods.prototype, {
      [name](this: CustomModel, ...args: unknown[]) {
        return callMethod(given, this, ...args);
      },
    });
  }
  const make = (options?: object, ...more: unknown[]): Self<Options, Made> => {
    refuseSurplus(classname, ['options'], more);
    const given = classOptions(classname, options);
    return asFunction(classname, () => new OfMethods(given)) as unknown as Self<Options, Made>; // with the fields taken
  };
  return Object.assign(make, { modelClass: OfMethods });
};

/** What {@link kerasModelCustom} makes a model of: called with the model, once, it returns the model's `call`. */
export type ModelFn<Inputs extends Tensor | Tensor[] = Tensor> = (
  self: CustomModel,
) => (inputs: Inputs, options: CallArguments) => Tensor | Tensor[];

const modelFunctionCheck = checkThat(
  'a function of the model that returns its `call`',
  (value): value is Method => typeof value === 'function',
);

/**
 * A model of one's own, of one function: it adds layers to the model, and returns the function that applies them.
 *
 * @throws KerasArgumentError if it is no function, or returns none.
 * @example
 * const model = kerasModelCustom((self) => {
 *   const [hidden, out] = [self.addLayer(layerDense({ units: 4 })), self.addLayer(layerDense({ units: 1 }))]
 *   return (x) => out(tf.relu(hidden(x)))
 * })
 * pipe(model, compile({ loss: 'mse' }))
 * await fit(model, [[1], [2]], [1, 2], { epochs: 1, verbose: 0 })
 * assert.strictEqual(countParams(model), 13)
 * @see R keras `keras_model_custom`
 */
export const kerasModelCustom = <Inputs extends Tensor | Tensor[] = Tensor>(
  modelFn: ModelFn<Inputs>,
  options?: CustomModelOptions,
  ...surplus: []
): CustomModel => {
  refuseSurplus('kerasModelCustom', ['modelFn', 'options'], surplus);
  const checked = checkOptions(
    'kerasModelCustom',
    { modelFn, ...options },
    {
      modelFn: required(modelFunctionCheck),
      name: optional(layerName),
    },
  );
  class Model extends CustomModel {
    private readonly compute: Method;
    constructor() {
      super(checked.name === undefined ? {} : { name: checked.name });
      const compute = callMethod(checked.modelFn, undefined, this);
      if (typeof compute !== 'function') {
        throw new KerasArgumentError({
          argument: 'modelFn',
          expected: '`modelFn` must return the function that applies the layers',
          received: describe(compute),
          advice:
            'Write kerasModelCustom((self) => { const dense = self.addLayer(layerDense({ units: 1 })); return (x) => dense(x) })',
        });
      }
      this.compute = compute as Method;
    }
    override call(inputs: Tensor | Tensor[], given: CallArguments): Tensor | Tensor[] {
      return callMethod(this.compute, this, inputs, given) as Tensor; // what it gives is checked
    }
  }
  return asFunction('kerasModelCustom', () => new Model());
};
