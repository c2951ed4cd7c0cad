import { binding } from '../../tfjs/binding';
import type { Tensor, Tensor2D } from '../../tfjs/tensorflow';
import type { SparseBatch } from '../../arrays/sparse-input';
import { coordinateMatMul } from './sparse-coordinates';
import { segmentMatMul } from './sparse-segments';

/** The product of a sparse batch, `[rows, dimension]`, with a kernel `[dimension, units]`. Out `[rows, units]`. Sums of segments are of ones. */
export const sparseMatMul = (batch: SparseBatch, kernel: Tensor, rows: number): Tensor2D =>
  binding().TF_Version.startsWith('1.') && batch.values === undefined
    ? segmentMatMul(batch, kernel, rows)
    : coordinateMatMul(batch, kernel, rows);
