import { tf, type Tensor } from '../tfjs/tensorflow';

/** What the labels of a batch are: int32 `[n]`, one-hot float32 `[n, classes]`, float32 `[n, 1]`, or none. */
export type LabelMode = 'int' | 'categorical' | 'binary' | null;

/** Rows with a one at each label; a label that has no column is a row of zeros, as of TensorFlow's one-hot. */
export const oneHotRows = (labels: ArrayLike<number>, classes: number): Tensor => {
  const rows = new Float32Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] ?? classes;
    if (label < classes) rows[row * classes + label] = 1;
  }
  return tf.tensor2d(rows, [labels.length, classes], 'float32');
};

/** The labels of a batch in a mode; undefined where there are none. */
const labelTensor = (mode: LabelMode, labels: Int32Array, classes: number): Tensor | undefined => {
  if (mode === null) return undefined;
  if (mode === 'int') return tf.tensor1d(labels, 'int32');
  if (mode === 'binary') return tf.tensor2d(Float32Array.from(labels), [labels.length, 1], 'float32');
  return oneHotRows(labels, classes);
};

/** The labels of all files of a folder, and what they are in a batch. */
export interface FileLabels {
  readonly labels: ArrayLike<number>;
  readonly labelMode: LabelMode;
}

/** What was made of some of the files, with their labels, if there are any. */
export const withLabels = <Batch>(
  x: Batch,
  rows: Int32Array,
  { labels, labelMode }: FileLabels,
  classes: number,
): Batch | [x: Batch, y: Tensor] => {
  const own = rows.map((row) => labels[row] ?? 0);
  const y = labelTensor(labelMode, own, classes);
  return y === undefined ? x : [x, y];
};
