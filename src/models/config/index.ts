export * from './clone-model';
export type { Configured, KerasConfig } from './configured';
export * from './get-config';
export * from './nodes';
