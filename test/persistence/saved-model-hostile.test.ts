/** Graphs that would read or write files, or run code, are not run; those that read the files of their own folder are. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MessageWriter } from '../../src/files/protocol-buffers';
import { KerasFileError, loadModelTf, tf, type ServedModel, type Tensor } from '../../src/index';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-graphs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FLOAT = 1;
const STRING = 7;
const INT64 = 9;

type Attributes = Readonly<Record<string, MessageWriter>>;

/** Values of attributes. */
const type = (number: number): MessageWriter => new MessageWriter().integer(6, number);
const text = (value: string): MessageWriter => new MessageWriter().text(2, value);
const integer = (value: number): MessageWriter => new MessageWriter().integer(3, value);
const called = (name: string): MessageWriter =>
  new MessageWriter().bytes(10, new MessageWriter().text(1, name).finish());
const list = (...types: readonly number[]): MessageWriter =>
  new MessageWriter().bytes(1, new MessageWriter().integers(6, types).finish());
const constant = (value: string): MessageWriter =>
  new MessageWriter().bytes(8, new MessageWriter().integer(1, STRING).bytes(8, Buffer.from(value)).finish());

const node = (name: string, op: string, inputs: readonly string[], attributes: Attributes): Uint8Array => {
  const writer = new MessageWriter().text(1, name).text(2, op);
  for (const input of inputs) writer.text(3, input);
  for (const [key, value] of Object.entries(attributes)) writer.entry(5, key, value.finish());
  return writer.finish();
};

const placeholder = (name: string, dtype = FLOAT): Uint8Array =>
  node(name, 'Placeholder', [], { dtype: type(dtype) });
const textNode = (name: string, value: string): Uint8Array =>
  node(name, 'Const', [], { dtype: type(STRING), value: constant(value) });
const identity = (name: string, input: string, after: readonly string[] = [], dtype = FLOAT): Uint8Array =>
  node(name, 'Identity', [input, ...after], { T: type(dtype) });

/** A function of a text, which runs operations and gives nothing. */
const functionOf = (name: string, ...nodes: readonly Uint8Array[]): Uint8Array => {
  const parameter = new MessageWriter().text(1, 'place').integer(3, STRING).finish();
  const writer = new MessageWriter().bytes(1, new MessageWriter().text(1, name).bytes(2, parameter).finish());
  for (const one of nodes) writer.bytes(3, one);
  return writer.finish();
};

const tensorInfo = (name: string): Uint8Array =>
  new MessageWriter()
    .text(1, name)
    .integer(2, FLOAT)
    .bytes(3, new MessageWriter().integer(3, 1).finish())
    .finish();

interface Written {
  readonly nodes: readonly Uint8Array[];
  readonly functions?: readonly Uint8Array[];
  /** The tensor that gets the place of the file `words.txt` of the folder's. */
  readonly asset?: string;
  readonly initializer?: string;
}

/** A SavedModel from `x` to `y`. */
const saved = (name: string, { nodes, functions = [], asset, initializer }: Written): string => {
  const place = path.join(folder, name);
  mkdirSync(path.join(place, 'assets'), { recursive: true });
  const graph = new MessageWriter();
  for (const one of nodes) graph.bytes(1, one);
  const library = new MessageWriter();
  for (const one of functions) library.bytes(1, one);
  graph.bytes(2, library.finish()).bytes(4, new MessageWriter().integer(1, 134).finish());
  const signature = new MessageWriter().entry(1, 'x', tensorInfo('x:0')).entry(2, 'y', tensorInfo('y:0'));
  const meta = new MessageWriter()
    .bytes(1, new MessageWriter().text(4, 'serve').finish())
    .bytes(2, graph.finish())
    .entry(5, 'serving_default', signature.text(3, 'tensorflow/serving/predict').finish());
  if (asset !== undefined) {
    writeFileSync(path.join(place, 'assets/words.txt'), 'red\ngreen\n');
    const info = new MessageWriter().text(1, `${asset}:0`).finish();
    meta.bytes(6, new MessageWriter().bytes(1, info).text(2, 'words.txt').finish());
  }
  if (initializer !== undefined) {
    const one = new MessageWriter().text(1, initializer).finish();
    meta.entry(4, 'saved_model_main_op', new MessageWriter().bytes(1, one).finish());
  }
  const content = new MessageWriter().integer(1, 1).bytes(2, meta.finish()).finish();
  writeFileSync(path.join(place, 'saved_model.pb'), content);
  return place;
};

const refusal = async (place: string): Promise<string> => {
  const error: unknown = await loadModelTf(place).then(
    () => 'it loads',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KerasFileError);
  return (error as KerasFileError).message;
};

