import * as all from '../../../src/index';
import { row, type Row } from './row';

/** Layers of images, and of their values. */
export const imageRows: readonly Row[] = [
  row('layerResizing', all.layerResizing, {
    options: { height: 3, width: 6 },
    input: [5, 4, 2],
    output: [3, 6, 2],
  }),
  row('layerResizing', all.layerResizing, {
    about: 'with cropping',
    options: { height: 6, width: 3, interpolation: 'bicubic', cropToAspectRatio: true },
    input: [5, 4, 2],
    output: [6, 3, 2],
  }),
  row('layerRescaling', all.layerRescaling, {
    options: { scale: [0.5, 2], offset: 1 },
    input: [3, 2],
    output: [3, 2],
  }),
  row('layerCenterCrop', all.layerCenterCrop, {
    options: { height: 3, width: 2 },
    input: [5, 4, 2],
    output: [3, 2, 2],
  }),
  row('layerRandomCrop', all.layerRandomCrop, {
    options: { height: 3, width: 2, seed: 4 },
    input: [5, 4, 2],
    output: [3, 2, 2],
  }),
  row('layerRandomFlip', all.layerRandomFlip, { options: {}, input: [5, 4, 2], output: [5, 4, 2] }),
  row('layerRandomRotation', all.layerRandomRotation, {
    options: { factor: 0.2 },
    input: [5, 4, 2],
    output: [5, 4, 2],
  }),
  row('layerRandomZoom', all.layerRandomZoom, {
    options: { heightFactor: [-0.3, 0.2] },
    input: [5, 4, 2],
    output: [5, 4, 2],
  }),
  row('layerRandomTranslation', all.layerRandomTranslation, {
    options: { heightFactor: 0.3, widthFactor: [0, 0.2] },
    input: [5, 4, 2],
    output: [5, 4, 2],
  }),
  row('layerRandomContrast', all.layerRandomContrast, {
    options: { factor: 0.3 },
    input: [5, 4, 2],
    output: [5, 4, 2],
  }),
  row('layerRandomBrightness', all.layerRandomBrightness, {
    options: { factor: 0.3 },
    input: [5, 4, 2],
    output: [5, 4, 2],
  }),
  row('layerRandomHeight', all.layerRandomHeight, {
    options: { factor: 0.3 },
    input: [5, 4, 2],
    output: [5, 4, 2],
    drawnAxes: [1],
  }),
  row('layerRandomWidth', all.layerRandomWidth, {
    options: { factor: [-0.3, 0.3], interpolation: 'area' },
    input: [5, 4, 2],
    output: [5, 4, 2],
    drawnAxes: [2],
  }),
];
