import type { SubjectKind } from '../base/call-styles';
import { isLayer, type Layer } from '../layers/internal/target';
import { modelOf, modelSubject, type AnyModel } from './call-styles';
import type { KerasModel } from './model';

/** What has weights: a model, or one of its layers. */
export type Weighted = AnyModel | Layer;

/** A layer passes as it is, unless it is a whole model. */
export const weighted: SubjectKind<KerasModel | Layer> = {
  argument: 'model',
  is: (value) => modelSubject.is(value) || isLayer(value),
  check: (_, value) => (isLayer(value) && !modelSubject.is(value) ? value : modelOf(value)),
};
