import type { LayerVariable } from '@tensorflow/tfjs';
import {
  argumentError,
  boolean,
  checkBareOptions,
  checkOptions,
  nonEmptyString,
  oneOf,
  optional,
  required,
  type Check,
  type OptionChecks,
} from '../base/checks';
import {
  describe,
  describeShape,
  KerasArgumentError,
  KerasShapeError,
  KerasStateError,
} from '../base/errors';
import { makeAll } from '../base/maker';
import { constraint, type Constraint, type ConstraintLike } from '../constraints/registry';
import { initializer, type Initializer, type InitializerLike } from '../initializers/registry';
import { regularizer, type Regularizer, type RegularizerLike } from '../regularizers/registry';
import { addActivityLoss, addLayerMetric } from '../tfjs/activity';
import type { CallOptions, LayerConfig, Shape } from '../tfjs/layer-classes';
import { maskOf, withInputMasks } from '../tfjs/implicit-masks';
import { tf, type Scalar, type Tensor, type Variable } from '../tfjs/tensorflow';
import { inputTypesOf, noteOutputTypes } from '../tfjs/text-types';
import { callContext, withCallContext } from './internal/call-context';
import { outputsIn, sameSizes, savedOptions, separated, trialOf, type Trial } from './internal/custom-layer';
import {
  asFunctionOf,
  keepingWeights,
  layerOf,
  type SubLayer,
  type SubLayerSource,
} from './internal/sublayer';
import type { Layer } from './internal/target';
import type { LayerOptions } from './internal/options';

/** What `call` of a {@link KerasLayer} learns besides its inputs. */
export interface CallArguments {
  /** Whether the layer is applied in a training step. */
  readonly training: boolean;
  /** Which steps of the (first) input are there; null where all are. */
  readonly mask: Tensor | null;
  /** The same of each input. */
  readonly masks: readonly (Tensor | null)[];
}

/** Options of {@link KerasLayer}'s `addWeight`. */
export interface AddWeightOptions {
  /** The weight's name, another one for each of the layer's weights: `weight`, `weight_1`, … by default. */
  readonly name?: string | undefined;
  /** The weight's shape; a single number by default. */
  readonly shape?: number | readonly (number | null)[] | undefined;
  /** 'glorot_uniform' by default. */
  readonly initializer?: InitializerLike | undefined;
  /** A penalty on the weight, added to the loss. */
  readonly regularizer?: RegularizerLike | undefined;
  /** What the weight must satisfy after each update. */
  readonly constraint?: ConstraintLike | undefined;
  /** Whether training changes it; true by default. */
  readonly trainable?: boolean | undefined;
  /** 'float32' by default. */
  readonly dtype?: 'float32' | 'int32' | 'bool' | undefined;
}

/** Options of {@link KerasLayer}'s `addMetric`. */
export interface AddMetricOptions {
  /** What the value is called in the logs. */
  readonly name: string;
}

const metricName: Check<string> = (value, place) => {
  if (value !== 'loss') return nonEmptyString(value, place);
  throw argumentError(
    place,
    "another name than 'loss', which the loss has",
    value,
    "Write this.addMetric(value, 'my_loss')",
  );
};

const metricChecks = { name: required(metricName) } satisfies OptionChecks<AddMetricOptions>;

const weightShape: Check<number[]> = (value, place) => {
  const list: unknown[] = Array.isArray(value) ? [...(value as unknown[])] : [value];
  if (list.every((size): size is number => Number.isSafeInteger(size) && (size as number) > 0)) return list;
  throw new KerasShapeError({
    function: place.function,
    argument: 'shape',
    expected: 'all sizes of a weight must be known, positive integers',
    received: describe(value),
    advice: 'Give the input a whole shape, or make the weight of the sizes that are known',
  });
};

const weightChecks = {
  name: optional(nonEmptyString),
  shape: optional(weightShape, []),
  initializer: optional(initializer, 'glorot_uniform'),
  regularizer: optional(regularizer),
  constraint: optional(constraint),
  trainable: optional(boolean, true),
  dtype: optional(oneOf('float32', 'int32', 'bool'), 'float32'),
} satisfies OptionChecks<AddWeightOptions>;

/** What tfjs's own `addWeight` takes, which layers of this library use, too. */
type TfjsWeightArguments = Parameters<InstanceType<typeof tf.layers.Layer>['addWeight']>;

/** What makes, punishes and bounds a weight. */
interface MadeObjects {
  readonly initializer: Initializer;
  readonly regularizer?: Regularizer;
  readonly constraint?: Constraint;
}

