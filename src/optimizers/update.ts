/**
 * A step of an optimizer as tfjs operations: pure functions from a variable, its gradient, its slots and the numbers of the
 * step to new values of variable and slots. The eager engine runs them one after the other; the compiled one traces them.
 */
import { tf, type Scalar, type Tensor } from '../tfjs/tensorflow';
import type { FusedKernel } from './fused';

/** What an optimizer keeps of a variable from step to step, by name; each of the variable's shape. */
export type Slots = Readonly<Record<string, Tensor>>;

/** What a slot is before the first step: a number everywhere, or the variable's own value. */
export type InitialValue = number | 'variable';

/** What an update rule is given. */
export interface UpdateInputs<OfSlots = Slots, Name extends string = string> {
  readonly variable: Tensor;
  readonly gradient: Tensor;
  readonly slots: OfSlots;
  /** The variable's name. An optimizer that asks for it says so: see `usesNames`. */
  readonly name?: string;
  /** Scalars: the learning rate, the number of the step, counted from 1, and those that the optimizer names. */
  readonly numbers: Readonly<Record<'learningRate' | 'step', Scalar> & Record<Name, Scalar>>;
}

/** The new values that an update rule gives. */
export interface Updated<OfSlots = Slots> {
  readonly variable: Tensor;
  readonly slots: OfSlots;
}

/** What some operations change of their inputs. */
export interface Changes {
  readonly variable?: Tensor;
  readonly gradient?: Tensor;
  readonly slots?: Slots;
}

/** A part of a step that consists of tfjs operations. */
export interface Operations {
  /** The slots that it reads. */
  readonly slots: readonly string[];
  readonly run: (inputs: UpdateInputs) => Changes;
}

/** A part of a step: operations, or one of TensorFlow's update kernels. */
export type Stage = Operations | { readonly kernel: FusedKernel };

/** What is done to some rows of a variable, which have a gradient, and to the others. */
export interface RowsUpdate {
  readonly operations: Operations;
  /** Whether the others, whose gradient is zero, stay as they are. */
  readonly keepsOthers: boolean;
}

/** What is done to each variable in a step, and what for it is kept and fed. */
export interface Update {
  readonly stages: readonly Stage[];
  /** The slots in Keras's order: for each group, for each variable, the group's slots. */
  readonly slots: readonly Readonly<Record<string, InitialValue>>[];
  /** The numbers that are other ones in each step, by name. */
  readonly numbers: Readonly<Record<string, (step: number) => number>>;
  /** The largest norm of all gradients together. */
  readonly globalClipnorm: number | undefined;
  /** In every so many steps there is an update, by the mean of their gradients. */
  readonly accumulationSteps: number;
  /** Whether variables of one shape may be treated differently, by their names. */
  readonly usesNames: boolean;
  /** The same for some rows of a variable, whatever the others are. */
  readonly ofRows: RowsUpdate | undefined;
}

/** What is done in each step besides an optimizer's own rule. */
export interface UpdateExtras {
  readonly clipnorm?: number | undefined;
  readonly clipvalue?: number | undefined;
  readonly globalClipnorm?: number | undefined;
  readonly weightDecay?: number | undefined;
  readonly useEma?: boolean | undefined;
  readonly emaMomentum?: number | undefined;
  readonly emaOverwriteFrequency?: number | undefined;
  readonly gradientAccumulationSteps?: number | undefined;
}

/** What an optimizer's definition says of its own part of a step. */
export interface OwnUpdate extends Omit<
  Update,
  'stages' | 'globalClipnorm' | 'ofRows' | 'accumulationSteps'
> {
  readonly rule: (inputs: UpdateInputs) => Updated;
  readonly kernel: FusedKernel | undefined;
  /** Whether the rule leaves numbers whose gradient is zero as they are, and their slots. */
  readonly keepsWithoutGradient: boolean;
}

/** The inputs after some changes. */
export const changed = (inputs: UpdateInputs, { slots, ...others }: Changes): UpdateInputs => ({
  ...inputs,
  ...others,
  slots: { ...inputs.slots, ...slots },
});

/** The slot of the moving average, and the number that says whether the variable takes it in a step. */
export const AVERAGE = 'average';
const OVERWRITE = 'overwrite';
/** The number by which all gradients are multiplied. */
export const CLIP_SCALE = 'clipScale';

/** The slot of the sum of gradients, and the number that says whether a step makes an update of them. */
const ACCUMULATED = 'accumulated';
export const APPLIES = 'applies';

const NONE: Operations[] = [];

const clipping = ({ clipnorm, clipvalue, globalClipnorm }: UpdateExtras): Operations[] => {
  // As in Keras: of several the first counts.
  if (clipnorm !== undefined) return [{ slots: [], run: ({ gradient }) => clipByNorm(gradient, clipnorm) }];
  if (globalClipnorm !== undefined) {
    return [
      {
        slots: [],
        run: ({ gradient, numbers }) => ({
          gradient: tf.mul(gradient, numbers[CLIP_SCALE] as Scalar), // there, if there is a global norm
        }),
      },
    ];
  }
  if (clipvalue === undefined) return NONE;
  return [
    { slots: [], run: ({ gradient }) => ({ gradient: tf.clipByValue(gradient, -clipvalue, clipvalue) }) },
  ];
};

/** `g · c / max(‖g‖, c)` */
const clipByNorm = (gradient: Tensor, norm: number): Changes => ({
  gradient: tf.div(tf.mul(gradient, norm), tf.maximum(tf.sqrt(tf.sum(tf.square(gradient))), norm)),
});

