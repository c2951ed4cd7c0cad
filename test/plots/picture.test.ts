/** Pictures as files, in terminals and in notebooks. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import {
  compile,
  fit,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  layerDense,
  pipe,
  plot,
  plotConfusion,
  plotEmbedding,
  plotImages,
  plotModel,
  plotWeights,
  tf,
} from '../../src/index';

const epochs = Array.from({ length: 12 }, (_, index) => index + 1);
const history = {
  loss: epochs.map((epoch) => 1 / epoch),
  accuracy: epochs.map((epoch) => 1 - 1 / (epoch + 1)),
  val_loss: epochs.map((epoch) => 1.2 / epoch),
  val_accuracy: epochs.map((epoch) => 0.9 - 1 / (epoch + 1)),
};

let folder = '';
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-plots-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a picture', () => {
  test('of a fit, saved as SVG, PNG and as a page', async () => {
    const model = pipe(
      kerasModelSequential(),
      layerDense({ units: 1, inputShape: [2] }),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    const fitted = await fit(model, tf.ones([4, 2]), tf.zeros([4, 1]), { epochs: 2, verbose: 0 });
    const svg = path.join(folder, 'deep', 'er', 'history.svg');
    const picture = plot(fitted, { file: svg });
    expect(readFileSync(svg, 'utf8')).toBe(picture.svg);
    const html = path.join(folder, 'history.html');
    expect(picture.save(html)).toBe(picture);
    expect(readFileSync(html, 'utf8')).toContain(picture.svg);
    const png = path.join(folder, 'history.PNG');
    picture.save(png);
    const bytes = readFileSync(png);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.readUInt32BE(16)).toBe(2 * 640);
    // Nothing of the way there is left.
    expect(readdirSync(folder).sort()).toEqual(['deep', 'history.PNG', 'history.html']);
    const display: unknown = (fitted as unknown as Record<symbol, () => unknown>)[
      Symbol.for('Jupyter.display')
    ]?.();
    expect(display).toEqual({ 'image/svg+xml': picture.svg, 'text/plain': String(fitted) });
  });

  test('as PNG has its texts, with the fonts of no system', () => {
    const size = (name: string): number => plot({ loss: [1, 2], [name]: [1, 2] }).png({ scale: 1 }).length;
    expect(size('wwwwwwwwww')).toBeGreaterThan(size('.') + 50);
  });

  test('in a terminal: lines that fit, of points that are there', () => {
    for (const width of [20, 40, 80, 200]) {
      const lines = plot(history).toText(width).split('\n');
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      expect(lines).toContain('loss');
    }
    const [, ...rows] = plot({ loss: [0, 1] })
      .toText(30)
      .split('\n');
    const isDrawn = (row: string | undefined): boolean => /[\u2801-\u28FF]/.test(row ?? '');
    // From the lower left to the upper right.
    expect(isDrawn(rows[0])).toBe(true);
    expect((rows[0] ?? '').search(/[\u2801-\u28FF]/)).toBeGreaterThan(
      (rows[7] ?? '').search(/[\u2801-\u28FF]/),
    );
    expect(inspect(plot(history))).toBe(plot(history).toText(process.stdout.columns));
    expect(plot({ loss: [NaN] }).toText()).toContain('no finite values');
    expect(plot({ loss: [1, 2], val_loss: [NaN, NaN] }).toText()).toContain(
      'loss (no finite values of validation)',
    );
  });

  test('is printed if it is asked for', () => {
    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const picture = plot({ loss: [1, 2] }, { terminal: true });
      expect(log.mock.calls).toEqual([[picture.toText(process.stdout.columns)]]);
    } finally {
      log.mockRestore();
    }
  });
});

describe('a picture is not written to', () => {
  const mistake = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      return String(error);
    }
    throw new Error('nothing was thrown');
  };

  test('files that cannot be written, of unknown kinds, or in places that are none', () => {
    expect(() => plot(history, { file: path.join(folder, 'x.gif') })).toThrow(KerasArgumentError);
    writeFileSync(path.join(folder, 'file'), '');
    for (const place of [path.join(folder, 'file', 'x.svg'), '/proc/nowhere/x.svg']) {
      expect(() => plot(history, { file: place })).toThrow(KerasFileError);
    }
  });

  test('PNG files where what draws them is not installed: what is to be done', () => {
    jest.doMock('@resvg/resvg-js', () => {
      throw new Error("Cannot find module '@resvg/resvg-js'\nRequire stack: …");
    });
    try {
      const file = path.join(folder, 'none.png');
      const calls: Readonly<Record<string, () => unknown>> = {
        plot: () => plot(history, { file }),
        'Picture.save': () => plot(history).save(file),
        'Picture.png': () => plot(history).png(),
      };
      for (const [name, call] of Object.entries(calls)) {
        expect(mistake(call)).toBe(
          `KerasStateError: ${name}: PNG files are drawn by the package @resvg/resvg-js, which is not among this package's own. ` +
            "Received: Cannot find module '@resvg/resvg-js'. " +
            'Run `npm install @resvg/resvg-js`, or save the picture as .svg or .html, for which nothing is needed.',
        );
      }
      expect(existsSync(file)).toBe(false);
    } finally {
      jest.dontMock('@resvg/resvg-js');
    }
  });

  test('files, in the name of the function that was called', () => {
    const model = pipe(kerasModelSequential(), layerDense({ units: 1, inputShape: [2] }));
    const calls: Readonly<Record<string, (file: string) => unknown>> = {
      plot: (file) => plot(history, { file }),
      plotModel: (file) => plotModel(model, { file }),
      plotWeights: (file) => plotWeights(model, { file }),
      plotConfusion: (file) => plotConfusion([[1]], { file }),
      plotImages: (file) => plotImages([[[1]]], { file }),
      plotEmbedding: (file) =>
        plotEmbedding(
          [
            [1, 2],
            [3, 5],
          ],
          { file },
        ),
      'Picture.save': (file) => plot(history).save(file),
    };
    writeFileSync(path.join(folder, 'file'), '');
    for (const [name, call] of Object.entries(calls)) {
      expect(mistake(() => call(path.join(folder, 'x.gif')))).toContain(
        `${name}: \`file\` must be a file name`,
      );
      expect(mistake(() => call(path.join(folder, 'file', 'x.svg')))).toContain(`${name}: '${folder}`);
    }
  });
});
