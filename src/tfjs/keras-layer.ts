import type { LayerVariable, SymbolicTensor } from '@tensorflow/tfjs';
import { snakeCase } from '../base/class-definition';
import { isPlainObject } from '../base/checks';
import { KerasArgumentError } from '../base/errors';
import { madeAgain } from '../base/user-function';
import { registeredClass, type TfjsActivation } from './base-classes';
import { register, type CallOptions, type LayerConfig, type Shape } from './layer-classes';
import { tf, type Tensor } from './tensorflow';

/** What tfjs's initializers, regularizers, constraints and activations have in common: a class name and a configuration. */
interface Configured {
  getClassName(): string;
  getConfig(): object;
}

const isConfigured = (value: unknown): value is Configured =>
  typeof value === 'object' && value !== null && 'getClassName' in value && 'getConfig' in value;

const KINDS = ['Initializer', 'Regularizer', 'Constraint', 'Activation'] as const;

/** Which kind of object an option stands for, by its name: `kernelInitializer`, `recurrentActivation`. */
const kindOf = (option: string): (typeof KINDS)[number] | undefined =>
  KINDS.find((kind) => option.toLowerCase().endsWith(kind.toLowerCase()));

/** What is of the user's own, where a configuration of a layer that is made again at once has its name. */
const ownAgain = (kind: (typeof KINDS)[number], value: unknown): object | undefined => {
  if (typeof value === 'string') return madeAgain(kind, value, {});
  if (!isPlainObject(value) || typeof value['className'] !== 'string') return undefined;
  if (registeredClass(value['className']) !== undefined) return undefined;
  return madeAgain(kind, value['className'], value['config'] ?? {});
};

/** The object that a name, a configuration or an object stands for: tfjs makes them as it makes a dense layer. */
const resolve = (kind: (typeof KINDS)[number], value: unknown): unknown => {
  const own = ownAgain(kind, value);
  if (own !== undefined) return own;
  const field = kind === 'Activation' ? 'activation' : `kernel${kind}`;
  const layer = tf.layers.dense({ units: 1, [field]: value }) as unknown as Record<string, unknown>; // its private fields
  return layer[field];
};

/** The regularizer that a name, a configuration or an object stands for; null if there is none. */
export const regularizerOf = (value: unknown): RegularizerOption =>
  (value ?? null) === null ? null : (resolve('Regularizer', value) as RegularizerOption); // of the kind

/** Options whose values tfjs spells in camelCase where it reads a configuration by itself. */
const SPELLED: ReadonlySet<string> = new Set(['outputMode', 'standardize']);

/** Options as objects, from names and configurations; null and undefined are absent, but for activations. */
const resolved = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([option, value]) => {
      const kind = kindOf(option);
      if (kind === undefined)
        return [option, SPELLED.has(option) && typeof value === 'string' ? snakeCase(value) : value];
      return [option, kind !== 'Activation' && (value ?? null) === null ? null : resolve(kind, value)];
    }),
  );

/** An option in a configuration. */
const saved = (option: string, value: unknown): unknown => {
  if (!isConfigured(value)) return value ?? null;
  if (kindOf(option) === 'Activation') return value.getClassName();
  return { className: value.getClassName(), config: value.getConfig() };
};

/** The options that tfjs's own base class of layers takes. */
const LAYER_ARGUMENTS = [
  'name',
  'trainable',
  'dtype',
  'inputDType',
  'inputShape',
  'batchInputShape',
  'batchSize',
  'weights',
] as const;

/** How an initializer, a regularizer, a constraint and an activation are inside a layer. */
export type InitializerOption = ReturnType<typeof tf.initializers.zeros>;
export type RegularizerOption = ReturnType<typeof tf.regularizers.l2> | null;
export type ConstraintOption = ReturnType<typeof tf.constraints.nonNeg> | null;
export type ActivationOption = TfjsActivation;

type LayerInputs = Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[];

/** How a weight is made. */
interface WeightOptions {
  readonly trainable?: boolean;
  readonly like?: string;
  readonly place?: number;
}

