import type { SymbolicTensor } from '@tensorflow/tfjs';
import { callSite } from '../base/call-site';
import type { callForm } from '../base/call-styles';
import {
  callMethod,
  className,
  functionNameFor,
  method,
  snakeCase,
  takeFields,
  type Fields,
} from '../base/class-definition';
import { callable, type CallForm, type WithoutSubject } from '../base/call-styles';
import {
  argumentError,
  checkOptions,
  checkThat,
  isPlainObject,
  optional,
  required,
  type Check,
  type OptionChecks,
} from '../base/checks';
import { asFunction, refuseSurplus } from '../base/function-name';
import { makeAll } from '../base/maker';
import { registerCustom } from '../tfjs/custom-classes';
import { maskOrNone } from '../tfjs/keras-layer';
import type { LayerConfig, Shape } from '../tfjs/layer-classes';
import type { Tensor } from '../tfjs/tensorflow';
import { ancestors, applyNew, applyTo, layerTarget } from './internal/apply';
import { separated } from './internal/custom-layer';
import {
  giveWeights,
  type LayerFunction,
  type MergeLayerFunction,
  type OptionalLayerFunction,
} from './internal/define-layer';
import { batchShapeOf, layerOptionChecks, type LayerOptions } from './internal/options';
import { isSymbolicTensor, isTarget, type Layer, type LayerTarget, type NewLayer } from './internal/target';
import { KerasLayer, type CallArguments } from './keras-layer';

/** A class of layers, of which {@link createLayerWrapper} makes a function. */
export type LayerClass<Of extends KerasLayer = KerasLayer> = new (options: never) => Of;

/** The options that layers of a class are made with. */
type OptionsOf<Of> = Of extends { readonly options: Readonly<infer Options> } ? Options : object;

type InputsOf<Of extends KerasLayer> = Parameters<Of['call']>[0];

/** The symbolic tensors for what `call` gives: one, or a list. */
type Symbolic<Output> = Output extends Tensor
  ? SymbolicTensor
  : { -readonly [Index in keyof Output]: SymbolicTensor };

/** A function that applies a layer of the user's own to several inputs, or has several outputs. */
export interface ListedLayerFunction<Options, Inputs, Output> {
  (inputs: Inputs, options?: Options): Output;
  (options?: Options & WithoutSubject): (inputs: Inputs) => Output;
  readonly [callForm]: CallForm<['merging layer', Options]>;
}

type FunctionFor<Options, Inputs, Output> = [Inputs] extends [Tensor]
  ? [Output] extends [Tensor]
    ? object extends Options
      ? OptionalLayerFunction<Options & LayerOptions>
      : LayerFunction<Options & LayerOptions>
    : ListedLayerFunction<Options & LayerOptions, SymbolicTensor, Symbolic<Output>>
  : [Output] extends [Tensor]
    ? MergeLayerFunction<Options & LayerOptions>
    : ListedLayerFunction<Options & LayerOptions, readonly SymbolicTensor[], Symbolic<Output>>;

/** The function that makes layers of a class. */
export type LayerFunctionOf<Of extends KerasLayer> = FunctionFor<
  OptionsOf<Of>,
  InputsOf<Of>,
  ReturnType<Of['call']>
> & { readonly layerClass: LayerClass<Of> };

type AnyLayerClass = LayerClass & { readonly className: string };

/** Changes what the user gives for an option before the layer gets it. */
export type Modifiers = Readonly<Record<string, (value: never) => unknown>>;

