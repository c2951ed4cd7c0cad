export * from './crossentropies';
export * from './hinges';
export * from './regression';
export type { LabelForm, Loss, LossDefinition, LossFunction, LossOptions, Reduction } from './define-loss';
export type { LossName } from './registry';