/** An initializer that draws other numbers than the one that it is like; each is repeated by its seed. */
const sibling = (initializer: InitializerOption, place: number): InitializerOption => {
  const { seed, ...config } = initializer.getConfig() as Readonly<Record<string, unknown>>;
  if (place === 0 || typeof seed !== 'number') return initializer;
  return resolve('Initializer', {
    className: initializer.getClassName(),
    config: { ...config, seed: 1 + ((seed + 0x9e3779b1 * place) % (2 ** 31 - 2)) },
  }) as InitializerOption; // of the kind
};

/**
 * A layer of this library's own, under Keras's class name. Its options are what `Own` says, with the defaults that its class
 * gives; they are in `own`, and go into its configuration as they are.
 */
export abstract class KerasLayer<Own extends object> extends tf.layers.Layer {
  protected readonly own: Readonly<Own>;
  /** What the layer was last called with, besides its inputs: its output's shape may depend on that. */
  protected callArguments: CallOptions = {};

  constructor(args: object, defaults: Own) {
    const given = args as Readonly<Record<string, unknown>>; // options by their names
    super(
      Object.fromEntries(
        LAYER_ARGUMENTS.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
      ), // as the names say
    );
    this.supportsMasking = true;
    const own = Object.fromEntries(
      Object.entries(defaults).map(([option, byDefault]) => [
        option,
        given[option] ?? (byDefault as unknown),
      ]),
    );
    this.own = resolved(own) as Own; // the names are those of the defaults
    const { activityRegularizer = null } = this.own as { readonly activityRegularizer?: RegularizerOption };
    this.activityRegularizer = activityRegularizer as NonNullable<RegularizerOption>; // tfjs takes none for null
  }

  /**
   * Adds the weight of a name, such as `moving_mean`, with the initializer, regularizer and constraint of that name's options; or
   * of those of another name, `like`: the `place` is then its number among those, each of which draws other numbers.
   */
  protected weight(
    name: string,
    shape: readonly number[],
    { trainable = true, like = name, place = 0 }: WeightOptions = {},
  ): LayerVariable {
    const own = this.own as Readonly<Record<string, unknown>>; // by names
    const field = like.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    return this.addWeight(
      name,
      [...shape],
      'float32',
      sibling(own[`${field}Initializer`] as InitializerOption, place), // as its name says, and so below
      (own[`${field}Regularizer`] ?? undefined) as NonNullable<RegularizerOption> | undefined,
      trainable,
      (own[`${field}Constraint`] ?? undefined) as NonNullable<ConstraintOption> | undefined,
    );
  }

  override apply(inputs: LayerInputs, options?: CallOptions): LayerInputs {
    // Those of its place in a model, too, where tfjs runs the model and leaves them out.
    const [node, ...others] = this.inboundNodes;
    const all: CallOptions = { ...(others.length === 0 ? node?.callArgs : {}), ...options };
    const { mask: _mask, training: _training, ...own } = all;
    this.callArguments = own;
    return super.apply(inputs, all);
  }

  /** The input's shape, unless a layer says something else. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override getConfig(): LayerConfig {
    const own = Object.entries(this.own).map(([option, value]) => [option, saved(option, value)]);
    return { ...super.getConfig(), ...(Object.fromEntries(own) as LayerConfig) };
  }
}

/** A layer as a configuration of tfjs's form describes it. */
export const layerOfConfig = ({
  className,
  config,
}: {
  readonly className: string;
  readonly config: object;
}): InstanceType<typeof tf.layers.Layer> => {
  const layer = registeredClass(className)?.make({ ...config });
  if (layer instanceof tf.layers.Layer) return layer;
  throw new KerasArgumentError({
    argument: 'config',
    expected: 'the configuration must be of a class of layers that is known',
    received: `'${className}'`,
    advice: 'Register a class of your own first: tf.serialization.registerClass(TheClass)',
  });
};

/** A mask as `computeMask` gives it: tfjs takes none for null, though its types have no null. */
export const maskOrNone = (mask: Tensor | null): Tensor => mask as Tensor;

export { register };