const newLayerOf = (
  functionName: string,
  layerClass: AnyLayerClass,
  modifiers: Modifiers,
  options: unknown,
): (() => NewLayer) => {
  const definedAt = callSite();
  if (options !== undefined && !isPlainObject(options)) {
    throw argumentError({ function: functionName, argument: 'options' }, 'an object', options);
  }
  const { common, own } = separated(options ?? {});
  const checked = checkOptions(functionName, common, layerOptionChecks satisfies OptionChecks);
  const modified = Object.fromEntries(
    Object.entries(own).map(([name, value]) => {
      const modify = Object.hasOwn(modifiers, name) ? modifiers[name] : undefined;
      return [name, modify === undefined ? value : modify(value as never)]; // who wrote it says what it takes
    }),
  );
  const {
    inputShape: _inputShape,
    batchInputShape: _batchInputShape,
    batchSize: _batchSize,
    weights,
    ...others
  } = checked;
  const make = (name: string, batchInputShape?: readonly (number | null)[]): Layer => {
    const given = {
      ...makeAll(modified),
      ...others,
      name,
      ...(batchInputShape === undefined ? {} : { batchInputShape: [...batchInputShape] }),
    };
    const layer = new layerClass(given as never); // its own options, which the caller's type has checked
    if (weights !== undefined) giveWeights(functionName, layer, weights);
    return layer;
  };
  return () => ({
    functionName,
    baseName: snakeCase(layerClass.className),
    name: checked.name,
    batchInputShape: batchShapeOf(functionName, checked),
    defaultInputShape: undefined,
    rank: undefined,
    shapeRequirement: undefined,
    keepsTypes: true,
    texts: 'read',
    definedAt,
    make: (name, batchInputShape) => asFunction(functionName, () => make(name, batchInputShape)),
  });
};

const isList = (value: unknown): value is readonly SymbolicTensor[] =>
  Array.isArray(value) && value.length > 0 && value.every(isSymbolicTensor);

const target = {
  argument: 'model',
  is: (value: unknown): boolean => isTarget(value) || isList(value),
  check: (functionName: string, value: unknown): LayerTarget | readonly SymbolicTensor[] =>
    isList(value) ? value : layerTarget.check(functionName, value),
};

/** Adds a layer to a model, or applies it to one tensor or several. */
const addTo = (object: LayerTarget | readonly SymbolicTensor[], layer: NewLayer): unknown => {
  if (isTarget(object) && !isSymbolicTensor(object)) return applyTo(layer, object);
  const tensors = isSymbolicTensor(object) ? [object] : object; // what is left
  const taken = new Set([...ancestors(tensors)].map(({ name }) => name));
  const { output, outputs } = applyNew(layer, taken, tensors);
  return outputs.length === 1 ? output : outputs;
};

const functionOf = (layerClass: AnyLayerClass, modifiers: Modifiers = {}): unknown => {
  const { className } = layerClass;
  registerCustom('classname', layerClass);
  const name = functionNameFor('layer', className);
  const call = callable({
    name,
    subject: target,
    optionNames: Object.keys(layerOptionChecks),
    checkOptions: (options) => newLayerOf(name, layerClass, modifiers, options),
    run: (object, _, newLayer) => addTo(object, newLayer()),
    stepFields: (newLayer) => ({ newLayer }),
  });
  return Object.assign(call, { layerClass });
};

const isLayerClass = (value: unknown): value is AnyLayerClass =>
  typeof value === 'function' && value.prototype instanceof KerasLayer;

const layerClassCheck: Check<AnyLayerClass> = (value, place) => {
  if (isLayerClass(value)) return value;
  if (typeof value === 'function' && 'layerClass' in value && isLayerClass(value.layerClass))
    return value.layerClass;
  throw argumentError(
    place,
    'a class that extends KerasLayer, or what newLayerClass() gave',
    value,
    'Write class Linear extends KerasLayer { call(x) { … } }',
  );
};

const modifiersCheck: Check<Modifiers> = checkThat(
  'an object of functions, by the names of options',
  (value): value is Modifiers =>
    isPlainObject(value) && Object.values(value).every((modify) => typeof modify === 'function'),
);

/** Options of {@link createLayerWrapper}. */
export interface LayerWrapperOptions {
  /** Functions of what is given for options, by their names: what they give is what the layer gets. */
  readonly modifiers?: Modifiers | undefined;
}

/**
 * The function of a class of layers that stands in a pipe, as `layerDense` does: piped, or plain, with what the layer is added to
 * first. A layer whose `call` takes a list is applied to a list of tensors.
 *
 * @throws KerasArgumentError if it is no class of layers, or if its name is that of another layer of Keras's.
 * @example
 * class Scaled extends KerasLayer<{ by: number }> {
 *   override call(x: tf.Tensor) {
 *     return tf.mul(x, this.options.by)
 *   }
 * }
 * const layerScaled = createLayerWrapper(Scaled)
 * const model = pipe(kerasModelSequential({ inputShape: [2] }), layerScaled({ by: 3 }))
 * assert.deepStrictEqual(predictOnBatch(model, [[1, 2]]).arraySync(), [[3, 6]])
 * @see R keras `create_layer_wrapper`
 */
