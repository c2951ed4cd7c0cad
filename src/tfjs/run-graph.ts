import type * as Tfjs from '@tensorflow/tfjs';
import { atOnce, keepSurroundings, within, withinInSteps, type Leave, type Steps } from '../base/steps';
import { tidyInSteps } from './engine-steps';
import { maskOf, withInputMasks } from './implicit-masks';
import { applyingInSteps } from './layer-apply';
import type { CallOptions } from './layer-classes';

type Tensor = Tfjs.Tensor;
type Symbolic = Tfjs.SymbolicTensor;
type Layer = Tfjs.layers.Layer;

/** Which steps of a tensor's sequences are there, or null where nothing is said of that: all of them. */
export type Mask = Tensor | null;

/** What a model gives for its inputs: its outputs, and the mask of each. */
export interface ModelOutputs {
  readonly outputs: Tensor[];
  readonly masks: Mask[];
}

/** A layer of a graph at work: where its inputs come from, and where its outputs go, by number. */
interface Application {
  readonly layer: Layer;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** What else the layer was called with. */
  readonly callArguments: CallOptions;
  /** The values that nobody needs afterwards. */
  readonly lastUses: readonly number[];
}

/** The order in which the layers of a model are applied. The inputs have the first numbers. */
interface Schedule {
  readonly applications: readonly Application[];
  readonly outputs: readonly number[];
}

/** The key under which a model that is applied finds where the masks of its outputs are wanted. */
const MASK_REQUEST: unique symbol = Symbol('mask request');

interface MaskRequest {
  masks: Mask[];
}

type ModelCallOptions = CallOptions & { readonly [MASK_REQUEST]?: MaskRequest };

const schedules = new WeakMap<object, Schedule>();

/** Layers between some symbolic tensors and others: a model, or a part of one. */
export interface GraphPart {
  readonly inputs: readonly Symbolic[];
  readonly outputs: readonly Symbolic[];
}

const makeSchedule = ({ inputs, outputs }: GraphPart): Schedule => {
  const numbers = new Map<Symbolic, number>(inputs.map((tensor, index) => [tensor, index]));
  let count = inputs.length;
  const applications: Omit<Application, 'lastUses'>[] = [];
  const visit = (tensor: Symbolic): number => {
    const number = numbers.get(tensor);
    if (number !== undefined) return number;
    // Only the application that made this tensor counts: a shared layer has others.
    const node = tensor.sourceLayer.inboundNodes[tensor.nodeIndex];
    if (node === undefined || node.inputTensors.length === 0) {
      throw new Error(`The input '${tensor.name}' is not among those of the model.`);
    }
    const inputNumbers = node.inputTensors.map(visit);
    const outputNumbers = node.outputTensors.map((output) => {
      const number = count++;
      numbers.set(output, number);
      return number;
    });
    applications.push({
      layer: tensor.sourceLayer,
      inputs: inputNumbers,
      outputs: outputNumbers,
      callArguments: node.callArgs ?? {},
    });
    return numbers.get(tensor) as number; // among the outputs of what made it
  };
  const outputNumbers = outputs.map(visit);
  const seen = new Set([...outputNumbers, ...inputs.keys()]);
  const lastUses = applications.toReversed().map(({ inputs: inputNumbers }) => {
    const last = [...new Set(inputNumbers)].filter((number) => !seen.has(number));
    for (const number of last) seen.add(number);
    return last;
  });
  return {
    applications: applications.map((application, index) => ({
      ...application,
      lastUses: lastUses[applications.length - 1 - index] as number[], // one for each, from the end
    })),
    outputs: outputNumbers,
  };
};

const scheduleOf = (model: GraphPart): Schedule => {
  const schedule = schedules.get(model) ?? makeSchedule(model);
  schedules.set(model, schedule);
  return schedule;
};

/**
 * Puts masks where some of tfjs's layers look for them, at the tensors, for as long as a layer is applied: a tensor of tfjs's
 * takes the mask that it has with it when it is freed.
 */
