/** Layers of images: what does not fit. */
import {
  layerCenterCrop,
  layerInput,
  layerRandomBrightness,
  layerRandomContrast,
  layerRandomFlip,
  layerRandomHeight,
  layerRandomRotation,
  layerRandomTranslation,
  layerRandomZoom,
  layerRescaling,
  layerResizing,
  type SymbolicTensor,
} from '../../src/index';

describe('what does not fit', () => {
  const input = (...shape: number[]): SymbolicTensor => layerInput({ shape });
  const range = '`factor` must be a number of 0 or more, or two numbers, the least and the largest';
  const errors: readonly [string, () => unknown, string][] = [
    ['no size', () => layerResizing({ height: 3 } as never), 'the option `width` is required'],
    ['a size of 0', () => layerCenterCrop({ height: 0, width: 1 }), '`height` must be a positive integer'],
    [
      'an interpolation that there is not',
      () => layerResizing({ height: 1, width: 1, interpolation: 'lanczos4' as never }),
      "Did you mean 'lanczos3' or 'lanczos5'?",
    ],
    [
      'sequences for images',
      () => layerResizing(input(5, 3), { height: 1, width: 1 }),
      'needs input of 4 dimensions, the batch axis included. Received: [null, 5, 3]',
    ],
    ['volumes for images', () => layerRandomFlip(input(2, 2, 2, 2)), 'needs input of 3 to 4 dimensions'],
    ['no scale', () => layerRescaling({} as never), 'the option `scale` is required'],
    [
      'a scale of words',
      () => layerRescaling({ scale: '2' as never }),
      '`scale` must be a finite number, or an array of them',
    ],
    [
      'scales for other channels',
      () => layerRescaling(input(4, 3), { scale: [1, 2] }),
      'needs input whose last axis has 2 places, as many as it has numbers, and has 3',
    ],
    [
      'a flip that there is not',
      () => layerRandomFlip({ mode: 'diagonal' as never }),
      "one of 'horizontal_and_vertical'",
    ],
    ['a negative factor', () => layerRandomRotation({ factor: -0.1 }), `${range}. Received: -0.1.`],
    [
      'a range the wrong way round',
      () => layerRandomRotation({ factor: [0.2, 0.1] }),
      `${range}. Received: [0.2, 0.1].`,
    ],
    ['three factors', () => layerRandomRotation({ factor: [0.1, 0.2, 0.3] as never }), range],
    [
      'too far',
      () => layerRandomTranslation({ heightFactor: 1.5, widthFactor: 0 }),
      'the largest, from -1 to 1. Received: 1.5.',
    ],
    [
      'a zoom to nothing',
      () => layerRandomZoom({ heightFactor: 0.1, widthFactor: [-2, 0] }),
      'the largest, of -1 or more',
    ],
    ['a height below nothing', () => layerRandomHeight({ factor: [-1.5, 0] }), 'the largest, of -1 or more'],
    [
      'a filling that there is not',
      () => layerRandomZoom({ heightFactor: 0.1, fillMode: 'mirror' as never }),
      "one of 'reflect', 'constant', 'wrap', 'nearest'",
    ],
    [
      'an interpolation between pixels that there is not',
      () => layerRandomZoom({ heightFactor: 0.1, interpolation: 'bicubic' as never }),
      "one of 'bilinear', 'nearest'",
    ],
    [
      'less contrast than none',
      () => layerRandomContrast({ factor: 1.5 }),
      '`factor` must be a number from 0 to 1, or two',
    ],
    [
      'negative contrast',
      () => layerRandomContrast({ factor: [-0.5, 0.5] }),
      '`factor` must be a number from 0 to 1, or two',
    ],
    [
      'too bright',
      () => layerRandomBrightness({ factor: [0, 1.5] }),
      '`factor` must be a number from -1 to 1, or two of them',
    ],
    [
      'one value for a range',
      () => layerRandomBrightness({ factor: 0.1, valueRange: [1] as never }),
      'Write valueRange: [0, 1]',
    ],
    ['a seed between numbers', () => layerRandomFlip({ seed: 0.5 }), '`seed` must be an integer'],
  ];
  test.each(errors)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
