import { pipe, plot, type Histories, type PlotOptions } from '../../src/index';
import { lineOf } from '../../src/plots/internal/history-svg';
import { loess } from '../../src/plots/internal/loess';
import { all, expectNumbers, readXml, type Node } from './support/xml';

const epochs = Array.from({ length: 12 }, (_, index) => index + 1);
const history = {
  loss: epochs.map((epoch) => 1 / epoch),
  accuracy: epochs.map((epoch) => 1 - 1 / (epoch + 1)),
  val_loss: epochs.map((epoch) => 1.2 / epoch),
  val_accuracy: epochs.map((epoch) => 0.9 - 1 / (epoch + 1)),
};

const drawn = (histories: Histories, options: PlotOptions = {}): Node => {
  const svg = readXml(plot(histories, options).svg);
  expectNumbers(svg);
  return svg;
};
const texts = (svg: Node): string[] => all(svg, 'text').map(({ text }) => text);
const within = (svg: Node): void => {
  const [width, height] = [Number(svg.attributes['width']), Number(svg.attributes['height'])];
  for (const circle of all(svg, 'circle')) {
    expect(Number(circle.attributes['cx'])).toBeGreaterThan(0);
    expect(Number(circle.attributes['cx'])).toBeLessThan(width);
    expect(Number(circle.attributes['cy'])).toBeGreaterThan(0);
    expect(Number(circle.attributes['cy'])).toBeLessThan(height);
  }
};

