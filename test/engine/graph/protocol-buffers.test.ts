/** Graphs are read by the classes that Google's compiler generated from TensorFlow's .proto files, which tfjs-node brings. */
import path from 'node:path';
import { attr, recordedAttributes } from '../../../src/engine/graph/attributes';
import { GraphBuilder } from '../../../src/engine/graph/builder';
import { MessageWriter } from '../../../src/files/protocol-buffers';
import { ATTRIBUTE_KINDS, TYPES } from '../../../src/tfjs/binding';
import { javascriptPackages, packageRoot } from '../../../src/native/runtime';

interface Attribute {
  getType(): number;
  getI(): number;
  getF(): number;
  getB(): boolean;
  getS_asU8(): Uint8Array;
  getShape(): Shape;
  getTensor(): { getDtype(): number; getTensorShape(): Shape; getTensorContent_asU8(): Uint8Array };
  getList(): {
    getIList(): number[];
    getFList(): number[];
    getBList(): boolean[];
    getTypeList(): number[];
  };
}
interface Shape {
  getDimList(): { getSize(): number }[];
}
interface Node {
  getName(): string;
  getOp(): string;
  getInputList(): string[];
  getAttrMap(): { get(name: string): Attribute | undefined; getLength(): number };
}
interface Graph {
  getNodeList(): Node[];
  getVersions(): { getProducer(): number };
}

const [runtime] = javascriptPackages(packageRoot);
// What the generated file exports.
const { GraphDef } = jest.requireActual<{ GraphDef: { deserializeBinary(bytes: Uint8Array): Graph } }>(
  path.join(runtime?.directory ?? '', 'dist', 'proto', 'api_pb.js'),
);

const sizes = (shape: Shape): number[] => shape.getDimList().map((dimension) => dimension.getSize());

/** The attribute `a` of a node that was written with it and read again. */
const readBack = (value: Uint8Array): Attribute => {
  const graph = new GraphBuilder();
  graph.node('n', 'Op', [], { a: value });
  const node = GraphDef.deserializeBinary(graph.serialize().definition).getNodeList()[0];
  return node?.getAttrMap().get('a') as Attribute; // it was just written
};

test('nodes, their inputs and attributes, and the version come out as they went in', () => {
  const graph = new GraphBuilder();
  graph.node('größe/a', 'Placeholder', [], { dtype: attr.type(TYPES.float) });
  const long = 'n'.repeat(300);
  graph.node(long, 'Add', ['größe/a', `^größe/a`], { T: attr.type(TYPES.int32) });
  const read = GraphDef.deserializeBinary(graph.serialize().definition);
  expect(read.getNodeList().map((node) => [node.getName(), node.getOp(), node.getInputList()])).toEqual([
    ['größe/a', 'Placeholder', []],
    [long, 'Add', ['größe/a', '^größe/a']],
  ]);
  expect(read.getNodeList()[1]?.getAttrMap().get('T')?.getType()).toBe(TYPES.int32);
  expect(read.getNodeList()[1]?.getAttrMap().get('_XlaAlreadyClustered')?.getB()).toBe(true);
  expect(read.getVersions().getProducer()).toBe(134);
});

test.each([0, 1, 127, 128, 16384, 2 ** 31 - 1, 2 ** 40, -1, -(2 ** 40)])(
  'the whole number %p is written',
  (value) => {
    expect(readBack(attr.int(value)).getI()).toBe(value);
  },
);

test('attributes of every kind are written', () => {
  expect(readBack(attr.float(0.1)).getF()).toBe(Math.fround(0.1));
  expect(readBack(attr.bool(false)).getB()).toBe(false);
  expect(Buffer.from(readBack(attr.text('größer als 🙂')).getS_asU8()).toString()).toBe('größer als 🙂');
  expect(sizes(readBack(attr.shape([-1, 0, 300])).getShape())).toEqual([-1, 0, 300]);
  const kinds = [
    { name: 'ints', type: ATTRIBUTE_KINDS.int, value: [1, 300, -2] },
    { name: 'floats', type: ATTRIBUTE_KINDS.float, value: [0.5, -2] },
    { name: 'bools', type: ATTRIBUTE_KINDS.bool, value: [true, false] },
    { name: 'types', type: ATTRIBUTE_KINDS.type, value: [TYPES.float, TYPES.int64] },
  ];
  const { ints, floats, bools, types } = recordedAttributes(kinds) as Record<string, Uint8Array>; // as named above
  expect(
    readBack(ints as Uint8Array)
      .getList()
      .getIList(),
  ).toEqual([1, 300, -2]); // as named above
  expect(
    readBack(floats as Uint8Array)
      .getList()
      .getFList(),
  ).toEqual([0.5, -2]);
  expect(
    readBack(bools as Uint8Array)
      .getList()
      .getBList(),
  ).toEqual([true, false]);
  expect(
    readBack(types as Uint8Array)
      .getList()
      .getTypeList(),
  ).toEqual([TYPES.float, TYPES.int64]);
});

test('a constant is written with its type, shape and bytes', () => {
  const values = Float32Array.from({ length: 6000 }, (_, index) => index / 7);
  const graph = new GraphBuilder();
  graph.constant({ dtype: TYPES.float, shape: [60, 100], values });
  const node = GraphDef.deserializeBinary(graph.serialize().definition).getNodeList()[0];
  const tensor = node?.getAttrMap().get('value')?.getTensor();
  expect(tensor?.getDtype()).toBe(TYPES.float);
  expect(tensor && sizes(tensor.getTensorShape())).toEqual([60, 100]);
  const bytes = tensor?.getTensorContent_asU8().slice() ?? new Uint8Array();
  expect(new Float32Array(bytes.buffer)).toEqual(values);
});

test('a writer that is cleared begins anew, and what was copied from it stays', () => {
  const writer = new MessageWriter().text(1, 'first');
  const first = writer.finish();
  expect(writer.clear().text(1, 'other').finish()).not.toEqual(first);
  expect(Buffer.from(first).toString('latin1')).toBe('\n\u0005first');
});
