import { layerBeingApplied } from '../../tfjs/layer-apply';
import { withScanRecorder, type ScanRecorder } from '../../ops/scan';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import {
  binding,
  bound,
  idOf,
  withBinding,
  type Binding,
  type OpAttribute,
  type Values,
} from '../../tfjs/binding';

/** One op of a recording: what ran, on which tensors, and which tensors came out. */
export interface RecordedOp {
  readonly name: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly number[];
  readonly outputs: readonly {
    readonly id: number;
    readonly dtype: number;
    readonly shape: readonly number[];
  }[];
  /** The layer that ran it; none for gradients. */
  readonly layer?: string | undefined;
  /** For a recurrence, which is one op whatever the number of its time steps. */
  readonly scan?: RecordedScan;
}

/** The value of an attribute, if it was recorded. */
export const attributeOf = ({ attributes }: RecordedOp, name: string): OpAttribute['value'] =>
  attributes.find((attribute) => attribute.name === name)?.value;

/**
 * A recurrence over time, or its gradient, of which one step is recorded. Its inputs, as an op, are the sequences, the
 * first state and, for a gradient, all states and their gradients; its outputs are all states, or the gradients of the
 * sequences, of the first state and of the weights. What the step uses besides comes from outside, as it is.
 */
export interface RecordedScan {
  readonly body: readonly RecordedOp[];
  readonly steps: number;
  readonly sequences: number;
  /** The shape of a state, `[batch, size]`. */
  readonly stateShape: readonly number[];
  /** The shapes of the outputs, for those that are summed up over the steps. */
  readonly outputShapes: readonly (readonly number[])[];
  /** The tensors of one step: its part of each sequence, the state before, the gradient of the state after. */
  readonly feeds: {
    readonly sequences: readonly number[];
    readonly state: number;
    readonly gradient?: number;
  };
  /** What the step gives: the state after; or gradients, in the order of the outputs. */
  readonly results: readonly number[];
}

/** A tensor that JavaScript made during a recording. */
export interface RecordedConstant {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly values: Values;
}

/** Everything that ran on TensorFlow's side during a function. */
export interface Recording {
  readonly ops: readonly RecordedOp[];
  readonly constants: ReadonlyMap<number, RecordedConstant>;
  /** Whether JavaScript read a tensor's values: what it then did may depend on them. */
  readonly readValues: boolean;
}

/** Where ops are recorded at the moment. */
class Recorder {
  readonly constants = new Map<number, RecordedConstant>();
  readValues = false;
  ops: RecordedOp[] | undefined = [];

  /** The object that stands in the binding's place. */
  readonly binding: Binding;

  constructor(real: Binding) {
    this.binding = {
      ...bound(real),
      executeOp: (name, attributes, inputs, outputs) => {
        const made = real.executeOp(name, attributes, inputs, outputs);
        this.ops?.push({
          name,
          attributes,
          layer: layerBeingApplied(),
          inputs: [...inputs],
          outputs: made.map(({ id, dtype, shape }) => ({ id, dtype, shape: [...shape] })),
        });
        return made;
      },
      createTensor: (shape, dtype, values) => {
        const id = real.createTensor(shape, dtype, values);
        if (this.ops !== undefined)
          this.constants.set(id, { shape: [...shape], dtype, values: values.slice() });
        return id;
      },
      tensorDataSync: (id) => {
        this.readValues = true;
        return real.tensorDataSync(id);
      },
    };
  }

  /** Runs something with ops going elsewhere: into a list of their own, or nowhere. */
  into<T>(ops: RecordedOp[] | undefined, run: () => T): T {
    const outer = this.ops;
    this.ops = ops;
    try {
      return run();
    } finally {
      this.ops = outer;
    }
  }
}

const FLOAT = 1;

/** Takes a recurrence as one op: one of its steps is run, on zeros, and what comes out of the whole is zeros, too. */
const scanRecorder = (recorder: Recorder): ScanRecorder => {
  const blank = (shape: readonly number[]): Tensor => {
    const tensor = recorder.into(undefined, () => {
      const zeros = tf.zeros([...shape]);
      idOf(zeros); // tfjs makes the native tensor on first use, which must not be recorded
      return zeros;
    });
    return tensor;
  };
  const push = (
    name: string,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    scan: RecordedScan,
  ): void => {
    recorder.ops?.push({
      name,
      attributes: [],
      layer: layerBeingApplied(),
      inputs: inputs.map(idOf),
      outputs: outputs.map((tensor) => ({ id: idOf(tensor), dtype: FLOAT, shape: tensor.shape })),
      scan,
    });
  };
  return {
    forward: (step, { inputs, state, weights }) => {
      const steps = inputs[0]?.shape[0] ?? 0;
      const slices = inputs.map(({ shape }) => blank(shape.slice(1)));
      const before = blank(state.shape);
      const body: RecordedOp[] = [];
      const after = recorder.into(body, () => idOf(step(slices, before, weights)));
      const states = blank([steps, ...state.shape]);
      push('Scan', [...inputs, state], [states], {
        body,
        steps,
        sequences: inputs.length,
        stateShape: state.shape,
        outputShapes: [states.shape],
        feeds: { sequences: slices.map(idOf), state: idOf(before) },
        results: [after],
      });
      return states;
    },
    backward: (vjp, { inputs, state, weights }, states, gradient) => {
      const slices = inputs.map(({ shape }) => blank(shape.slice(1)));
      const before = blank(state.shape);
      const ofAfter = blank(state.shape);
      const body: RecordedOp[] = [];
      const results = recorder.into(body, () => {
        const made = vjp(slices, before, weights, ofAfter);
        return [...made.inputs, made.state, ...made.weights].map(idOf);
      });
      const outputs = [...inputs, state, ...weights].map(({ shape }) => blank(shape));
      push('ScanGradient', [...inputs, state, states, gradient], outputs, {
        body,
        steps: states.shape[0],
        sequences: inputs.length,
        stateShape: state.shape,
        outputShapes: outputs.map(({ shape }) => shape),
        feeds: { sequences: slices.map(idOf), state: idOf(before), gradient: idOf(ofAfter) },
        results,
      });
      return outputs;
    },
  };
};

/** Runs a function once, for real, and records every op that it executes. */
export const record = <T>(run: () => T): { result: T; recording: Recording } => {
  const recorder = new Recorder(binding());
  const result = withBinding(recorder.binding, () => withScanRecorder(scanRecorder(recorder), run));
  const { ops = [], constants, readValues } = recorder;
  return { result, recording: { ops, constants, readValues } };
};
