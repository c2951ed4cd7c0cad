import { recurrentView } from '../tfjs/private';
import type { Mask } from '../tfjs/run-graph';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { KerasModel } from '../models/model';
import { batchOf, type Arrays } from '../step/batches';
import { allLayers, stateVariablesOf } from '../step/layers';
import { forward } from '../step/step';
import type { Tensors } from './data';

/** Rows that are predicted at once, unless the model says how many. */
const ROWS = 128;

/** Runs something that leaves stateful layers in the states that they are in. */
const keepingStates = <T>(model: KerasModel, run: () => T): T => {
  const variables = stateVariablesOf(model);
  const values = variables.map((variable) => tf.clone(variable));
  // Those of tfjs's own classes.
  const stateful = [...allLayers(model.layers)].filter((layer) => layer.stateful && layer instanceof tf.RNN);
  const states = stateful.map((layer) => recurrentView(layer).states.map((state) => state?.clone()));
  try {
    return run();
  } finally {
    variables.forEach((variable, index) => variable.assign(values[index] as Tensor)); // one for each
    tf.dispose(values);
    stateful.forEach((layer, index) => {
      const before = states[index]?.filter((state) => state !== undefined) ?? [];
      // Without states before, zeros are what the layer begins with.
      recurrentView(layer).resetStates(before.length === 0 ? undefined : before, false);
    });
    tf.dispose(states);
  }
};

/** Which steps of a model's outputs are no padding, for all rows: the masks that come out of the model. */
export const paddingOf = (model: KerasModel, x: Arrays['x'], tensors: Tensors): Mask[] => {
  const rows = x[0]?.shape[0] ?? 0;
  // Unequal lengths are an error of their own.
  if (x.some(({ shape }) => shape[0] !== rows)) return [];
  const batchSize = model.tf.inputs[0]?.shape[0] ?? ROWS;
  const batches: (Tensor | null)[][] = [];
  keepingStates(model, () => {
    for (let from = 0; from < rows; from += batchSize) {
      const count = Math.min(batchSize, rows - from);
      tf.tidy(() => {
        const batch = batchOf({ x, y: [], weights: [], rows }, from, count);
        const { masks } = forward(model, batch.x, false);
        batches.push(masks.map((mask) => (mask === null ? null : tf.keep(mask.clone()))));
      });
    }
  });
  const [first = []] = batches;
  return first.map((mask, index) => {
    if (mask === null) return null;
    const parts = batches.map((masks) => masks[index] as Tensor); // an output has a mask in every batch, or in none
    const whole = tensors.takeOver(tf.concat(parts));
    tf.dispose(parts);
    return whole;
  });
};
