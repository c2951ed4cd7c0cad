import type { Tensor } from '../../src/index';

/** What is compared of random numbers. */
export interface Statistics {
  readonly mean: number;
  readonly deviation: number;
  readonly largest: number;
}

export const statistics = (tensor: Tensor): Statistics => {
  const values = [...tensor.dataSync()];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    mean,
    deviation: Math.sqrt(variance),
    largest: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
};
