import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import {
  compile,
  freezeWeights,
  kerasModel,
  kerasModelSequential,
  KerasArgumentError,
  KerasFileError,
  KerasStateError,
  layerConv2d,
  layerDense,
  layerFlatten,
  layerInput,
  layerLstm,
  pipe,
  plotModel,
  tf,
  timeDistributed,
  type KerasModel,
  type PlotModelOptions,
  type Prediction,
} from '../../src/index';
import { all, expectNumbers, readXml, type Node } from './support/xml';
import { loops, nested, residual } from './support/models';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-diagrams-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const drawn = (model: KerasModel<Prediction>, options: PlotModelOptions = {}): Node => {
  const svg = readXml(plotModel(model, options).svg);
  expectNumbers(svg);
  return svg;
};
const texts = (svg: Node): string[] => all(svg, 'text').map(({ text }) => text);
const ofClass = (svg: Node, name: string, element = 'rect'): Node[] =>
  all(svg, element).filter(({ attributes }) => attributes['class'] === name);

const small = () =>
  pipe(
    kerasModelSequential({ name: 'small', inputShape: [8] }),
    layerDense({ units: 16, activation: 'relu' }),
    layerDense({ units: 1, name: 'output' }),
  );

describe('plotModel draws', () => {
  test('inputs side by side in their order, and outputs in theirs', () => {
    const svg = drawn(nested());
    const leftOf = (name: string): number =>
      Number(all(svg, 'text').find(({ text }) => text === name)?.attributes['x']);
    expect(leftOf('left')).toBeLessThan(leftOf('right'));
    expect(leftOf('class')).toBeLessThan(leftOf('age'));
  });

  test('a box for each layer: its name, class, shapes, type, and how many parameters it has', () => {
    const svg = drawn(small());
    expect(ofClass(svg, 'layer')).toHaveLength(3);
    expect(ofClass(svg, 'edge', 'path')).toHaveLength(2);
    // 8 · 16 + 16, and 16 + 1.
    expect(texts(svg)).toEqual([
      ...['dense_input', 'InputLayer', 'shape', '(None, 8)', 'float32'],
      ...['dense', 'Dense', 'in', '(None, 8)', 'out', '(None, 16)', 'float32', '144 parameters'],
      ...['output', 'Dense', 'in', '(None, 16)', 'out', '(None, 1)', 'float32', '17 parameters'],
    ]);
  });

  test('what the options say, and nothing else', () => {
    const none = { showShapes: false, showDtype: false, showParams: false };
    expect(texts(drawn(small(), none))).toEqual([
      ...['dense_input', 'InputLayer'],
      ...['dense', 'Dense'],
      ...['output', 'Dense'],
    ]);
    expect(texts(drawn(small(), { ...none, showLayerNames: false }))).toEqual([
      'InputLayer',
      'Dense',
      'Dense',
    ]);
    expect(texts(drawn(small(), { ...none, showDtype: true }))).toContain('float32');
    expect(texts(drawn(small(), { ...none, showLayerActivations: true }))).toEqual(
      expect.arrayContaining(['activation', 'relu', 'linear']),
    );
    expect(texts(drawn(small(), { showTrainable: true }))).toContain('144 parameters, trainable');
  });

  test('layers below those that they take from, or at their right', () => {
    const places = (options: PlotModelOptions, axis: 'x' | 'y'): number[] =>
      ofClass(drawn(small(), options), 'layer').map(({ attributes }) => Number(attributes[axis]));
    const isRising = (list: number[]): boolean =>
      list.every((value, index) => index === 0 || value > (list[index - 1] ?? 0));
    expect(isRising(places({}, 'y'))).toBe(true);
    expect(isRising(places({ rankdir: 'BT' }, 'y').reverse())).toBe(true);
    expect(isRising(places({ rankdir: 'LR' }, 'x'))).toBe(true);
    expect(isRising(places({ rankdir: 'RL' }, 'x').reverse())).toBe(true);
  });

  test('models that are layers open, with their layers in them; or closed', () => {
    const open = drawn(nested());
    expect(ofClass(open, 'model')).toHaveLength(2);
    expect(texts(open)).toEqual(
      expect.arrayContaining(['encoder', 'inner', 'Sequential', 'called 2 times', 'call 1', 'call 2']),
    );
    const closed = drawn(nested(), { expandNested: false });
    expect(ofClass(closed, 'model')).toHaveLength(0);
    // Three inputs, the encoder, two layers for words, what joins them, two outputs.
    expect(ofClass(closed, 'layer')).toHaveLength(9);
    // 8 · 4 + 4 + 4 · 2 + 2.
    expect(texts(closed)).toContain('46 parameters');
  });

  test('a model within a wrapper open, and wrapped layers by both names', () => {
    const inner = pipe(kerasModelSequential({ name: 'each' }), layerDense({ units: 2, inputShape: [3] }));
    const wrapped = pipe(
      kerasModelSequential({ inputShape: [5, 3] }),
      timeDistributed(layerDense({ units: 4 })),
    );
    expect(texts(drawn(wrapped))).toContain('TimeDistributed (Dense)');
    const outer = tf.sequential();
    outer.add(tf.layers.timeDistributed({ layer: inner.tf, inputShape: [5, 3] }));
    const svg = readXml(plotModel(outer).svg);
    expect(texts(svg)).toContain('TimeDistributed (Sequential)');
    expect(ofClass(svg, 'model')).toHaveLength(1);
  });

  test('a shared layer once, with the calls at its lines', () => {
    const svg = drawn(loops());
    expect(ofClass(svg, 'layer')).toHaveLength(4);
    expect(texts(svg).filter((text) => text.startsWith('call '))).toEqual([
      ...['call 1', 'call 1 to call 2', 'call 1 to call 3'],
      ...['call 2 to call 1', 'call 3 to call 2', 'call 2'],
    ]);
  });

  test('which of several outputs a line comes from', () => {
    const input = layerInput({ shape: [5, 2] });
    const [sequences, state] = layerLstm(input, {
      units: 3,
      returnSequences: true,
      returnState: true,
    }) as never as tf.SymbolicTensor[];
    if (sequences === undefined || state === undefined) throw new Error('two were expected');
    const model = kerasModel(input, [layerFlatten(sequences), layerDense(state, { units: 1 })]);
    expect(texts(drawn(model))).toEqual(expect.arrayContaining(['output 1', 'output 2']));
  });

  test('frozen layers as such', () => {
    const model = pipe(small(), freezeWeights({ to: 'dense' }));
    const svg = drawn(model);
    expect(texts(svg)).toContain('144 parameters, frozen');
    expect(ofClass(svg, 'layer').map(({ attributes }) => attributes['stroke-dasharray'])).toEqual([
      undefined,
      '5 3',
      undefined,
    ]);
  });

  test('a range of layers', () => {
    const model = residual(3);
    const names = (layerRange: PlotModelOptions['layerRange']): number =>
      ofClass(drawn(model, { layerRange }), 'layer').length;
    expect(names(['conv2d_1', 'add_1'])).toBe(4);
    expect(names(['add_1', 'conv2d_1'])).toBe(4);
    // From the first that matches to the last.
    expect(names([/^conv2d/, /^add/])).toBe(12);
    expect(names(['class', 'class'])).toBe(1);
  });

  test('names with markup in them as they are', () => {
    // tfjs takes no such names as options.
    const model = tf.sequential({ name: '<b>"&' });
    const layer = tf.layers.dense({ units: 1, inputShape: [1] });
    model.add(layer);
    layer.name = '</text><script>alert(1)</script>&"';
    const { svg, mermaid, dot, html } = plotModel(model);
    const read = readXml(svg);
    expect(all(read, 'script')).toEqual([]);
    expect(texts(read)).toContain('</text><script>alert(1)</script>&"');
    expect(html).not.toContain('<script>');
    expect(mermaid.replaceAll('<br/>', '')).not.toMatch(/[<]/);
    expect(mermaid).toContain('#60;script#62;');
    expect(dot).toContain('</text><script>alert(1)</script>&\\"');
  });

  test('what it shows in sentences, for those who hear it', () => {
    const svg = drawn(small(), { title: 'A <small> one' });
    expect(svg.attributes['role']).toBe('img');
    expect(all(svg, 'title')[0]?.text).toBe('A <small> one');
    expect(all(svg, 'desc')[0]?.text).toBe(
      '3 layers, 161 parameters. dense_input, InputLayer, gives (None, 8). dense, Dense, gives (None, 16), takes dense_input. ' +
        'output, Dense, gives (None, 1), takes dense.',
    );
  });
});

