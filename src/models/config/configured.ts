import type { Layer } from '../../layers/internal/target';
import type { AnyModel } from '../call-styles';
import type { Config } from './forms';

/** The key under which a configuration says of what class it is, for {@link fromConfig}; JSON leaves it out. */
export const configuredClass: unique symbol = Symbol('class');

/** The key of the type of what a configuration is of, which is there in types only. */
declare const configured: unique symbol;

/** What has a configuration. */
export type Configured = AnyModel | Layer;

/** A configuration, as JSON has it, in Keras's names. Options in it may be changed. */
export interface KerasConfig<Of = Configured> extends Config {
  readonly [configured]?: Of;
  [configuredClass]?: string;
}