export const createLayerWrapper = <Of extends KerasLayer>(
  Layer: (new (options: never) => Of) | { readonly layerClass: LayerClass<Of> },
  options?: LayerWrapperOptions,
  ...surplus: []
): LayerFunctionOf<Of> => {
  refuseSurplus('createLayerWrapper', ['Layer', 'options'], surplus);
  const checked = checkOptions(
    'createLayerWrapper',
    { Layer, ...options },
    {
      Layer: required(layerClassCheck),
      modifiers: optional(modifiersCheck),
    },
  );
  return functionOf(checked.Layer, checked.modifiers) as LayerFunctionOf<Of>; // the call styles are told apart by the arguments
};

/** Options of {@link createLayer}. */
export interface CreateLayerOptions<Of extends KerasLayer = KerasLayer> {
  /** The class of the layer. */
  readonly layerClass: (new (options: never) => Of) | { readonly layerClass: LayerClass<Of> };
  /** The options of the layer. */
  readonly args?: (OptionsOf<Of> & LayerOptions) | undefined;
}

/** {@link createLayer}: piped, or plain, with what the layer is added to first. */
export interface CreateLayerFunction {
  <Of extends KerasLayer>(
    options: CreateLayerOptions<Of> & WithoutSubject,
  ): <T extends LayerTarget>(object: T) => T;
  <T extends LayerTarget, Of extends KerasLayer>(object: T, options: CreateLayerOptions<Of>): T;
  readonly [callForm]: CallForm<['layer', CreateLayerOptions]>;
}

/**
 * A layer of a class, made with `args` and added to a model, or applied to a symbolic tensor: what {@link createLayerWrapper} makes
 * a function of, once.
 *
 * @throws KerasArgumentError if it is no class of layers.
 * @example
 * class Doubled extends KerasLayer {
 *   override call(x: tf.Tensor) {
 *     return tf.add(x, x)
 *   }
 * }
 * const model = pipe(kerasModelSequential({ inputShape: [2] }), createLayer({ layerClass: Doubled }))
 * assert.deepStrictEqual(predictOnBatch(model, [[1, 2]]).arraySync(), [[2, 4]])
 * @see R keras `create_layer`
 */
export const createLayer: CreateLayerFunction = callable({
  name: 'createLayer',
  subject: target,
  optionNames: ['layerClass', 'args'],
  checkOptions: (options) => {
    const { layerClass, args } = checkOptions('createLayer', options, {
      layerClass: required(layerClassCheck),
      args: optional((value: unknown) => value, {}),
    });
    return newLayerOf('createLayer', layerClass, {}, args);
  },
  run: (object, _, newLayer) => addTo(object, newLayer()),
  stepFields: (newLayer) => ({ newLayer }),
}) as unknown as CreateLayerFunction; // the call styles are told apart by the arguments

/** What {@link newLayerClass} makes a class of. */
export interface LayerClassDefinition<
  Options extends object,
  Made,
  Built,
  Inputs extends Tensor | Tensor[],
  Output extends Tensor | Tensor[],
> {
  /** The name of the class. Layers are called after it: `MultiHead` makes `multi_head`, `multi_head_1`, … */
  readonly classname: string;
  /** Called with the options that the layer is made with; what it returns is on `this`. */
  readonly initialize?: ((this: KerasLayer<Options>, options: Options) => Made) | undefined;
  /** Makes the weights for inputs of a shape, batch axis first; what it returns is on `this`. */
  readonly build?:
    ((this: KerasLayer<Options> & Fields<Made>, inputShape: (number | null)[]) => Built) | undefined;
  /** The outputs for the inputs. */
  readonly call: (
    this: KerasLayer<Options> & Fields<Made> & Fields<Built>,
    inputs: Inputs,
    options: CallArguments,
  ) => Output;
  /** The shape of the output for one of the input; found by a trial by default. */
  readonly computeOutputShape?:
    | ((this: KerasLayer<Options> & Fields<Made>, inputShape: (number | null)[]) => (number | null)[])
    | undefined;
  /** The mask of the output; by default none comes out. */
  readonly computeMask?:
    | ((
        this: KerasLayer<Options> & Fields<Made> & Fields<Built>,
        inputs: Inputs,
        mask: Tensor | null,
      ) => Tensor | null)
    | undefined;
  /** What is in the layer's configuration besides name and type; its options by default. */
  readonly getConfig?:
    ((this: KerasLayer<Options> & Fields<Made>) => Readonly<Record<string, unknown>>) | undefined;
}

