import type { ScanRecorder } from '../../ops/scan';
import { idOf, TYPES, wrap } from '../../tfjs/binding';
import { layerBeingApplied } from '../../tfjs/layer-apply';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { Recorder } from './recorder';
import type { RecordedOp, RecordedScan } from './recording';

/** A tensor of zeros, which is not recorded. */
const blank = (recorder: Recorder, shape: readonly number[]): Tensor => {
  const made = recorder.zeros(shape);
  if (made !== undefined) return wrap(made);
  return recorder.into(undefined, () => {
    const zeros = tf.zeros([...shape]);
    idOf(zeros); // tfjs makes the native tensor on first use, which must not be recorded
    return zeros;
  });
};

/** Records a recurrence, or its gradient, as one operation. */
const push = (
  recorder: Recorder,
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
    outputs: outputs.map((tensor) => ({ id: idOf(tensor), dtype: TYPES.float, shape: tensor.shape })),
    scan,
  });
};

/** Takes a recurrence as one op: one of its steps is run, on zeros, and what comes out of the whole is zeros, too. */
export const scanRecorder = (recorder: Recorder): ScanRecorder => ({
  forward: (step, { inputs, state, weights }) => {
    const steps = inputs[0]?.shape[0] ?? 0;
    const slices = inputs.map(({ shape }) => blank(recorder, shape.slice(1)));
    const before = blank(recorder, state.shape);
    const body: RecordedOp[] = [];
    const after = recorder.into(body, () => idOf(step(slices, before, weights)));
    const states = blank(recorder, [steps, ...state.shape]);
    push(recorder, 'Scan', [...inputs, state], [states], {
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
    const slices = inputs.map(({ shape }) => blank(recorder, shape.slice(1)));
    const before = blank(recorder, state.shape);
    const after = blank(recorder, state.shape);
    const ofAfter = blank(recorder, state.shape);
    const body: RecordedOp[] = [];
    const results = recorder.into(body, () => {
      const gradients = vjp({ inputs: slices, state: before, weights, after, gradient: ofAfter });
      return [...gradients.inputs, gradients.state, ...gradients.weights].map(idOf);
    });
    const outputs = [...inputs, state, ...weights].map(({ shape }) => blank(recorder, shape));
    push(recorder, 'ScanGradient', [...inputs, state, states, gradient], outputs, {
      body,
      steps: states.shape[0],
      sequences: inputs.length,
      stateShape: state.shape,
      outputShapes: outputs.map(({ shape }) => shape),
      feeds: {
        sequences: slices.map(idOf),
        state: idOf(before),
        backward: { after: idOf(after), gradient: idOf(ofAfter) },
      },
      results,
    });
    return outputs;
  },
});
