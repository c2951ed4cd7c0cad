/** Labels of images by their class. */
import { tf, type Tensor, type Tensor4D } from '../../tfjs/tensorflow';
import { oneHotRows } from '../labels';

/** What labels a flow gives: one-hot rows, numbers, the images themselves, or none. */
export type ClassMode = 'categorical' | 'binary' | 'sparse' | 'input' | null;

/** The labels of some images. */
export const classTargets = (
  mode: ClassMode,
  labels: ArrayLike<number>,
  rows: Int32Array,
  images: Tensor4D,
  classes: number,
): Tensor[] => {
  if (mode === null) return [];
  if (mode === 'input') return [tf.clone(images)];
  const some = Array.from(rows, (row) => labels[row] ?? 0);
  return [mode === 'categorical' ? oneHotRows(some, classes) : tf.tensor1d(some, 'float32')];
};
