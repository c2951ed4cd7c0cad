import type { LayersModel } from '@tensorflow/tfjs';
import { snakeCase } from '../base/class-definition';
import { checkOptions, layerName, optional } from '../base/checks';
import { KerasStateError } from '../base/errors';
import type { AddMetricOptions, AddWeightOptions, CallArguments } from '../layers/keras-layer';
import { KerasLayer } from '../layers/keras-layer';
import type { InputType } from '../layers/internal/options';
import type { SubLayer, SubLayerSource } from '../layers/internal/sublayer';
import { savedOptions } from '../layers/internal/custom-layer';
import { KerasModel, noteWrapper, type Layer, type OwnClass } from '../models/model';
import { nextModelName } from '../models/names';
import { release, retain } from '../models/ref-counts';
import type { Optimizer } from '../optimizers/optimizer';
import { outputLoss, outputMetrics, type OutputBatch } from '../step/output';
import { lossCount } from '../step/plan';
import { makeModel } from '../tfjs/run-graph';
import { tf, type Scalar, type Tensor, type Variable } from '../tfjs/tensorflow';
import { lossesOf } from './call-model';
import { compilationOf, outputsOf } from './outputs';
import { planFor } from './plan';

/** A batch, as a step of one's own gets it. */
export interface StepData {
  /** The (first) input. */
  readonly x: Tensor;
  /** The labels of the (first) output. There must be some where they are asked for. */
  readonly y: Tensor;
  /** The weight of each row; undefined where all count the same. */
  readonly sampleWeight: Tensor | undefined;
  /** All inputs. */
  readonly inputs: readonly Tensor[];
  /** All labels. */
  readonly labels: readonly Tensor[];
}

/** What a step tells of its batch, by name: numbers, of which the mean over the rows is shown, or what `computeMetrics` gave. */
export type StepLogs = Readonly<Record<string, Tensor>>;

/** A batch, and what the model made of it. */
export interface PredictedData {
  readonly y: Tensor;
  readonly yPred: Tensor | readonly Tensor[];
  readonly sampleWeight?: Tensor | undefined;
  readonly labels?: readonly Tensor[] | undefined;
}

/** The options that all models of one's own take. */
export interface CustomModelOptions {
  /** The model's name; by default after its class, numbered. */
  readonly name?: string | undefined;
}

/** The layer that a model of one's own is for tfjs: it has all layers and weights. */
class ModelLayer extends KerasLayer {
  constructor(
    name: string,
    private readonly classOfModel: string,
    private readonly compute: (inputs: Tensor | Tensor[], options: CallArguments) => Tensor | Tensor[],
  ) {
    super({ name });
  }

  override getClassName(): string {
    return this.classOfModel;
  }

  override call(inputs: Tensor | Tensor[], options: CallArguments): Tensor | Tensor[] {
    return this.compute(inputs, options);
  }
}

/**
 * A model of one's own: a class whose fields are layers, made by `addLayer`, and whose `call` applies them. It is built by the shape of
 * the first data, and then used as any model: `compile`, `fit`, `evaluate`, `predict`, `summary`.
 *
 * With a `trainStep` of its own, `fit` does what that says for each batch: gradients by `gradientsOf`, updates by `apply` of optimizers.
 * It runs in one call of TensorFlow, where it can be traced, and otherwise one operation after the other. The same is true of `testStep`
 * and `predictStep`. Of the numbers that a step returns the mean over the rows is shown, where Keras shows the last batch's, unless a
 * tracker is kept.
 *
 * Its configuration is its name and its options, or what its `getConfig` says: `fromConfig`, `modelFromJson` and `loadModelHdf5` make it
 * again with the class in `customObjects`.
 *
 * @throws KerasStateError if it has no `call` and predicts.
 * @example
 * class Regression extends CustomModel<{ units: number }> {
 *   hidden = this.addLayer(layerDense({ units: this.options.units, activation: 'relu' }))
 *   out = this.addLayer(layerDense({ units: 1 }))
 *   override call(x: tf.Tensor) {
 *     return this.out(this.hidden(x))
 *   }
 *   override trainStep({ x, y }: StepData) {
 *     const gradients = gradientsOf(() => tf.mean(tf.abs(tf.sub(callModel(this, x, { training: true }), y))), this)
 *     this.optimizer.apply(gradients)
 *     return { loss: gradients.loss }
 *   }
 * }
 * const model = pipe(new Regression({ units: 4 }), compile({ optimizer: 'adam', loss: null }))
 * const history = await fit(model, [[1], [2]], [[2], [4]], { epochs: 3, verbose: 0 })
 * assert.strictEqual(history.metrics.loss.length, 3)
 * @see R keras `new_model_class`, whose methods these are
 */
export abstract class CustomModel<Options extends object = object> extends KerasModel<Tensor> {
  /** The options that the model was made with, but for its name. */
  readonly options: Readonly<Options>;
  readonly #layer: ModelLayer;
  #model: LayersModel | undefined;

