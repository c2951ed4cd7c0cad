import { isWithinGradient } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';
import { attribute, runWithInt64 } from './native';
import { lastStep } from './time-major';

/** An LSTM's weights: `kernel [features, 4 units]`, `recurrentKernel [units, 4 units]`, `bias [4 units]`. */
export interface LstmWeights {
  readonly kernel: Tensor;
  readonly recurrentKernel: Tensor;
  readonly bias: Tensor | undefined;
}

/** Keras's order of the gates is input, forget, cell, output; TensorFlow's kernel wants input, cell, forget, output. */
const reorder = (weights: Tensor, axis: number): Tensor => {
  const [input, forget, cell, output] = tf.split(weights, 4, axis) as [Tensor, Tensor, Tensor, Tensor];
  return tf.concat([input, cell, forget, output], axis);
};

/** What is wanted of an LSTM: `hidden` states h, and those of its memory, c. */
export type LstmOutput = 'last hidden' | 'hidden' | 'hidden and memory';

type EightTensors = [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, ...Tensor[]];

const outputOf = (output: LstmOutput, hidden: Tensor, memory: Tensor): Tensor => {
  if (output === 'hidden and memory') return tf.concat([hidden, memory], 2);
  if (output === 'hidden') return hidden;
  return lastStep(hidden);
};

/** The gradients of all hidden states and of all memory, both like the latter, from that of the output. */
const gradientsOf = (output: LstmOutput, gradient: Tensor, memory: Tensor): [Tensor, Tensor] => {
  if (output === 'hidden and memory') return tf.split(gradient, 2, 2) as [Tensor, Tensor];
  const none = tf.zerosLike(memory);
  if (output === 'hidden') return [gradient, none];
  const before = tf.slice(none, [0, 0, 0], [memory.shape[0] - 1, -1, -1]);
  return [tf.concat([before, tf.expandDims(gradient, 0)]), none];
};

/** The same step by step, in operations that have gradients of gradients. */
const stepByStep = (
  [x, c, h, kernel, bias]: readonly [Tensor, Tensor, Tensor, Tensor, Tensor],
  output: LstmOutput,
): Tensor => {
  let [hidden, memory] = [h, c];
  const states = tf.unstack(x).map((input) => {
    const gates = tf.add(tf.matMul(tf.concat([input, hidden], 1), kernel), bias);
    const [i, candidate, f, o] = tf.split(gates, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    memory = tf.add(tf.mul(tf.sigmoid(f), memory), tf.mul(tf.sigmoid(i), tf.tanh(candidate)));
    hidden = tf.mul(tf.sigmoid(o), tf.tanh(memory));
    return [hidden, memory] as const;
  });
  const all = (which: 0 | 1): Tensor => tf.stack(states.map((both) => both[which]));
  return outputOf(output, all(0), all(1));
};

/**
 * A whole sequence through an LSTM in one op, TensorFlow's `BlockLSTM`, with `BlockLSTMGrad` as its gradient:
 *
 * i, f, o = σ(x·W + h·U + b), c' = f·c + i·tanh(…), h' = o·tanh(c').
 *
 * In `x [steps, batch, features]` and the states `h`, `c` `[batch, units]`; out h of the last step, `[batch, units]`, or of
 * every step, `[steps, batch, units]`, or h and c of every step side by side, `[steps, batch, 2 units]`.
 */
export const blockLstm = (
  x: Tensor,
  h: Tensor,
  c: Tensor,
  { weights, output }: { readonly weights: LstmWeights; readonly output: LstmOutput },
): Tensor => {
  const [steps, units] = [x.shape[0], h.shape[1] ?? 0];
  const kernel = reorder(tf.concat([weights.kernel, weights.recurrentKernel], 0), 1);
  const bias = weights.bias === undefined ? tf.zeros([4 * units]) : reorder(weights.bias, 0);
  const noPeephole = tf.zeros([units]);
  const type = attribute.type('T', 'float');
  const peephole = attribute.bool('use_peephole', false);

  // tfjs hands `save` after the tensors, though its type speaks of tensors only.
  const forward = tf.customGrad((...args) => {
    const [xs, cells, hiddens, matrix, offsets, save] = args as unknown as [
      ...[Tensor, Tensor, Tensor, Tensor, Tensor],
      (tensors: Tensor[]) => void,
    ];
    const outputs = runWithInt64(
      'BlockLSTM',
      [attribute.float('forget_bias', 0), attribute.float('cell_clip', -1), peephole, type],
      steps,
      [xs, cells, hiddens, matrix, noPeephole, noPeephole, noPeephole, offsets],
      7,
    );
    save([xs, cells, hiddens, matrix, offsets, noPeephole, ...outputs]);
    // Of the seven: i, c, f, o, two others, h.
    const [allCells, allHiddens] = [outputs[1], outputs[6]] as [Tensor, Tensor];
    return {
      value: outputOf(output, allHiddens, allCells),
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const [x1, c1, h1, w1, b1, zero, input, memory, ...gates] = saved as EightTensors; // as saved
        // Those of a gradient within a gradient must have gradients themselves.
        if (isWithinGradient()) {
          const gradientsByStep = tf.grads((...all) =>
            stepByStep(all as [Tensor, Tensor, Tensor, Tensor, Tensor], output),
          );
          return gradientsByStep([x1, c1, h1, w1, b1], gradient);
        }
        const [hiddenGradient, memoryGradient] = gradientsOf(output, gradient, memory);
        const gradients = runWithInt64(
          'BlockLSTMGrad',
          [peephole, type],
          steps,
          [x1, c1, h1, w1, zero, zero, zero, b1, input, memory, ...gates, memoryGradient, hiddenGradient],
          8,
        );
        const [dx, dc, dh, dw, , , , db] = gradients as [Tensor, ...Tensor[]];
        return [dx, dc, dh, dw, db] as Tensor[];
      },
    };
  });
  return forward(x, c, h, kernel, bias);
};
