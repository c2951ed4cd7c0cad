import { oneOf, type Check } from '../../base/checks';
import { KerasArgumentError } from '../../base/errors';

/** 'channels_last' in tfjs's spelling. 'channels_first' runs on no CPU kernel, so it is an error that says so. */
export const channelsLast: Check<string> = (value, place) => {
  if (oneOf('channels_last', 'channels_first')(value, place) === 'channels_last') return 'channelsLast';
  throw new KerasArgumentError({
    function: place.function,
    argument: place.argument,
    expected: "`dataFormat` must be 'channels_last': TensorFlow's CPU kernels know no other",
    received: "'channels_first'",
    advice: 'Put the channels in the last axis, for example with tf.transpose',
  });
};

/** 'valid' (no padding) or 'same' (padding so that stride 1 keeps the size). */
export const padding = oneOf('valid', 'same');
