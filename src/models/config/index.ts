export * from './clone-model';
export type { Configured, KerasConfig } from './configured';
export { fromConfig, getConfig } from './get-config';
export type { ConfigOf, FromConfigOptions, MadeOf } from './get-config';
export * from './nodes';