describe('a diagram', () => {
  test('for Mermaid', () => {
    expect(plotModel(small(), { rankdir: 'LR' }).mermaid).toBe(
      [
        'flowchart LR',
        '  layer_0["dense_input: InputLayer<br/>(None, 8)<br/>float32"]',
        '  layer_1["dense: Dense<br/>(None, 8) → (None, 16)<br/>144 parameters, float32"]',
        '  layer_2["output: Dense<br/>(None, 16) → (None, 1)<br/>17 parameters, float32"]',
        '  layer_0 --> layer_1',
        '  layer_1 --> layer_2',
        '',
      ].join('\n'),
    );
    const { mermaid } = plotModel(nested());
    expect(mermaid).toContain('subgraph layer_');
    expect(mermaid.match(/subgraph/g)).toHaveLength((mermaid.match(/^ *end$/gm) ?? []).length);
    expect(mermaid).toContain('-->|"call 1"|');
  });

  test('for Graphviz', () => {
    const { dot } = plotModel(small());
    expect(dot).toContain('digraph "small" {');
    expect(dot).toContain(
      '  layer_1 [label="dense: Dense\\n(None, 8) → (None, 16)\\n144 parameters, float32"];',
    );
    expect(dot).toContain('  layer_0 -> layer_1;');
    const open = plotModel(nested()).dot;
    expect(open).toContain('lhead=cluster_layer_');
    expect(open).toContain('ltail=cluster_layer_');
    expect((open.match(/\{/g) ?? []).length).toBe((open.match(/\}/g) ?? []).length);
  });

  test('in a terminal: a line for each layer, and from where it takes what', () => {
    const lines = plotModel(nested()).toText(100).split('\n');
    expect(lines).toContainEqual(
      expect.stringMatching(/^encoder: Sequential +\(None, 2\) +46 parameters +← left, right$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^│ │ dense: Dense +\(None, 4\) +36 parameters, frozen$/),
    );
    for (const width of [80, 120]) {
      for (const line of plotModel(nested()).toText(width).split('\n'))
        expect(line.length).toBeLessThanOrEqual(width);
    }
    const diagram = plotModel(small());
    expect(inspect(diagram)).toBe(diagram.toText(process.stdout.columns));
  });

  test('saved as what the name says, and shown in notebooks', () => {
    const file = (name: string): string => path.join(folder, name);
    const diagram = plotModel(small(), { file: file('small.svg') });
    expect(readFileSync(file('small.svg'), 'utf8')).toBe(diagram.svg);
    diagram
      .save(file('small.mmd'))
      .save(file('small.dot'))
      .save(file('small.gv'))
      .save(file('small.html'))
      .save(file('small.png'));
    expect(readFileSync(file('small.mmd'), 'utf8')).toBe(diagram.mermaid);
    expect(readFileSync(file('small.dot'), 'utf8')).toBe(diagram.dot);
    expect(readFileSync(file('small.gv'), 'utf8')).toBe(diagram.dot);
    expect(readFileSync(file('small.html'), 'utf8')).toContain(diagram.svg);
    expect(readFileSync(file('small.png')).subarray(1, 4).toString()).toBe('PNG');
    const display = (diagram as unknown as Record<symbol, () => object>)[Symbol.for('Jupyter.display')]?.();
    expect(display).toEqual({ 'image/svg+xml': diagram.svg, 'text/plain': diagram.toText() });
  });

  test('is what a model shows itself as in notebooks, beside its summary', () => {
    const display = (model: object): unknown =>
      (model as unknown as Record<symbol, () => object>)[Symbol.for('Jupyter.display')]?.();
    const model = small();
    expect(display(model)).toEqual({ 'image/svg+xml': plotModel(model).svg, 'text/plain': String(model) });
    expect(display(nested())).toMatchObject({ 'image/svg+xml': plotModel(nested()).svg });
    // Without shapes there is nothing to draw, and of a model that is gone nothing is left.
    const waiting = pipe(kerasModelSequential(), layerDense({ units: 1 }));
    expect(display(waiting)).toEqual({ 'text/plain': String(waiting) });
    model.dispose();
    expect(display(model)).toEqual({ 'text/plain': String(model) });
  });

  test('does not change when the model does', () => {
    const model = small();
    const diagram = plotModel(model);
    const before = diagram.toText();
    pipe(model, layerDense({ units: 3 }));
    expect(diagram.toText()).toBe(before);
  });

  test('of a compiled model and of a convolution, piped', () => {
    const model = pipe(
      kerasModelSequential(),
      layerConv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1] }),
      layerFlatten(),
      compile({ optimizer: 'sgd', loss: 'mse' }),
    );
    expect(pipe(model, plotModel).svg).toContain('(None, 6, 6, 2)');
    expect(pipe(model, plotModel({ rankdir: 'LR' })).mermaid).toContain('flowchart LR');
  });
});