/** What all gradients are multiplied by, so that their norm together is not above one: `c · min(1 / ‖g‖, 1 / c)`. */
export const globalScale = (gradients: readonly Tensor[], norm: number): Scalar => {
  const squares = gradients.map((gradient) => tf.sum<Scalar>(tf.square(gradient)));
  const total = tf.sqrt(
    squares.slice(1).reduce<Scalar>((sum, one) => tf.add(sum, one), squares[0] ?? tf.scalar(0)),
  );
  const scale = tf.mul<Scalar>(norm, tf.minimum(tf.div(1, total), 1 / norm));
  // As in Keras: a norm that is not finite makes all gradients NaN, instead of some zero.
  return tf.add(scale, tf.sub(total, total));
};

/** `w ← w − learningRate · weightDecay · w`, before the update. */
const decay = ({ weightDecay }: UpdateExtras): Operations[] =>
  weightDecay === undefined || weightDecay === 0
    ? NONE
    : [
        {
          slots: [],
          run: ({ variable, numbers }) => ({
            variable: tf.sub(variable, tf.mul(tf.mul(variable, weightDecay), numbers.learningRate)),
          }),
        },
      ];

/** `average ← momentum · average + (1 − momentum) · w`, after the update; at times the weights become it. */
const moving = ({
  useEma = false,
  emaMomentum = 0.99,
  emaOverwriteFrequency,
}: UpdateExtras): Operations[] => {
  if (!useEma) return NONE;
  const run = ({ variable, slots, numbers }: UpdateInputs): Changes => {
    const before = slots[AVERAGE] as Tensor; // a slot, where averages are kept
    const average = tf.add(tf.mul(before, emaMomentum), tf.mul(variable, 1 - emaMomentum));
    if (emaOverwriteFrequency === undefined) return { slots: { [AVERAGE]: average } };
    const overwrite = numbers[OVERWRITE] as Scalar; // a number, where it is asked for
    return { slots: { [AVERAGE]: average }, variable: tf.where(tf.greater(overwrite, 0), average, variable) };
  };
  return [{ slots: [AVERAGE], run }];
};

/** Some operations, done to the mean of the gradients of so many steps, and then only. */
const accumulated = (
  operations: readonly Operations[],
  names: readonly string[],
  steps: number,
): Operations => ({
  slots: [...names, ACCUMULATED],
  run: (before) => {
    const total = tf.add(before.slots[ACCUMULATED] as Tensor, before.gradient); // a slot, where gradients are summed
    const after = operations.reduce<UpdateInputs>((inputs, { run }) => changed(inputs, run(inputs)), {
      ...before,
      gradient: tf.div(total, steps),
    });
    const applies = tf.greater(before.numbers[APPLIES] as Scalar, 0); // a number, where gradients are summed
    const chosen = (name: string): [string, Tensor] => [
      name,
      tf.where(applies, after.slots[name] as Tensor, before.slots[name] as Tensor), // slots, both
    ];
    return {
      variable: tf.where(applies, after.variable, before.variable),
      slots: {
        ...Object.fromEntries(names.map(chosen)),
        [ACCUMULATED]: tf.where(applies, tf.zerosLike(total), total),
      },
    };
  },
});

const rowsUpdateOf = (
  { kernel, keepsWithoutGradient }: OwnUpdate,
  operations: Operations,
): RowsUpdate | undefined => {
  // What a kernel computes of a number is of this number alone.
  const isElementwise = keepsWithoutGradient || kernel !== undefined;
  return isElementwise ? { operations, keepsOthers: keepsWithoutGradient } : undefined;
};

/** All that is done in a step: gradients clipped, weights decayed, the rule or its kernel, the moving average. */
export const updateOf = (own: OwnUpdate, extras: UpdateExtras): Update => {
  const { useEma = false, emaOverwriteFrequency, gradientAccumulationSteps: steps } = extras;
  const operations: Operations = {
    slots: own.slots.flatMap((group) => Object.keys(group)),
    run: own.rule,
  };
  const rule: Stage = own.kernel === undefined || steps !== undefined ? operations : { kernel: own.kernel };
  const slots = useEma ? [{ [AVERAGE]: 'variable' as const }, ...own.slots] : own.slots;
  const around = (one: Stage): Stage[] => [...clipping(extras), ...decay(extras), one, ...moving(extras)];
  const names = slots.flatMap((group) => Object.keys(group));
  const stages =
    steps === undefined ? around(rule) : [accumulated(around(operations) as Operations[], names, steps)]; // none is a kernel
  return {
    stages,
    ofRows: stages.length === 1 && steps === undefined ? rowsUpdateOf(own, operations) : undefined,
    slots: steps === undefined ? slots : [...slots, { [ACCUMULATED]: 0 }],
    numbers: {
      ...own.numbers,
      ...(useEma && emaOverwriteFrequency !== undefined
        ? { [OVERWRITE]: (step: number) => (step % emaOverwriteFrequency === 0 ? 1 : 0) }
        : {}),
      ...(steps === undefined ? {} : { [APPLIES]: (step: number) => (step % steps === 0 ? 1 : 0) }),
    },
    globalClipnorm: extras.clipnorm === undefined ? extras.globalClipnorm : undefined,
    accumulationSteps: steps ?? 1,
    usesNames: own.usesNames,
  };
};
