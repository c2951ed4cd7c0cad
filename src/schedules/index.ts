export {
  learningRateScheduleCosineDecay,
  learningRateScheduleCosineDecayRestarts,
  type CosineDecayOptions,
  type CosineDecayRestartsOptions,
} from './cosine';
export {
  learningRateScheduleExponentialDecay,
  learningRateScheduleInverseTimeDecay,
  learningRateSchedulePolynomialDecay,
  type PolynomialDecayOptions,
  type TimeDecayOptions,
} from './decays';
export { learningRateSchedulePiecewiseConstantDecay, type PiecewiseConstantDecayOptions } from './piecewise';
export type { LearningRateSchedule } from './schedule';