describe('plotModel refuses', () => {
  test.each<[PlotModelOptions, string]>([
    [{ rankdir: 'XY' as 'TB' }, '`rankdir` must be one of'],
    [{ layerRange: ['dense'] as never }, 'a list of two names of layers'],
    [{ layerRange: ['dens', 'output'] }, "Did you mean 'dense_input' or 'dense'?"],
    [{ layerRange: [/z/, 'output'] }, 'The layers are: dense_input, dense, output'],
    [{ file: 'x.gif' }, 'ends in one of .svg, .png, .html, .mmd, .dot, .gv'],
    [{ showShape: true } as PlotModelOptions, "Did you mean 'showShapes'"],
  ])('%p', (wrong, message) => {
    expect(() => plotModel(small(), wrong)).toThrow(KerasArgumentError);
    expect(() => plotModel(small(), wrong)).toThrow(message);
  });

  test('files that cannot be written, and models whose shapes are not known yet', () => {
    expect(() => plotModel(small(), { file: '/proc/nowhere/x.svg' })).toThrow(KerasFileError);
    const waiting = pipe(kerasModelSequential(), layerDense({ units: 1 }));
    expect(() => plotModel(waiting)).toThrow(KerasStateError);
    expect(() => plotModel(waiting)).toThrow('plotModel: the shape of the input must be known');
  });
});