type Losses = Parameters<InstanceType<typeof tf.layers.Layer>['addLoss']>[0];

/**
 * A layer of one's own: a class whose `call` makes outputs of inputs, of tfjs operations, and whose `build` makes the weights.
 *
 * `addWeight` gives the weight as a tensor that computes, and that training changes; `addLayer` gives a layer inside this one as a
 * function, whose weights are this layer's, too; `addLoss` adds to the loss of the step, and `addMetric` shows a value beside it. The output's shape is found by a trial,
 * with zeros, unless `computeOutputShape` says it. `options` are those that the layer was made with. `createLayerWrapper` makes a
 * function of it that stands in a pipe.
 *
 * Weights and inner layers are made in `build` or before it, as fields: what is made in `call` would be new in each step.
 *
 * @throws KerasStateError if a weight is made in `call`.
 * @throws KerasArgumentError if `call` gives no tensor, or two weights have one name.
 * @throws KerasShapeError if `call` gives another shape than `computeOutputShape` says.
 * @example
 * class Linear extends KerasLayer<{ units: number }> {
 *   declare kernel: tf.Variable
 *   override build(inputShape: (number | null)[]) {
 *     this.kernel = this.addWeight({ name: 'kernel', shape: [inputShape.at(-1) ?? 0, this.options.units] })
 *   }
 *   override call(x: tf.Tensor) {
 *     return tf.matMul(x, this.kernel)
 *   }
 * }
 * const layerLinear = createLayerWrapper(Linear)
 * const model = pipe(kerasModelSequential({ inputShape: [4] }), layerLinear({ units: 3 }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * assert.strictEqual(countParams(model), 12)
 * @see R keras `new_layer_class`, whose methods these are
 */
export abstract class KerasLayer<Options extends object = object> extends tf.layers.Layer {
  /** The name under which models are saved with it: that of its class. */
  static get className(): string {
    return this.name;
  }

  /** The options that the layer was made with, but for those that all layers have. */
  readonly options: Readonly<Options>;
  readonly #inner: Layer[] = [];
  readonly #penalties: (() => Scalar)[] = [];
  readonly #names = new Set<string>();
  #isBuilding = false;
  /** Of the states that it takes as a cell, after its input. */
  #stateShapes: readonly Shape[] = [];
  /** The shape that the layer was built for, and what it made of it. */
  #seen: { readonly input: Shape | Shape[]; readonly output: Shape | Shape[] } | undefined;