const withMasks = <T>(tensors: readonly Tensor[], masks: readonly Mask[], run: () => T): T => {
  const masked = tensors.filter((tensor, index) => {
    const mask = masks[index] ?? null;
    if (mask !== null) Object.assign(tensor, { kerasMask: mask });
    return mask !== null;
  });
  try {
    return run();
  } finally {
    for (const tensor of masked) Object.assign(tensor, { kerasMask: undefined });
  }
};

/** A layer's outputs and their masks. Whether it trains is the model's affair, unless the layer was called with an answer of its own. */
const applyLayer = (
  tf: typeof Tfjs,
  { layer, callArguments }: Application,
  inputs: Tensor[],
  masks: readonly Mask[],
  training: unknown,
): ModelOutputs => {
  const request: MaskRequest = { masks: [] };
  const isModel = layer instanceof tf.LayersModel;
  const options: ModelCallOptions = {
    training,
    ...callArguments,
    ...(isModel ? { [MASK_REQUEST]: request } : {}),
    ...(masks.every((mask) => mask === null)
      ? {}
      : // The further inputs of a recurrent layer are states, which have no masks.
        { mask: masks.length === 1 || layer instanceof tf.RNN ? masks[0] : [...masks] }),
  };
  const outputs = withMasks(inputs, masks, () => [layer.apply(inputs, options)].flat() as Tensor[]); // tensors in, tensors out
  if (isModel) return { outputs, masks: request.masks };
  // What layers inside of a layer of one's own have put out comes with its mask.
  const kept = outputs.map(maskOf);
  if (kept.some((mask) => mask !== null) && kept.every((mask) => mask !== null))
    return { outputs, masks: kept };
  // Its type speaks of tensors, though it takes and gives null for no mask.
  const outputMasks = layer.supportsMasking ? [layer.computeMask(inputs, [...masks] as Tensor[])].flat() : [];
  return { outputs, masks: outputs.map((_, index) => (outputMasks[index] as Mask | undefined) ?? null) };
};

/** How a layer is applied by itself. */
export interface AloneOptions {
  readonly training: boolean;
  /** The masks of the inputs; those that they came with by default. */
  readonly masks?: readonly Mask[] | undefined;
  /** What else the layer is called with. */
  readonly callArguments?: CallOptions | undefined;
}

/**
 * A layer's outputs for tensors, or a model's, by itself, and their masks: those of the inputs are those that they came with, unless
 * others are given. To be called inside a tidy.
 */
export const applyAlone = (
  tf: typeof Tfjs,
  layer: Layer,
  inputs: Tensor[],
  { training, masks = inputs.map(maskOf), callArguments = {} }: AloneOptions,
): ModelOutputs => {
  const application = { layer, inputs: [], outputs: [], callArguments, lastUses: [] };
  // What comes out as it came in has the mask that it is called with.
  return withInputMasks(inputs, masks, () => applyLayer(tf, application, inputs, masks, training));
};

/** Applies the layers of a model, before each of which others may run. To be called inside a tidy. */
function* graphInSteps(
  tf: typeof Tfjs,
  model: GraphPart,
  inputs: readonly Tensor[],
  inputMasks: readonly Mask[],
  training: unknown,
): Steps<ModelOutputs> {
  const { applications, outputs } = scheduleOf(model);
  const values: Tensor[] = [...inputs];
  const masks: Mask[] = [...inputMasks];
  // What a stateful layer gives may be its state.
  const states = new Set<number>();
  for (const application of applications) {
    const { layer, inputs: inputNumbers, outputs: outputNumbers, lastUses } = application;
    yield;
    const results = applyLayer(
      tf,
      application,
      inputNumbers.map((number) => values[number] as Tensor), // made before
      inputNumbers.map((number) => masks[number] ?? null),
      training,
    );
    outputNumbers.forEach((number, index) => {
      const value = results.outputs[index] as Tensor; // one for each
      const mask = results.masks[index] ?? null;
      values[number] = value;
      masks[number] = mask;
      if (layer.stateful) states.add(number);
    });
    // While training, the gradient needs them.
    if (training === true) continue;
    for (const number of lastUses) if (!states.has(number)) values[number]?.dispose();
  }
  // Each output is a tensor of its own, also where two outputs are one tensor of the graph.
  const firstUses = new Set<number>();
  return {
    outputs: outputs.map((number) => {
      const value = values[number] as Tensor; // made above
      if (!firstUses.has(number)) {
        firstUses.add(number);
        return value;
      }
      return value.clone();
    }),
    masks: outputs.map((number) => masks[number] ?? null),
  };
}

