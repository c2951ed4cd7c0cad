import { tf, type Tensor } from '../tensorflow';
import { attribute, runWithInt64 } from '../native';

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

/**
 * A whole sequence through an LSTM in one op, TensorFlow's `BlockLSTM`, with `BlockLSTMGrad` as its gradient:
 *
 * i, f, o = σ(x·W + h·U + b), c' = f·c + i·tanh(…), h' = o·tanh(c').
 *
 * In `x [steps, batch, features]` and the states `h`, `c` `[batch, units]`; out `[steps, batch, 2 units]`: h and c of
 * every step, side by side.
 */
export const blockLstm = (x: Tensor, h: Tensor, c: Tensor, weights: LstmWeights): Tensor => {
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
    const [, allCells, , , , , allHiddens] = outputs as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    return {
      value: tf.concat([allHiddens, allCells], 2),
      gradFunc: (gradient: Tensor, saved: Tensor[]) => {
        const [x1, c1, h1, w1, b1, zero, ...gates] = saved as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
        ];
        const [hiddenGradient, cellGradient] = tf.split(gradient, 2, 2) as [Tensor, Tensor];
        const gradients = runWithInt64(
          'BlockLSTMGrad',
          [peephole, type],
          steps,
          [x1, c1, h1, w1, zero, zero, zero, b1, ...gates, cellGradient, hiddenGradient],
          8,
        );
        const [dx, dc, dh, dw, , , , db] = gradients as [Tensor, ...Tensor[]];
        return [dx, dc, dh, dw, db] as Tensor[];
      },
    };
  });
  return forward(x, c, h, kernel, bias);
};
