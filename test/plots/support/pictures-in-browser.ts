/** What a browser says of pictures of data, and of a training's: no label overlaps another or is cut, all is read with ease. */
import {
  kerasModelSequential,
  layerConv2d,
  layerDense,
  layerFlatten,
  pipe,
  plot,
  plotConfusion,
  plotEmbedding,
  plotImages,
  plotWeights,
  tf,
  type Picture,
  type ThemeName,
} from '../../../src/index';
import { describeInChromium } from '../../support/chromium';
import { axeFindings, measured } from './measure';

const names = [
  'T-shirt/top',
  'Trouser',
  'an uncommonly long name',
  'x',
  '<b>bold</b>',
  'Schuhe',
  '靴',
  'Сандалия',
];
const matrix = names.map((_, row) =>
  names.map((_name, column) => (row === column ? 9000 : (row * column) % 3)),
);
const rows = Array.from({ length: 60 }, (_, row) => [Math.sin(row * 7), Math.cos(row * 3), row % 5]);
const labels = rows.map((_, row) => row % names.length);
const model = pipe(
  kerasModelSequential({ inputShape: [9, 9, 1] }),
  layerConv2d({ filters: 20, kernelSize: 5, name: 'a_convolution_with_a_rather_long_name' }),
  layerConv2d({ filters: 12, kernelSize: 3, name: 'second' }),
  layerFlatten(),
  layerDense({ units: 3 }),
);
const history = {
  loss: Array.from({ length: 30 }, (_, epoch) => 1 / (epoch + 1)),
  a_metric_with_a_long_name: Array.from({ length: 30 }, (_, epoch) => epoch * 1e-7),
};

const pictures: Record<string, (theme: ThemeName) => Picture> = {
  plot: (theme) => plot({ small: history, large: history }, { theme }),
  'plot of a name in two lines and of what is not finite': (theme) =>
    plot(
      {
        sparse_categorical_crossentropy: history.loss,
        val_sparse_categorical_crossentropy: history.loss.map(() => NaN),
        loss: history.loss,
        val_loss: history.loss,
      },
      { theme, width: 320 },
    ),
  plotConfusion: (theme) => plotConfusion(matrix, { classNames: names, theme }),
  'plotConfusion of two classes': (theme) =>
    plotConfusion(
      [
        [50, 3],
        [7, 40],
      ],
      { theme },
    ),
  'plotConfusion of shares': (theme) => plotConfusion(matrix, { normalize: 'true', theme }),
  plotImages: (theme) =>
    plotImages(tf.zeros([12, 8, 8]), {
      labels: labels.slice(0, 12),
      predictions: labels.slice(1, 13),
      classNames: names,
      theme,
    }),
  plotEmbedding: (theme) =>
    plotEmbedding(rows, {
      labels,
      classNames: names,
      names: labels.map((label) => names[label] ?? ''),
      theme,
    }),
  'plotWeights of all layers': (theme) => plotWeights(model, { theme }),
  'plotWeights of filters': (theme) =>
    plotWeights(model, { layer: 'a_convolution_with_a_rather_long_name', theme }),
  'plotWeights of channels': (theme) => plotWeights(model, { layer: 'second', theme }),
};

export const checkPictures = (): void =>
  describeInChromium('a picture in a browser', (browser) => {
    test.each(Object.entries(pictures))(
      '%s: labels that are whole, apart, and read with ease',
      async (_, draw) => {
        for (const theme of ['gray', 'dark'] as const) {
          const { overlapping, cut, contrast, texts } = await measured(browser(), draw(theme).svg);
          expect({ theme, overlapping, cut }).toEqual({ theme, overlapping: [], cut: [] });
          expect(contrast.least).toBeGreaterThanOrEqual(4.5);
          expect(texts).toBeGreaterThan(5);
          expect(await axeFindings(browser(), draw(theme).html)).toEqual([]);
        }
      },
    );
  });
