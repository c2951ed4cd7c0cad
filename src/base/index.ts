import './compile-cache';
export type {
  Always,
  Apply,
  CallForm,
  DataFunction,
  Itself,
  OptionedDataFunction,
  TypeFunction,
  WithoutSubject,
} from './call-styles';
export type { Fields, OptionsArgument } from './class-definition';
export { withCustomObjectScope } from './custom-objects';
export type { CustomObject, CustomObjects } from './custom-objects';
export {
  describe,
  describeShape,
  KerasArgumentError,
  KerasDatasetError,
  KerasError,
  KerasFileError,
  KerasNativeError,
  KerasShapeError,
  KerasStateError,
} from './errors';
export type { KerasErrorDetails, KerasErrorKind } from './errors';
export type { BareOption, MakerFunction, NoOptions } from './maker';
export * from './random-seed';
export type { Named, NameList, NamesOf } from './registry';
export type { UserObject } from './user-function';
