/** ONNX Runtime computes what exportOnnx writes of every layer, and as this library does; docs/onnx.md says what is written. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportOnnx, KerasArgumentError } from '../../src/index';
import { LAYER_WRITERS, onnxModel } from '../../src/persistence/internal/onnx/model';
import type { Computed } from './onnx-child';
import {
  caseModels,
  distance,
  plain,
  predicted,
  rowModels,
  textModels,
  type Plain,
} from './support/case-models';
import { compute } from './support/onnx';

jest.setTimeout(300_000);

interface Written {
  readonly title: string;
  readonly file: string;
  readonly inputs: Plain[];
  readonly outputs: Plain[];
}

const root = mkdtempSync(path.join(tmpdir(), 'keras-pipe-onnx-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const written: Written[] = [];
const refused = new Map<string, string>();
const operators = new Map<string, Set<string>>();
let results: Computed[];

beforeAll(async () => {
  for (const { title, className, model: make, inputs: makeInputs } of [
    ...caseModels(),
    ...rowModels(),
    ...textModels(),
  ]) {
    const model = make();
    const inputs = makeInputs();
    const file = path.join(root, `${written.length}.onnx`);
    try {
      await exportOnnx(model, file);
      written.push({
        title,
        file,
        inputs: inputs.map(plain),
        outputs: (await predicted(model, inputs)).map(plain),
      });
      const all = operators.get(className) ?? new Set<string>();
      for (const name of onnxModel(model.tf).operators) if (name !== 'Identity') all.add(name);
      operators.set(className, all);
    } catch (error) {
      if (!(error instanceof KerasArgumentError)) throw error;
      refused.set(className, error.message);
    }
    model.dispose();
  }
  results = compute(root, written);
});

test('it computes the same', () => {
  expect(written.length).toBeGreaterThan(450);
  const wrong = written.flatMap(({ title, outputs }, index): object[] => {
    const { error, outputs: actual = [] } = results[index] ?? {};
    if (error !== undefined) return [{ title, error }];
    const far = outputs.map((one, place) => distance(actual[place]?.values ?? [], one.values));
    const isShaped = outputs.every((one, place) => String(one.shape) === String(actual[place]?.shape));
    return Math.max(...far) <= 1e-5 && isShaped ? [] : [{ title, far, isShaped }];
  });
  expect(wrong).toEqual([]);
});

/** A row of the table in docs/onnx.md. */
interface Row {
  readonly className: string;
  readonly operators: readonly string[];
}

/** The rows of the table below a heading. */
const documented = (heading: string): Row[] => {
  const text = readFileSync(path.join(__dirname, '../../docs/onnx.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\|\s+`(\w+)`\s+\|(.*?)\|/gm)].map(([, className = '', list = '']) => ({
    className,
    operators: [...list.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  }));
};

test('docs/onnx.md says the operators of each class', () => {
  const actual = [...operators]
    .map(([className, names]): Row => ({ className, operators: [...names].toSorted() }))
    .toSorted((a, b) => (a.className < b.className ? -1 : 1));
  expect(documented('Layers that have a form')).toEqual(actual);
  expect(Object.keys(LAYER_WRITERS).toSorted()).toEqual(actual.map(({ className }) => className));
});

test('docs/onnx.md says which classes have no form; all of them are refused, with the layer and what to do', () => {
  // The table's row of a class of one's own has a class that is in no library.
  const without = [...refused.keys()]
    .filter((name) => !(name in LAYER_WRITERS) && name !== 'Factors')
    .toSorted();
  expect(documented('Layers without').map(({ className }) => className)).toEqual(without);
  for (const message of refused.values()) {
    expect(message).toMatch(
      /^exportOnnx: all layers must have a form in ONNX\. Received: layer '\w+' of the class \w+: .{8,}\. [A-Z].{20,}\.$/,
    );
  }
});