  constructor(options?: Options & CustomModelOptions) {
    super();
    const { name, ...own } = { ...options };
    const checked = checkOptions(this.constructor.name, { name }, { name: optional(layerName) });
    this.options = own as Options; // what is not the name
    const classname = this.classname;
    this.#layer = new ModelLayer(
      checked.name ?? nextModelName(snakeCase(classname)),
      classname,
      (inputs, given) => (this.hasCall ? this.call(inputs, given) : inputs),
    );
  }

  /** The name of the class. */
  protected get classname(): string {
    return this.constructor.name;
  }

  /** @internal Whether the class says what is computed of inputs. */
  get hasCall(): boolean {
    return this.call !== CustomModel.prototype.call;
  }

  /** The outputs for the inputs: a tensor for one, a list for several. */
  call(_inputs: Tensor | Tensor[], _options: CallArguments): Tensor | Tensor[] {
    throw new KerasStateError({
      expected: `the class of the model '${this.name}' must have a \`call\``,
      received: `the class ${this.classname}, which has none`,
      advice: 'Write call(x) { return … }, or use its layers themselves',
    });
  }

  /** One step of training on a batch: changes weights, and gives what is told of it. */
  trainStep?(data: StepData): StepLogs;
  /** One step of an evaluation: gives what is told of the batch. */
  testStep?(data: StepData): StepLogs;
  /** The predictions for the (first) input. */
  predictStep?(x: Tensor): Tensor;

  /** Adds a layer, of a step such as `layerDense({ units: 3 })`, or a model, and gives it as a function of tensors. */
  addLayer(layer: SubLayerSource): SubLayer {
    return this.#layer.addLayer(layer);
  }

  /** Adds a weight, as of a layer, and gives its value. */
  addWeight(options?: AddWeightOptions): Variable {
    return this.#layer.addWeight(options);
  }

  /** Adds to the loss of the step, in `call`. */
  addLoss(loss: Tensor): void {
    this.#layer.addLoss(loss);
  }

  /** Shows a value of the step under a name, beside the loss: in `call`. */
  addMetric(value: Tensor, options: string | AddMetricOptions): void {
    this.#layer.addMetric(value, options);
  }

  /** The optimizer that the model is compiled with. */
  get optimizer(): Optimizer {
    return compilationOf(this).optimizer;
  }

  /** The loss that the model is compiled with, and what its layers add. */
  computeLoss(data: PredictedData): Scalar {
    const outputs = outputsOf(this);
    const losses = outputs.flatMap(({ loss, lossWeight }, index) => {
      const batch = batchOf(data, index);
      return loss === undefined ? [] : [tf.mul<Scalar>(outputLoss(loss, batch), lossWeight)];
    });
    const [first, ...others] = [...losses, ...lossesOf(this)];
    if (first !== undefined) return others.reduce<Scalar>((sum, loss) => tf.add(sum, loss), first);
    throw new KerasStateError({
      expected: `the model '${this.name}' must be compiled with a loss`,
      received: 'none',
      advice: "Write compile({ loss: 'mse' }), or compute it in a trainStep of its own",
    });
  }

  /** What the batch adds to the metrics that the model is compiled with, by name: for the logs of a step. */
  computeMetrics(data: PredictedData): StepLogs {
    const labels = data.labels ?? [data.y];
    const plan = planFor(this, labels);
    const sums = plan.outputs.flatMap(({ loss }, index) =>
      outputMetrics(plan.metrics[index] ?? [], loss, batchOf(data, index)),
    );
    const names = plan.names.slice(lossCount(plan));
    return Object.fromEntries(names.map((name, index) => [name, sums[index] as Tensor])); // one for each
  }

  /**
   * What the model's configuration says besides its name, for `fromConfig`, by which a model of the class is made again: its options,
   * by default. JSON can hold it.
   */
  getConfig(): Readonly<Record<string, unknown>> {
    return savedOptions(`the model '${this.name}'`, this.options);
  }

  /** @internal */
  override get ownClass(): OwnClass {
    const config = {
      name: this.name,
      trainable: this.#layer.trainable,
      dtype: 'float32',
      ...this.getConfig(),
    };
    return { name: this.classname, constructor: this.constructor as OwnClass['constructor'], config }; // of such options
  }

  get tf(): LayersModel {
    if (this.#model !== undefined) return this.#model;
    throw new KerasStateError({
      expected: 'the shape of the input must be known',
      received: `the model '${this.name}', which has not seen any data yet`,
      advice: 'Fit or call the model first',
    });
  }

  protected get container(): LayersModel {
    return this.#model ?? (this.#layer as unknown as LayersModel); // to be released, it need not be a model
  }

  get name(): string {
    return this.#layer.name;
  }

  get layers(): readonly Layer[] {
    return this.#layer.sublayers as readonly Layer[]; // tfjs's types do not know how many outputs each has
  }

  get built(): boolean {
    return this.#model !== undefined;
  }

  /** @internal */
  override buildFor(
    batchShape: readonly (number | null)[] | readonly (readonly (number | null)[])[],
    type?: InputType,
  ): void {
    if (this.built) return;
    const isList = Array.isArray(batchShape[0]);
    const shapes = (isList ? batchShape : [batchShape]) as readonly (readonly (number | null)[])[]; // as just seen
    const inputs = shapes.map((shape, index) =>
      tf.input({
        batchShape: [...shape],
        name: index === 0 ? `${this.name}_input` : `${this.name}_input_${index}`,
        ...(type === undefined ? {} : { dtype: type }),
      }),
    );
    const outputs = this.#layer.apply(inputs.length === 1 ? (inputs[0] as (typeof inputs)[number]) : inputs); // of one
    const model = makeModel(tf, { inputs, outputs: outputs as typeof inputs, name: this.name }); // symbols in, symbols out
    this.#model = model;
    noteWrapper(model, this); // of whatever output
    retain(this, model);
    for (const layer of model.layers) retain(model, layer);
  }

  override dispose(): void {
    if (!this.built && !this.isDisposed) release(this, this.#layer);
    super.dispose();
  }
}

/** What a batch says of one output. */
const batchOf = ({ y, yPred, sampleWeight, labels }: PredictedData, index: number): OutputBatch => ({
  labels: labels?.[index] ?? y,
  prediction: [yPred].flat()[index] as Tensor, // one for each output
  weights: sampleWeight,
  mask: null,
});
