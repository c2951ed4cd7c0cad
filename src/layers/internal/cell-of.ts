import { KerasArgumentError, describe } from '../../base/errors';
import { isOfLibraryClass } from '../../tfjs/base-classes';
import { layerOfConfig } from '../../tfjs/keras-layer';
import { tf } from '../../tfjs/tensorflow';
import { WrappedCell, type TfjsCell } from './own-cells';
import { RecurrentCell } from './recurrent-cell';

const isTfjsCell = (value: unknown): value is TfjsCell =>
  value instanceof tf.layers.Layer && 'stateSize' in value;

/** A cell as it runs in this library, from a cell, one of tfjs's kind, or a configuration of one. */
export const cellOf = (value: unknown): RecurrentCell<object> => {
  if (value instanceof RecurrentCell) return value as RecurrentCell<object>; // of whatever options
  if (isTfjsCell(value)) {
    if (value.built || !isOfLibraryClass(value)) return new WrappedCell(value);
    // A class of tfjs's own is this library's under the same name.
    return cellOf({ className: value.getClassName(), config: value.getConfig() });
  }
  if (typeof value === 'object' && value !== null && 'className' in value) {
    return cellOf(layerOfConfig(value as { className: string; config: object })); // as configurations have it
  }
  throw new KerasArgumentError({
    argument: 'cell',
    expected: 'the cell of a recurrent layer must be there',
    received: describe(value),
    advice:
      'A cell of your own is not in a configuration: build the model by your program, and set its weights',
  });
};
