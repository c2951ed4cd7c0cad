import { refuseSurplus } from '../base/function-name';
import type { LayersModel, Sequential, SymbolicTensor } from '@tensorflow/tfjs';
import { adoptLayer, clearStack, forgetInnerModel } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';
import {
  argumentError,
  checkOptions,
  layerName,
  optional,
  shape,
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
import {
  applyNew,
  checkFirst,
  checkTypes,
  checkFirstOutput,
  connect,
  freeName,
  freeUnused,
  makeLayer,
  markKept,
  wrapFirstError,
} from '../layers/internal/apply';
import {
  addLayer,
  isLayer,
  isStack,
  type Layer as TfjsLayer,
  type layerStack,
  type LayerStack,
  type NewLayer,
} from '../layers/internal/target';
import { inputType, type InputType } from '../layers/internal/options';
import { KerasModel, noteWrapper, type BatchShape as MutableShape, type Layer } from './model';
import { nextModelName } from './names';
import { release, retain } from './ref-counts';

type BatchShape = Readonly<MutableShape>;

/** A linear stack of layers. Made by {@link kerasModelSequential}. */
export class SequentialModel extends KerasModel<Tensor, Tensor> implements LayerStack {
  declare readonly [layerStack]: true;
  /** Layers that wait for an input shape. Empty as soon as there is one. */
  private readonly waiting: NewLayer[] = [];
  private readonly stack: Sequential;
  private readonly inputShape: BatchShape | undefined;
  private readonly inputType: InputType | undefined;

  /** `stack` is the tfjs model to wrap, by default a new one. */
  constructor(
    name: string,
    inputShape: BatchShape | undefined,
    stack = tf.sequential({ name }),
    inputType?: InputType,
  ) {
    super();
    this.stack = stack;
    noteWrapper(stack, this);
    retain(this, stack);
    for (const layer of stack.layers) retain(stack, layer);
    this.inputShape = inputShape;
    this.inputType = inputType;
  }

  get tf(): Sequential {
    // tfjs makes the inner model on demand, and not anew after a change.
    if (this.stack.layers.length > 0 && !this.stack.built) this.stack.build();
    return this.stack;
  }

  protected get container(): Sequential {
    return this.stack;
  }

  get name(): string {
    return this.stack.name;
  }

  get layers(): readonly Layer[] {
    return this.stack.layers as readonly Layer[]; // tfjs's types do not know how many outputs each has
  }

  get built(): boolean {
    return this.stack.layers.length > 0;
  }

  override get depth(): number {
    return this.stack.layers.length + this.waiting.length;
  }

  /** @internal */
  [addLayer](layer: NewLayer): void {
    this.checkUsable(layer.functionName);
    this.checkName(layer);
    if (this.stack.layers.length > 0) this.append(layer);
    else {
      this.checkInputShape(layer);
      const first = layer.batchInputShape ?? this.inputShape ?? layer.defaultInputShape;
      if (first === undefined || this.waiting.length > 0) this.waiting.push(layer);
      else this.begin(layer, first);
    }
  }

  /** @internal */
  override buildFor(batchShape: BatchShape, type?: InputType): void {
    if (this.built) return;
    const [first, ...rest] = this.waiting;
    if (first === undefined) {
      throw new KerasStateError({
        expected: 'the model must have layers',
        received: `the empty model '${this.name}'`,
        advice: 'Add layers: pipe(model, layerDense({ units: 10 }))',
      });
    }
    this.begin(first, batchShape, type);
    try {
      for (const layer of rest) this.append(layer);
    } catch (error) {
      // Back to waiting, so that data of a fitting shape can still build it.
      this.clear();
      throw error;
    }
    this.waiting.length = 0;
  }

  /** @internal Removes the last layer; its weights are freed. */
  pop(functionName: string): void {
    this.checkUsable(functionName);
    if (this.waiting.length > 0) {
      this.waiting.pop();
      return;
    }
    const last = this.stack.layers.at(-1);
    if (last === undefined) {
      throw new KerasStateError({
        function: functionName,
        expected: 'the model must have a layer to remove',
        received: `the empty model '${this.name}'`,
        advice: 'Add layers first',
      });
    }
    this.stack.pop();
    this.forgetInnerModel();
    release(this.stack, last);
  }

  /** @internal Adds a whole model as one layer. */
  addModel(functionName: string, layer: NewLayer, inner: LayersModel): void {
    this.checkUsable(functionName);
    if (this.waiting.length > 0) {
      throw new KerasStateError({
        function: functionName,
        expected: 'the shape of the input must be known before a model is added',
        received: `the model '${this.name}', whose first layer has no inputShape`,
        advice: 'Give the first layer an inputShape',
      });
    }
    this.checkName(layer);
    if (this.stack.layers.length === 0) this.beginWith(inner);
    const [output] = this.stack.outputs as [SymbolicTensor]; // of the input, or of the last layer
    try {
      connect(layer, inner, [output]);
    } catch (error) {
      if (this.stack.layers.length === 0) this.clear();
      throw error;
    }
    this.adopt(inner);
  }

  /** Begins the stack with an input for a model that becomes its first layer. */
  private beginWith(inner: LayersModel): void {
    const { shape: batchInputShape, dtype } = inner.inputs[0] as SymbolicTensor; // it has one
    this.stack.add(
      tf.layers.inputLayer({
        batchInputShape: [...(this.inputShape ?? batchInputShape)],
        dtype,
        name: `${inner.name}_input`,
      }),
    );
    this.stack.layers.length = 0; // Keras does not count the input among the layers
  }

  /** Whether layers may be added or removed. */
  private checkUsable(functionName: string): void {
    if (this.isDisposed) {
      throw new KerasStateError({
        function: functionName,
        expected: 'the model must not be disposed',
        received: `the model '${this.name}', whose weights have been freed by dispose()`,
        advice: 'Build a new model',
      });
    }
    const run = this.state.runThatUses(this.stack);
    if (run === undefined) return;
    const { functionName: running, model } = run;
    throw new KerasStateError({
      function: functionName,
      expected: `a model's layers must stay as they are while ${running}() works with them`,
      received:
        `the model '${this.name}', in the middle of ${running}()` +
        (model === this ? '' : ` of the model '${model.name}', of which it is a layer`),
      advice: `Await the promise that ${running}() returned first`,
    });
  }

  private takenNames(): ReadonlySet<string> {
    return new Set(this.stack.layers.map(({ name }) => name));
  }

  private checkName(layer: NewLayer): void {
    const { name } = layer;
    if (name === undefined) return;
    if (!this.takenNames().has(name) && !this.waiting.some((other) => other.name === name)) return;
    throw new KerasArgumentError({
      function: layer.functionName,
      argument: 'name',
      expected: "layers' names must differ within a model",
      received: `a second layer named '${layer.name}'`,
      advice: 'Give it another name, or none',
    });
  }

  /** Both the model and its first layer may say the input shape, but not two different ones. */
  private checkInputShape({ functionName, batchInputShape }: NewLayer): void {
    if (this.inputShape === undefined || batchInputShape === undefined) return;
    const [modelShape, layerShape] = [describeShape(this.inputShape), describeShape(batchInputShape)];
    if (modelShape === layerShape || this.waiting.length > 0) return;
    throw new KerasShapeError({
      function: functionName,
      argument: 'inputShape',
      expected: `the first layer must take the input of the model '${this.name}', ${modelShape}`,
      received: `an input shape of ${layerShape}, the batch axis included`,
      advice: 'Give the shape once, to the model or to its first layer',
    });
  }

  private begin(layer: NewLayer, batchShape: BatchShape, type = this.inputType): void {
    const name = layer.name ?? freeName(layer.baseName, new Set());
    checkFirst(layer, name, batchShape);
    const tfjsLayer = makeLayer(layer, name, batchShape);
    try {
      // A first layer has the type of the model's input.
      if (type !== undefined) Object.assign(tfjsLayer, { dtype: type });
      const types = [tfjsLayer.dtype];
      checkTypes(layer, tfjsLayer, types);
      checkFirstOutput(layer, tfjsLayer, batchShape);
      this.stack.add(tfjsLayer);
      markKept(layer, tfjsLayer, types, this.stack.outputs);
      retain(this.stack, tfjsLayer);
    } catch (cause) {
      freeUnused(tfjsLayer);
      this.clear();
      throw wrapFirstError(cause, layer, name, batchShape);
    }
  }

  private append(layer: NewLayer): void {
    const [output] = this.stack.outputs;
    const { tfjsLayer } = applyNew(layer, this.takenNames(), output === undefined ? [] : [output]);
    this.adopt(tfjsLayer);
  }

  /** Takes in a layer that is already connected to the stack's output: what tfjs's `add` does after connecting. */
  private adopt(layer: TfjsLayer): void {
    adoptLayer(this.stack, layer);
    retain(this.stack, layer);
    this.forgetInnerModel();
  }

  private clear(): void {
    for (const layer of this.stack.layers) release(this.stack, layer);
    clearStack(this.stack);
    this.forgetInnerModel();
  }

  /** tfjs would go on using the model that it built from the layers before. */
  private forgetInnerModel(): void {
    this.state.layersChanged();
    forgetInnerModel(this.stack);
  }
}

/** What adds to a Sequential model: a layer's step, `layerModel(model)`, or a sequence of them. */
export type SequentialStep = (model: SequentialModel) => SequentialModel;

/** Options of {@link kerasModelSequential}. */
export interface SequentialOptions {
  /** The layers to begin with, in order: `[layerDense({ units: 10 }), …]`. More can be piped onto the model. */
  layers?: readonly SequentialStep[] | undefined;
  /** `sequential`, `sequential_1`, … by default. */
  name?: string | undefined;
  /** The shape of one input, without the batch axis; the first layer can give it instead. */
  inputShape?: number | readonly (number | null)[] | undefined;
  /** The type of the input: that of the first layer, or 'float32', by default; 'string' for texts. */
  dtype?: InputType | undefined;
}

const layerSteps: Check<readonly SequentialStep[]> = (value, place) => {
  const wrong = Array.isArray(value)
    ? [...(value as unknown[])].findIndex((step) => typeof step !== 'function')
    : 0;
  if (Array.isArray(value) && wrong === -1) return value as readonly SequentialStep[]; // what they give is checked when it is there
  const found: unknown = Array.isArray(value) ? value[wrong] : value;
  const advice =
    found instanceof KerasModel || found instanceof tf.LayersModel
      ? 'Write layerModel(model) for a model as a layer'
      : isLayer(found)
        ? 'Write layerTf(layer) for a layer of tfjs'
        : "Write layers: [layerDense({ units: 32, activation: 'relu' }), layerDense({ units: 10 })]";
  throw argumentError(place, 'an array of layers', found, advice);
};

/** Adds layers; a model that cannot have all of them is freed. */
const addSteps = (model: SequentialModel, steps: readonly SequentialStep[]): SequentialModel => {
  try {
    for (const [index, step] of steps.entries()) {
      const result: unknown = step(model);
      if (result === model) continue;
      throw argumentError(
        { function: 'kerasModelSequential', argument: `layers[${index}]` },
        'a layer, which gives back the model that it is added to',
        result,
        'Only layers go into the list: compile and fit the model afterwards',
      );
    }
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
};

/**
 * A model that is a linear stack of layers: those of `layers`, in order, or none at first. Layers are piped onto it and change
 * it **in place**.
 *
 * If neither the model nor its first layer gives an `inputShape`, the weights are made when the first data comes. If
 * both do, they must agree.
 *
 * @throws KerasArgumentError for an unknown option.
 * @example
 * const model = kerasModelSequential()
 * const same = pipe(model, layerDense({ units: 512, activation: 'relu', inputShape: [784] }), layerDense({ units: 10 }))
 * assert.strictEqual(same, model)
 * assert.deepStrictEqual(outputShape(model), [null, 10])
 * const listed = kerasModelSequential({ layers: [layerDense({ units: 4 }), layerDense({ units: 1 })], inputShape: [3] })
 * assert.deepStrictEqual(outputShape(listed), [null, 1])
 * @see R keras `keras_model_sequential`
 */
export const kerasModelSequential = (options?: SequentialOptions, ...surplus: []): SequentialModel => {
  refuseSurplus('kerasModelSequential', ['options'], surplus);
  if (Array.isArray(options) || isStack(options)) {
    throw new KerasArgumentError({
      function: 'kerasModelSequential',
      argument: 'options',
      expected: 'the options must be an object',
      received: describe(options),
      advice:
        'Add layers by the pipe: pipe(kerasModelSequential(), layerDense({ … })), or as kerasModelSequential({ layers: […] })',
    });
  }
  const checked = checkOptions('kerasModelSequential', options, {
    layers: optional(layerSteps),
    name: optional(layerName),
    inputShape: optional(shape),
    dtype: optional(inputType),
  } satisfies OptionChecks<SequentialOptions>);
  const inputShape = checked.inputShape === undefined ? undefined : [null, ...checked.inputShape];
  const name = checked.name ?? nextModelName('sequential');
  const model = new SequentialModel(name, inputShape, tf.sequential({ name }), checked.dtype);
  return addSteps(model, checked.layers ?? []);
};