let running = 0;
keepSurroundings({ get: () => running, set: (value) => (running = value) });

/** Begins to run layers of a model. */
const enterModel = (): Leave => {
  running++;
  return () => running--;
};

/** Applies the layers of a model. To be called inside a tidy. */
const runGraph = (...parameters: Parameters<typeof graphInSteps>): ModelOutputs =>
  within(enterModel(), () => atOnce(graphInSteps(...parameters)));

/** Whether the layers of a model are being applied, and not a layer by itself. */
export const isRunningModel = (): boolean => running > 0;

interface Container {
  readonly call: (this: Container, inputs: Tensor | Tensor[], options?: ModelCallOptions) => Tensor[];
}

/**
 * Changes how tfjs runs the layers of a model. Its own gives null for the second of two outputs that are one tensor, lets no
 * mask out of a model, and of the masks of several inputs it hands on the first.
 */
export const replaceModelCall = (tf: typeof Tfjs): void => {
  const prototype = Object.getPrototypeOf(tf.LayersModel.prototype) as {
    -readonly [Key in keyof Container]: Container[Key];
  }; // of the class that is not exported
  prototype.call = function (this: Container, inputs, options = {}): Tensor[] {
    const list = [inputs].flat();
    const maskList = [options['mask'] as Mask | Mask[] | undefined].flat();
    const inputMasks = list.map((_, index) => maskList[index] ?? null);
    const model = this as unknown as Tfjs.LayersModel;
    const { outputs, masks } = tf.tidy(
      () =>
        // An object of tensors and null, which a tidy takes, though its type has no null.
        runGraph(tf, model, list, inputMasks, options['training']) as unknown as {
          outputs: Tensor[];
          masks: Tensor[];
        },
    );
    const request = options[MASK_REQUEST];
    if (request === undefined) {
      // Nobody will look at them.
      const others = new Set<Mask>([...list, ...outputs, ...inputMasks]);
      for (const mask of new Set<Mask>(masks)) if (!others.has(mask)) mask?.dispose();
    } else {
      request.masks = masks;
    }
    return outputs;
  };
};

/**
 * Changes what `trainable` of a model sets: as in Keras, that of all layers inside it. tfjs sets that of some of their weights,
 * so that a frozen model's batch normalization goes on following the batches.
 */
export const replaceModelTrainable = (tf: typeof Tfjs): void => {
  let isBuilding = false;
  // A Sequential sets it of the inner model that it builds, which has the same layers.
  const stack = tf.Sequential.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its model below
  const { build } = stack;
  stack.build = function (this: Tfjs.Sequential, ...args: Parameters<typeof build>): void {
    const outer = isBuilding;
    isBuilding = true;
    try {
      build.apply(this, args);
    } finally {
      isBuilding = outer;
    }
  };
  const prototype = Object.getPrototypeOf(tf.LayersModel.prototype) as object; // of the class that is not exported
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'trainable') as { get: () => boolean }; // as it is there
  Object.defineProperty(prototype, 'trainable', {
    configurable: true,
    get,
    set(this: Tfjs.LayersModel & { trainable_: boolean }, trainable: boolean) {
      if (!isBuilding) for (const layer of this.layers) layer.trainable = trainable;
      this.trainable_ = trainable;
    },
  });
};

/** Keeps tfjs from computing masks of its own beside those that the running of a model computes. */
export const replaceMaskMetadata = (tf: typeof Tfjs): void => {
  Object.assign(tf.layers.Layer.prototype, { setMaskMetadata: (): void => undefined });
};