const classChecks = {
  classname: required(className),
  initialize: optional(method),
  build: optional(method),
  call: required(method),
  computeOutputShape: optional(method),
  computeMask: optional(method),
  getConfig: optional(method),
} satisfies OptionChecks;

/** Where a method of a layer stands that returned fields. */
const placeOf = (layer: KerasLayer, by: string) =>
  ({ function: 'newLayerClass', layer: layer.name, by, kind: 'layers' }) as const;

const madeClass = (definition: ReturnType<typeof checkDefinition>): AnyLayerClass => {
  const { classname, initialize, build, call, computeOutputShape, computeMask, getConfig } = definition;
  class Made extends KerasLayer {
    static override get className(): string {
      return classname;
    }
    constructor(options: LayerOptions) {
      super(options);
      if (initialize !== undefined)
        takeFields(this, callMethod(initialize, this, this.options), placeOf(this, 'initialize'));
    }
    override build(inputShape: Shape | Shape[]): void {
      if (build !== undefined) takeFields(this, callMethod(build, this, inputShape), placeOf(this, 'build'));
    }
    override call(inputs: Tensor | Tensor[], options: CallArguments): Tensor | Tensor[] {
      return callMethod(call, this, inputs, options) as Tensor; // what it gives is checked
    }
    override getConfig(): LayerConfig {
      if (getConfig === undefined) return super.getConfig();
      return { ...super.baseConfig(), ...(callMethod(getConfig, this) as LayerConfig) }; // its own affair
    }
  }
  if (computeOutputShape !== undefined) {
    Made.prototype.computeOutputShape = function (this: KerasLayer, inputShape): Shape {
      return callMethod(computeOutputShape, this, inputShape) as Shape; // compared with what `call` gives
    };
  }
  if (computeMask !== undefined) {
    Made.prototype.computeMask = function (
      this: KerasLayer,
      inputs,
      mask?: Tensor | Tensor[] | null,
    ): Tensor {
      const [first = null] = [mask].flat();
      const list = [inputs].flat();
      return maskOrNone(
        callMethod(computeMask, this, list.length === 1 ? list[0] : list, first) as Tensor | null,
      ); // its own affair
    };
  }
  return Made;
};

const checkDefinition = (definition: unknown) => checkOptions('newLayerClass', definition, classChecks);

/**
 * A class of layers of one's own, by its methods, as the function that makes such layers: piped, or plain, as `layerDense`.
 *
 * `initialize` gets the options, `build` the input's shape; what they return the layer has as fields. `this` is the layer, with
 * `addWeight`, `addLayer` and `addLoss` of {@link KerasLayer}. `layerClass` of the function is the class itself.
 *
 * @throws KerasArgumentError if the name or `call` is missing, or if the name is that of another layer of Keras's.
 * @example
 * const layerLinear = newLayerClass({
 *   classname: 'Linear',
 *   initialize: ({ units }: { units: number }) => ({ units }),
 *   build(inputShape) {
 *     return { kernel: this.addWeight({ name: 'kernel', shape: [inputShape.at(-1) ?? 0, this.units] }) }
 *   },
 *   call(x: tf.Tensor) {
 *     return tf.matMul(x, this.kernel)
 *   },
 * })
 * const model = pipe(kerasModelSequential({ inputShape: [4] }), layerLinear({ units: 3 }))
 * assert.deepStrictEqual(outputShape(model), [null, 3])
 * @see R keras `new_layer_class`
 */
export const newLayerClass = <
  Options extends object = object,
  Made = unknown,
  Built = unknown,
  Inputs extends Tensor | Tensor[] = Tensor,
  Output extends Tensor | Tensor[] = Tensor,
>(
  definition: LayerClassDefinition<Options, Made, Built, Inputs, Output>,
  ...surplus: []
): FunctionFor<Options, Inputs, Output> & { readonly layerClass: LayerClass } => {
  refuseSurplus('newLayerClass', ['definition'], surplus);
  return asFunction('newLayerClass', () => functionOf(madeClass(checkDefinition(definition)))) as FunctionFor<
    Options,
    Inputs,
    Output
  > & { readonly layerClass: LayerClass }; // the call styles are told apart by the arguments
};