const outside = path.join(folder, 'outside.txt');

const table = node('table', 'HashTableV2', [], {
  key_dtype: type(STRING),
  value_dtype: type(INT64),
  shared_name: text('t'),
});
const filled = (name: string, input: string): Uint8Array =>
  node(name, 'InitializeTableFromTextFileV2', ['table', input], {
    key_index: integer(-2),
    value_index: integer(-1),
    vocab_size: integer(2),
  });

describe('what reads or writes a file, or runs code', () => {
  const cases: Readonly<Record<string, Written>> = {
    WriteFile: {
      nodes: [
        textNode('where', outside),
        textNode('what', 'x'),
        node('act', 'WriteFile', ['where', 'what'], {}),
      ],
    },
    EncodeProto: {
      nodes: [
        node('act', 'EncodeProto', ['x', 'x'], {
          descriptor_source: text(outside),
          Tinput_types: list(FLOAT),
        }),
      ],
    },
    DatasetFromGraph: { nodes: [textNode('inner', 'x'), node('act', 'DatasetFromGraph', ['inner'], {})] },
    ReadFile: { nodes: [textNode('where', '/etc/hostname'), node('act', 'ReadFile', ['where'], {})] },
    PrintV2: {
      nodes: [
        textNode('what', 'x'),
        node('act', 'PrintV2', ['what'], { output_stream: text(`file://${outside}`) }),
      ],
    },
    PyFunc: { nodes: [node('act', 'PyFunc', [], { token: text('f'), Tin: list(), Tout: list(FLOAT) })] },
    SaveV2: {
      nodes: [
        textNode('where', outside),
        textNode('what', 'x'),
        node('act', 'SaveV2', ['where', 'what', 'what', 'x'], { dtypes: list(FLOAT) }),
      ],
    },
    RestoreV2: {
      nodes: [
        textNode('where', outside),
        textNode('what', 'x'),
        node('act', 'RestoreV2', ['where', 'what', 'what'], { dtypes: list(FLOAT) }),
      ],
    },
    InitializeTableFromTextFileV2: {
      nodes: [textNode('where', '/etc/passwd'), table, filled('act', 'where')],
    },
  };
  test.each(Object.entries(cases))('%s', async (op, written) => {
    const nodes = [placeholder('x'), ...written.nodes, identity('y', 'x', ['^act'])];
    expect(await refusal(saved(op, { ...written, nodes }))).toMatch(
      new RegExp(`^loadModelTf: .*operation 'act' of the type ${op}, which .*: such graphs are not run`),
    );
    expect(existsSync(outside)).toBe(false);
  });

  test('in a function, and by a path that is handed to one', async () => {
    const writing = functionOf(
      'writes',
      textNode('what', 'x'),
      node('deep', 'WriteFile', ['place', 'what:output:0'], {}),
    );
    const restoring = functionOf(
      'restores',
      textNode('what', 'x'),
      identity('same', 'place', [], STRING),
      node('deep', 'RestoreV2', ['same:output:0', 'what:output:0', 'what:output:0'], { dtypes: list(FLOAT) }),
    );
    const call = (name: string): Uint8Array =>
      node('act', 'StatefulPartitionedCall', ['where'], { Tin: list(STRING), Tout: list(), f: called(name) });
    const withCall = (name: string): Written => ({
      nodes: [placeholder('x'), textNode('where', outside), call(name), identity('y', 'x', ['^act'])],
      functions: [writing, restoring],
    });
    expect(await refusal(saved('writing', withCall('writes')))).toMatch(
      "operation 'deep' of the type WriteFile",
    );
    expect(await refusal(saved('restoring', withCall('restores')))).toMatch(
      "operation 'act' of the type StatefulPartitionedCall, which reads a file that is not in the folder",
    );
    expect(readdirSync(folder)).not.toContain('outside.txt');
  });
});

test('a table of a file in the folder is filled, and texts are printed', async () => {
  const place = saved('table', {
    nodes: [
      placeholder('x'),
      textNode('where', 'elsewhere'),
      identity('same', 'where', [], STRING),
      table,
      filled('fill', 'same'),
      node('size', 'LookupTableSizeV2', ['table'], {}),
      node('many', 'Cast', ['size'], { SrcT: type(INT64), DstT: type(FLOAT) }),
      node('y', 'AddV2', ['x', 'many'], { T: type(FLOAT) }),
    ],
    asset: 'where',
    initializer: 'fill',
  });
  const model = await loadModelTf<ServedModel>(place);
  const y = (await model.predict(tf.tensor1d([1, 2]))) as Tensor; // one output
  expect([...y.dataSync()]).toEqual([3, 4]);
  model.dispose();
});