/** A model's outputs for its inputs, which may have masks, and their masks. The caller frees them. */
export const applyModel = (
  model: Tfjs.LayersModel,
  inputs: readonly Tensor[],
  training: boolean,
  inputMasks: readonly Mask[] = [],
): ModelOutputs => {
  const request: MaskRequest = { masks: [] };
  const options: ModelCallOptions = { training, mask: [...inputMasks], [MASK_REQUEST]: request };
  const outputs = model.apply(inputs.length === 1 ? (inputs[0] as Tensor) : [...inputs], options);
  return { outputs: [outputs].flat() as Tensor[], masks: request.masks }; // tensors in, tensors out
};

/** What of a model says what it does. */
interface ModelView extends Container {
  readonly built: boolean;
  readonly activityRegularizer: unknown;
  /** Of a Sequential, the model that it builds of its layers. */
  readonly model?: Tfjs.LayersModel | null;
}

/** Whether a model does nothing but apply its layers: not where it is of a class that has a call of its own. */
const isPlain = (tf: typeof Tfjs, model: Tfjs.LayersModel): boolean => {
  const container = Object.getPrototypeOf(tf.LayersModel.prototype) as Container; // of the class that is not exported
  const { call, activityRegularizer, built } = model as unknown as ModelView;
  const isCommon = call === container.call || call === (tf.Sequential.prototype as unknown as Container).call;
  return isCommon && built && (activityRegularizer ?? null) === null;
};

/**
 * The same, before each layer of which others may run; where the model is more than its layers, it is one step. To be called inside a tidy.
 */
export function* modelInSteps(
  tf: typeof Tfjs,
  model: Tfjs.LayersModel,
  inputs: readonly Tensor[],
  training: boolean,
  inputMasks: readonly Mask[] = [],
): Steps<ModelOutputs> {
  const graph = model instanceof tf.Sequential ? (model as unknown as ModelView).model : model;
  const areTexts = inputs.some(({ dtype }) => dtype === 'string');
  if (!graph || areTexts || !isPlain(tf, model)) return applyModel(model, inputs, training, inputMasks);
  const masks = inputs.map((_, index) => inputMasks[index] ?? null);
  const isMask = (mask: Mask): mask is Tensor => mask !== null;
  const { outputs, masks: outputMasks } = yield* applyingInSteps(model, () =>
    tidyInSteps(
      tf,
      () => withinInSteps(enterModel, () => graphInSteps(tf, graph, inputs, masks, training)),
      (made) => [...made.outputs, ...made.masks.filter(isMask)],
    ),
  );
  // As a layer does that gives what it is given.
  return {
    outputs: outputs.map((output) => (inputs.includes(output) ? output.clone() : output)),
    masks: outputMasks,
  };
}

/**
 * What comes out of a part of a model's graph for what goes into it, and the masks, before each layer of which others may run. To be called
 * inside a tidy.
 */
export const partInSteps = (
  tf: typeof Tfjs,
  part: GraphPart,
  inputs: readonly Tensor[],
  training: boolean,
): Steps<ModelOutputs> =>
  withinInSteps(enterModel, () =>
    graphInSteps(
      tf,
      part,
      inputs,
      inputs.map(() => null),
      training,
    ),
  );

/** A model of tfjs's. It warns of a tensor that is an output twice, which {@link replaceModelCall} makes work. */
export const makeModel = (tf: typeof Tfjs, args: Parameters<typeof Tfjs.model>[0]): Tfjs.LayersModel => {
  /* eslint-disable no-console -- tfjs knows no other way to say it, nor one to switch it off */
  const { warn } = console;
  console.warn = (...words: unknown[]): void => {
    if (!String(words[0]).startsWith('The list of outputs passed to the model is redundant')) warn(...words);
  };
  try {
    return tf.model(args);
  } finally {
    console.warn = warn;
  }
  /* eslint-enable no-console */
};
