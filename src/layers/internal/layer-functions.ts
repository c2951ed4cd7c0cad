/** A layer function, or one of cells, as configurations use it. */
export interface KnownLayer {
  readonly functionName: string;
  /** The names of the options that are the layer's own. */
  readonly optionNames: readonly string[];
  /** Those of them that Keras takes when the layer is called, and not when it is made. */
  readonly callOptions: readonly string[];
  /** The step of options, or the cell, which are checked as the layer function checks them. */
  readonly step: (options: object) => unknown;
}

const known = new Map<string, KnownLayer>();

/** `max_pooling2d` and `MaxPooling2D` are one. */
const keyOf = (name: string): string => name.replaceAll('_', '').toLowerCase();

/** Notes the layer function of a name before numbering; the first of several is the one whose options say everything. */
export const noteLayerFunction = (baseName: string, layer: KnownLayer): void => {
  const key = keyOf(baseName);
  if (!known.has(key)) known.set(key, layer);
};

/** The layer function that makes layers of one of Keras's classes. */
export const layerFunctionOf = (className: string): KnownLayer | undefined => known.get(keyOf(className));