  constructor(options: Options & LayerOptions) {
    const { common, own } = separated(options);
    super(common);
    this.options = own as Options; // what is not common
    this.supportsMasking = this.computeMask !== KerasLayer.prototype.computeMask;
    // The methods of the class as tfjs is to call them.
    const build = this.build.bind(this);
    const call = this.call.bind(this);
    const method = (value: unknown) => ({ value, configurable: true, writable: true });
    Object.defineProperties(this, {
      build: method((inputShape: Shape | Shape[]) => this.#buildWith(build, inputShape)),
      call: method((inputs: Tensor | Tensor[], given: CallOptions = {}) =>
        this.#callWith(call, inputs, given),
      ),
    });
  }

  /** The layers inside this one. */
  get sublayers(): readonly Layer[] {
    return this.#inner;
  }

  /** The outputs for the inputs: a tensor for one, a list for several, of tfjs operations. */
  abstract override call(inputs: Tensor | Tensor[], options: CallArguments): Tensor | Tensor[];

  /** Adds a weight, with Keras's defaults, and gives its value, which computes and is changed by training. */
  override addWeight(options?: AddWeightOptions): Variable;
  override addWeight(...tfjs: TfjsWeightArguments): LayerVariable;
  override addWeight(...args: readonly unknown[]): Variable & LayerVariable {
    type Either = Variable & LayerVariable; // which of the two it gives depends on the arguments as the overloads say
    if (typeof args[0] === 'string') return super.addWeight(...(args as TfjsWeightArguments)) as Either; // as tfjs calls it
    const checked = checkOptions('addWeight', args[0], weightChecks);
    const name = checked.name ?? this.#freeWeightName();
    this.#refuseInCall('addWeight', `the weight '${name}'`);
    if (this.#names.has(name)) {
      throw new KerasArgumentError({
        function: 'addWeight',
        argument: 'name',
        layer: this.name,
        expected: `the weights of layer '${this.name}' must have names of their own`,
        received: `a second weight '${name}'`,
        advice: 'Give it another name, or none',
      });
    }
    this.#names.add(name);
    const { trainable, shape, dtype, ...objects } = checked;
    const made = makeAll(objects) as unknown as MadeObjects; // what the makers make, of those that are there
    const weight = this.addWeight(
      name,
      shape,
      dtype,
      made.initializer,
      made.regularizer as Regularizer, // tfjs takes none for undefined, and so below
      trainable,
      made.constraint as Constraint,
    );
    // tfjs puts the layer's name before it only while it applies the layer.
    if (!weight.originalName.startsWith(`${this.name}/`))
      Object.assign(weight, { originalName: `${this.name}/${weight.originalName}` });
    return weight.read() as Either; // tfjs makes a variable of it
  }

  #freeWeightName(): string {
    if (!this.#names.has('weight')) return 'weight';
    let number = 1;
    while (this.#names.has(`weight_${number}`)) number++;
    return `weight_${number}`;
  }

  /** Adds a layer inside this one, of a step such as `layerDense({ units: 3 })`, or a model, and gives it as a function of tensors. */
  addLayer(layer: SubLayerSource): SubLayer {
    this.#refuseInCall('addLayer', 'an inner layer');
    const made = layerOf(layer, this.name, new Set(this.#inner.map(({ name }) => name)));
    if (!this.#inner.includes(made)) this.#inner.push(made);
    return asFunctionOf(made, layer);
  }

  /** Adds to the loss of the step: in `call` a number, as a tensor; elsewhere a function that gives it in each step. */
  override addLoss(losses: Losses | Tensor): void {
    if (!(losses instanceof tf.Tensor)) {
      this.#penalties.push(...[losses].flat());
      return;
    }
    const loss = losses; // of any rank, which `instanceof` leaves untyped
    if (loss.rank !== 0) {
      throw new KerasShapeError({
        function: 'addLoss',
        layer: this.name,
        argument: 'loss',
        expected: 'a loss must be one number',
        received: describe(loss),
        advice: 'Write this.addLoss(tf.mean(…)), or tf.sum(…)',
      });
    }
    addActivityLoss(tf, () => tf.clone(loss) as Scalar); // of rank 0
  }

  /**
   * Shows a value of the step under a name, beside the loss: in `call`. Of all values of an epoch, or of an evaluation, it is the mean;
   * of a vector, one for each row for example, each element counts. The name of another metric gets a number.
   */
  addMetric(value: Tensor, options: string | AddMetricOptions): void {
    const { name } = checkBareOptions('addMetric', options, metricChecks);
    if (!(value instanceof tf.Tensor)) {
      throw argumentError(
        { function: 'addMetric', argument: 'value' },
        'a tensor',
        value,
        'Write this.addMetric(tf.mean(…), { name })',
      );
    }
    if (callContext()?.layer !== this) {
      throw new KerasStateError({
        function: 'addMetric',
        layer: this.name,
        expected: `layer '${this.name}' must tell values while it computes`,
        received: `'${name}' outside of \`call\``,
        advice: 'Write this.addMetric(…) in `call`',
      });
    }
    addLayerMetric(tf, this, name, value);
  }

  override get losses(): (() => Scalar)[] {
    return this.#penalties;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    if (!this.built) this.#make(inputShape);
    const { input, output } = this.#seen ?? {};
    if (input !== undefined && output !== undefined && sameSizes(input, inputShape)) return output;
    return this.#trial(inputShape);
  }

  override get trainable(): boolean {
    return super.trainable;
  }

  override set trainable(trainable: boolean) {
    super.trainable = trainable;
    for (const layer of this.#inner) layer.trainable = trainable;
  }

  override get trainableWeights(): LayerVariable[] {
    return this.#withInner(super.trainableWeights, (layer) => (this.trainable ? layer.trainableWeights : []));
  }

  override set trainableWeights(weights: LayerVariable[]) {
    super.trainableWeights = weights;
  }

  override get nonTrainableWeights(): LayerVariable[] {
    return this.#withInner(super.nonTrainableWeights, (layer) =>
      this.trainable ? layer.nonTrainableWeights : layer.weights,
    );
  }

  override set nonTrainableWeights(weights: LayerVariable[]) {
    super.nonTrainableWeights = weights;
  }

  #withInner(own: LayerVariable[], of: (layer: Layer) => LayerVariable[]): LayerVariable[] {
    return [...new Set([...own, ...this.#inner.flatMap(of)])];
  }

  override getConfig(): LayerConfig {
    return { ...this.baseConfig(), ...savedOptions(`layer '${this.name}'`, this.options) };
  }

  /** The part of a configuration that all layers have. */
  protected baseConfig(): LayerConfig {
    return super.getConfig();
  }

  /** @internal Builds it as the cell of a recurrent layer: for what a step takes, and its states, without the batch axis. */
  buildAsCell(inputShape: Shape | Shape[], stateShapes: readonly (readonly number[])[]): void {
    const [rows = null] = [inputShape].flat(2);
    this.#stateShapes = stateShapes.map((shape) => [rows, ...shape]);
    this.#make(inputShape);
  }

  /** Builds the layer outside of tfjs's own `apply`. */
  #make(inputShape: Shape | Shape[]): void {
    this.build(inputShape);
    this.built = true;
  }

  #buildWith(build: (inputShape: Shape | Shape[]) => void, inputShape: Shape | Shape[]): void {
    if (this.built || this.#isBuilding) return;
    this.#isBuilding = true;
    try {
      build(inputShape);
      this.built = true;
      const isCell = this.#stateShapes.length > 0;
      const inputs = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[]; // several, or one
      const output = this.#trial(isCell ? [...inputs, ...this.#stateShapes] : inputShape);
      if (!isCell) this.#checkShape(inputShape, output);
      this.#seen = { input: inputShape, output };
    } catch (error) {
      this.built = false;
      throw error;
    } finally {
      this.#isBuilding = false;
    }
  }

  /** The shape of what comes out for an input of a shape, and the weights of inner layers made. */
  #trial(inputShape: Shape | Shape[]): Shape | Shape[] {
    const run = (training: boolean): Trial =>
      trialOf(inputShape, inputTypesOf(this) ?? [], (inputs) =>
        withCallContext({ layer: this, training, isTrial: true }, () =>
          this.call(inputs, { training, mask: null, masks: [] }),
        ),
      );
    const { shape, types } = keepingWeights(this.weights, () => run(false));
    noteOutputTypes(this, types);
    // Those that are used in training only.
    if (this.#inner.some(({ built }) => !built)) keepingWeights(this.weights, () => run(true));
    return shape;
  }

  /** What the class itself says of its output's shape must hold. */
  #checkShape(inputShape: Shape | Shape[], output: Shape | Shape[]): void {
    if (this.computeOutputShape === KerasLayer.prototype.computeOutputShape) return;
    const said = this.computeOutputShape(inputShape);
    if (sameSizes(said, output)) return;
    throw new KerasShapeError({
      layer: this.name,
      expected: `\`call\` of layer '${this.name}' must give what \`computeOutputShape\` says, ${describeShape(said as Shape)}`,
      received: `shape ${describeShape(output as Shape)}`,
      advice: 'Change one of the two, or leave computeOutputShape out: the shape is found by a trial then',
    });
  }

  #callWith(
    call: (inputs: Tensor | Tensor[], options: CallArguments) => unknown,
    inputs: Tensor | Tensor[],
    given: CallOptions,
  ): Tensor | Tensor[] {
    const list = [inputs].flat();
    const training = given['training'] === true;
    const masks = [given['mask'] as Tensor | (Tensor | null)[] | null | undefined].flat();
    const mask = (index: number): Tensor | null => masks[index] ?? null;
    const isTrial = callContext()?.isTrial ?? false;
    // The masks of what comes out of inner layers stay with it.
    const { outputs } = tf.tidy(() =>
      withCallContext({ layer: this, training, isTrial }, () => {
        const own = list.map((_, index) => mask(index));
        const options = { ...given, training, mask: mask(0), masks: own };
        const made = withInputMasks(list, own, () =>
          outputsIn(this.name, call(list.length === 1 ? (list[0] as Tensor) : list, options)),
        );
        return { outputs: made, masks: [made].flat().flatMap((output) => maskOf(output) ?? []) };
      }),
    );
    return outputs;
  }

  /** Throws if something is made while the layer computes: it would be made in each step. */
  #refuseInCall(functionName: string, what: string): void {
    if (callContext()?.layer !== this) return;
    throw new KerasStateError({
      function: functionName,
      layer: this.name,
      expected: `what layer '${this.name}' consists of must be made once, before it computes`,
      received: `${what} made in \`call\``,
      advice:
        'Make it in `build`, or in `initialize`, and keep it as a field: this.kernel = this.addWeight({ … })',
    });
  }
}
