export * from './feature-space';
export type { Feature, FeatureOptions, FeatureType } from './features';