describe('plot draws', () => {
  test('a panel for each metric, a point for each epoch, training and validation', () => {
    const svg = drawn(history);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['loss', 'accuracy', 'epoch', 'data', 'training', 'validation']),
    );
    // Two more in the legend.
    expect(all(svg, 'circle')).toHaveLength(4 * epochs.length + 2);
    expect(all(svg, 'polyline')).toHaveLength(4);
    within(svg);
  });

  test('values where they are: the best at the top, the first at the left', () => {
    const points = all(drawn({ loss: [3, 1, 2] }), 'circle').map(({ attributes }) => [
      Number(attributes['cx']),
      Number(attributes['cy']),
    ]);
    const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = [], [x3 = 0, y3 = 0] = []] = points;
    expect(x2 - x1).toBeCloseTo(x3 - x2, 1);
    expect(x2).toBeGreaterThan(x1);
    // Three is as far above two as two above one.
    expect(y3 - y1).toBeCloseTo(y2 - y3, 1);
    expect(y1).toBeLessThan(y2);
  });

  test('smooth lines from ten epochs on, and from point to point below, or if that is asked for', () => {
    const corners = (node: Node): number => (node.attributes['points'] ?? '').split(' ').length;
    expect(all(drawn(history), 'polyline').map(corners)).toEqual([80, 80, 80, 80]);
    expect(all(drawn(history, { smooth: false }), 'polyline').map(corners)).toEqual([12, 12, 12, 12]);
    expect(all(drawn({ loss: [1, 2, 3] }), 'polyline').map(corners)).toEqual([3]);
  });

  test('integers below, of epochs that there were', () => {
    const numbers = (count: number): string[] => {
      const svg = drawn({ loss: Array.from({ length: count }, (_, index) => index) });
      const labels = all(svg, 'text').filter(({ attributes }) => attributes['text-anchor'] === 'middle');
      return labels.map(({ text }) => text).filter((text) => /^\d/.test(text));
    };
    expect(numbers(1)).toEqual(['1']);
    expect(numbers(3)).toEqual(['1', '2', '3']);
    expect(numbers(30).every((text) => Number(text) >= 1 && Number(text) <= 30)).toBe(true);
    expect(numbers(1000).length).toBeLessThan(12);
  });

  test('one metric if it is asked for', () => {
    expect(texts(drawn(history, { metrics: ['accuracy'] }))).not.toContain('loss');
    expect(texts(pipeDrawn())).toContain('accuracy');
  });
  const pipeDrawn = (): Node => readXml(pipe(history, plot({ metrics: ['accuracy'] })).svg);

  test('several histories in one plot, by their names', () => {
    const svg = drawn({ small: history, 'large & wide': { loss: [1, 0.5] } });
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['small, training', 'small, validation', 'large & wide, training']),
    );
    expect(texts(drawn([{ loss: [1] }, { loss: [2] }]))).toEqual(
      expect.arrayContaining(['fit 1, training', 'fit 2, training']),
    );
  });

  test('markup in names as it is', () => {
    const svg = drawn({ loss: [1, 2], '<script>"&\u0000': [1, 2] });
    expect(all(svg, 'script')).toEqual([]);
    expect(texts(svg)).toContain('<script>"&\uFFFD');
  });

  test('what is not finite as nothing, and says so if nothing is left', () => {
    const svg = drawn({ loss: [1, NaN, 3], accuracy: [NaN, Infinity, NaN] });
    expect(all(svg, 'circle')).toHaveLength(2);
    expect(texts(svg)).toContain('no finite values');
  });

  test.each([
    ['equal values', [2, 2, 2]],
    ['zeros', [0, 0]],
    ['a single one', [0.3]],
    ['very small ones', [1e-300, 2e-300]],
    ['very large ones', [-1.7e308, 1.7e308]],
    ['ones that differ little', [1, 1 + 1e-14]],
  ])('%s', (_, loss) => within(drawn({ loss })));

  test('ten thousand epochs: what stands out, and the line of all', () => {
    const noise = Array.from({ length: 10_000 }, (_, index) => Math.sin(index * 12.9898) % 0.1);
    const loss = noise.map((part, index) => Math.exp(-index / 2000) + part);
    loss[7777] = 3; // once, among many
    const picture = plot({ loss, val_loss: loss.map((value) => value + 0.1) });
    expect(picture.svg.length).toBeLessThan(100_000);
    const svg = readXml(picture.svg);
    expectNumbers(svg);
    // Two marks, of the legend.
    expect(all(svg, 'circle')).toHaveLength(2);
    const [panel] = all(svg, 'rect').slice(1);
    const [top, height] = [Number(panel?.attributes['y']), Number(panel?.attributes['height'])];
    const [band] = all(svg, 'path');
    const ends = [...(band?.attributes['d'] ?? '').matchAll(/M[\d.]+,([\d.]+)V([\d.]+)/g)];
    expect(ends.length).toBeGreaterThan(300);
    const highest = Math.min(...ends.map(([, , end]) => Number(end)));
    // Beyond the largest value of all, which is of validation, there is a twentieth of the range.
    expect(highest - top).toBeGreaterThan(height * 0.05);
    expect(highest - top).toBeLessThan(height * 0.12);
    for (const [, from, to] of ends) expect(Number(from)).toBeGreaterThanOrEqual(Number(to));
    expect(all(svg, 'polyline').map(({ attributes }) => attributes['points']?.split(' ').length)).toEqual([
      80, 80,
    ]);
    // Without smooth lines there is the band alone.
    expect(all(drawn({ loss }, { smooth: false }), 'polyline')).toHaveLength(0);
    // Without the point by itself: the line of means is that of all points.
    const epochs = loss.map((_, index) => index + 1);
    const smooth = loss.with(7777, loss[7776] ?? 0);
    const places = [1, 2500, 5000, 9000, 10_000];
    const whole = loess(epochs, smooth, places);
    const line = lineOf({ history: undefined, data: 'training', values: smooth }, true);
    places.forEach((place, index) => {
      const [before, after] = [
        line.findLast(([epoch]) => epoch <= place) ?? [0, 0],
        line.find(([epoch]) => epoch >= place) ?? [0, 0],
      ];
      const share = after[0] === before[0] ? 0 : (place - before[0]) / (after[0] - before[0]);
      expect(before[1] + share * (after[1] - before[1])).toBeCloseTo(whole[index] ?? NaN, 2);
    });
    expect(line[0]?.[1]).toBeCloseTo(whole[0] ?? NaN, 3);
  });

  test('forty metrics one below the other, the legend where the plot begins', () => {
    const metrics = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`metric_${index}`, [1, 2, index]]),
    );
    const svg = drawn({ ...metrics, ...prefixed(metrics) });
    within(svg);
    expect(all(svg, 'rect')).toHaveLength(1 + 40);
    const legend = all(svg, 'text').find(({ text }) => text === 'data');
    expect(Number(legend?.attributes['y'])).toBeLessThan(400);
  });
  const prefixed = (metrics: Record<string, number[]>): Record<string, number[]> =>
    Object.fromEntries(Object.entries(metrics).map(([name, values]) => [`val_${name}`, values]));

  test('more histories than there are colors, of which no two look alike', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ loss: [index, index + 1] }));
    const svg = drawn(many);
    const marks = [...all(svg, 'circle'), ...all(svg, 'path')].map(({ name, attributes }) =>
      [name, attributes['fill'], attributes['d']?.replace(/^M[^m]*/, '')].join(),
    );
    // Two points and one in the legend.
    expect(marks).toHaveLength(3 * 20);
    expect(new Set(marks).size).toBe(20);
    // The legend is all there, in a picture that is as high as it needs.
    const height = Number(svg.attributes['height']);
    const names = (node: Node) => all(node, 'text').filter(({ text }) => text.startsWith('fit '));
    expect(names(svg)).toHaveLength(20);
    for (const { attributes } of names(svg)) expect(Number(attributes['y'])).toBeLessThan(height - 5);
    // Where the height is given, it says how many there are besides.
    const low = drawn(many, { height: 200 });
    expect(texts(low)).toContain(`and ${20 - names(low).length} more`);
    for (const { attributes } of all(low, 'text')) expect(Number(attributes['y'] ?? 0)).toBeLessThan(200);
  });

  test('long names in a narrow picture, beside a panel that is there', () => {
    const name = 'a history with a name that is much longer than the picture is wide';
    const svg = drawn({ [name]: { loss: [1e-9, 2e-9] }, other: { loss: [1e-9, 3e-9] } }, { width: 320 });
    within(svg);
    const [, panel] = all(svg, 'rect');
    expect(Number(panel?.attributes['width'])).toBeGreaterThan(80);
    // Without a legend there is no room for one.
    const [, alone] = all(drawn({ loss: [1, 2] }), 'rect');
    expect(Number(alone?.attributes['x']) + Number(alone?.attributes['width'])).toBeGreaterThan(620);
  });

  test('numbers beside the axis that are told apart', () => {
    const ticks = (loss: number[]): string[] =>
      all(drawn({ loss }), 'text')
        .filter(({ attributes }) => attributes['text-anchor'] === 'end')
        .map(({ text }) => text);
    for (const loss of [
      [0.1, 0.3],
      [1e-9, 5e-9],
      [1e9, 3e9],
      [1000.001, 1000.004],
    ]) {
      const texts = ticks(loss);
      expect(texts.length).toBeGreaterThan(1);
      expect(new Set(texts).size).toBe(texts.length);
    }
  });

  test('what does not change is a straight line, whatever the last digits of a smooth one are', () => {
    const svg = drawn({ lr: new Array<number>(12).fill(0.001), loss: epochs });
    const [line = ''] = all(svg, 'polyline').map(({ attributes }) => attributes['points']);
    expect(new Set(line.split(' ').map((point) => point.split(',')[1])).size).toBe(1);
    expect(texts(svg).filter((text) => Number(text) === 0.001)).toHaveLength(1);
  });

  test('about as many numbers beside an axis as there is room for, whatever its range', () => {
    for (let range = 1; range < 10; range += 0.1) {
      const numbers = all(drawn({ loss: [0, range] }), 'text').filter(
        ({ attributes }) => attributes['text-anchor'] === 'end',
      );
      expect(numbers.length).toBeGreaterThanOrEqual(3);
      expect(numbers.length).toBeLessThanOrEqual(6);
    }
  });

  test('names of metrics that are longer than a panel is high, in two lines', () => {
    const names = (metric: string): string[] =>
      all(drawn({ [metric]: [1, 2] }), 'text')
        .filter(({ attributes }) => attributes['transform']?.includes('rotate') === true)
        .map(({ text }) => text);
    expect(names('loss')).toEqual(['loss']);
    expect(names('sparse_categorical_crossentropy')).toEqual(['sparse_categorical_', 'crossentropy']);
    expect(names('a mean of several things')).toEqual(['a mean of several things']);
    // There is nowhere to part it.
    expect(names('x'.repeat(60))).toEqual([expect.stringMatching(/^x+…$/)]);
    // Beside each other, and beside the numbers.
    const svg = drawn({ sparse_categorical_crossentropy: [1, 2] });
    const across = all(svg, 'text').flatMap(({ attributes: { transform, x } }) =>
      transform === undefined ? [] : [Number(/\(([\d.]+),/.exec(transform)?.[1] ?? x)],
    );
    expect((across[1] ?? 0) - (across[0] ?? 0)).toBe(15);
    expect(across[0]).toBeGreaterThan(10);
  });

  test('a line that has no finite value is said to be so where its name is', () => {
    const none = [NaN, Infinity];
    const said = (shown: Histories): string[] =>
      texts(drawn(shown)).filter((text) => text.startsWith('no finite'));
    expect(said({ loss: [2, 1], val_loss: none })).toEqual(['no finite values']);
    const metrics = { loss: [2, 1], val_loss: none, mae: [2, 1], val_mae: [3, 2] };
    expect(said(metrics)).toEqual(['no finite loss']);
    expect(said({ ...metrics, val_mae: none })).toEqual(['no finite values']);
    expect(said({ small: metrics, large: { loss: none, mae: [1, 2] } })).toEqual([
      'no finite loss',
      'no finite loss',
    ]);
    // A value that is missing is none that is not finite everywhere.
    expect(said({ loss: [2, 1], val_loss: [NaN, 1] })).toEqual([]);
    // Below its name, and above the next one.
    const svg = drawn({ small: { loss: none }, large: { loss: [1, 2] } });
    const heights = ['small, training', 'no finite values', 'large, training'].map((text) =>
      Number(all(svg, 'text').find((one) => one.text === text)?.attributes['y']),
    );
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(new Set(heights).size).toBe(3);
  });

  test('titles and sentences for those who hear it', () => {
    const svg = drawn({ loss: [1, 0.25], val_loss: [NaN] }, { title: 'My <fit>' });
    expect(svg.attributes['role']).toBe('img');
    expect(all(svg, 'title')[0]?.text).toBe('My <fit>');
    expect(all(svg, 'desc')[0]?.text).toBe(
      'loss: training goes from 1 to 0.25; validation is no finite number.',
    );
  });

  test('colors that are told from what is behind them', () => {
    const luminance = (color: string): number => {
      const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const part = parseInt(color.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one: string, other: string): number => {
      const [less = 0, more = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (more + 0.05) / (less + 0.05);
    };
    for (const theme of ['gray', 'bw', 'dark'] as const) {
      const named = Object.fromEntries(
        Array.from({ length: 7 }, (_, index) => [`m${index}`, { loss: [1, 2] }]),
      );
      const svg = drawn(named, { theme });
      const [background, panel] = all(svg, 'rect').map(({ attributes }) => attributes['fill'] ?? '');
      for (const { attributes } of all(svg, 'polyline')) {
        expect(contrast(attributes['stroke'] ?? '', panel ?? '')).toBeGreaterThanOrEqual(3);
      }
      for (const { attributes } of all(svg, 'text')) {
        expect(contrast(attributes['fill'] ?? '', background ?? '')).toBeGreaterThanOrEqual(4.5);
      }
    }
  });
});

describe('plot refuses', () => {
  const mistake = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      return String(error);
    }
    throw new Error('nothing was thrown');
  };

  test('what is no history', () => {
    const call = plot as unknown as (...parameters: unknown[]) => unknown;
    expect(mistake(() => call(Promise.resolve(1)))).toContain('plot(await fit(…))');
    expect(mistake(() => call([{ loss: ['a'] }]))).toContain('must be what fit() gave');
    expect(mistake(() => plot({ loss: [] }))).toContain('must have an epoch');
  });

  test('metrics that are not there, and other options', () => {
    expect(mistake(() => plot(history, { metrics: ['acuracy'] }))).toContain("Did you mean 'accuracy'?");
    expect(mistake(() => plot(history, { metrics: [] }))).toContain('must be a list of names');
    expect(mistake(() => plot(history, { theme: 'drak' as 'dark' }))).toContain("Did you mean 'dark'?");
    expect(mistake(() => plot(history, { width: 10 }))).toContain('at least 320');
    expect(mistake(() => plot(history, { width: 1e12 }))).toContain('at most 20000');
    expect(mistake(() => plot(history).png({ scale: 0 }))).toContain('`scale` must be a positive number');
  });
});
