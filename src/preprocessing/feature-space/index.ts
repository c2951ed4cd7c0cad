export {
  featureSpace,
  type FeatureColumns,
  type FeatureCross,
  type FeatureSpace,
  type FeatureSpaceOptions,
} from './feature-space';
export type { Feature, FeatureOptions, FeatureType } from './features';
