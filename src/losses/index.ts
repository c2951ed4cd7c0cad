export * from './crossentropies';
export * from './hinges';
export * from './regression';
export type { LabelForm, Loss, LossDefinition, LossFunction } from './define-loss';
export type { LossName } from './registry';
