import { locateLibrary } from '../../src/native/locate';
import { packageRoot } from '../../src/native/runtime';

/** The folder of the C library that the tests run on: what a program of this repository would load. */
export const libraryFolder = (): string => {
  const { env, platform: os, arch } = process;
  const located = locateLibrary({ root: packageRoot, cwd: process.cwd(), env, os, arch });
  if (located === undefined) throw new Error('no C library: run npm run setup');
  return located.folder;
};

// GraphDefs by hand, since this room knows no classes for them.

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
};
const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: string | readonly number[]): number[] => {
  const content = typeof value === 'string' ? [...Buffer.from(value)] : value;
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
};

/** Values of attributes of nodes. */
export const attr = {
  type: (dtype: number) => number(6, dtype),
  types: (dtypes: readonly number[]) =>
    bytes(
      1,
      dtypes.flatMap((dtype) => number(6, dtype)),
    ),
  bool: (value: boolean) => number(5, value ? 1 : 0),
  text: (value: string) => bytes(2, value),
  shape: (dimensions: readonly number[]) =>
    bytes(
      7,
      dimensions.flatMap((size) => bytes(2, number(1, size))),
    ),
};

export interface Node {
  readonly name: string;
  readonly op: string;
  readonly inputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, number[]>>;
}

/** A serialized `GraphDef`. */
export const graphOf = (nodes: readonly Node[]): Uint8Array =>
  Uint8Array.from(
    nodes.flatMap(({ name, op, inputs = [], attributes = {} }) =>
      bytes(1, [
        ...bytes(1, name),
        ...bytes(2, op),
        ...inputs.flatMap((input) => bytes(3, input)),
        ...Object.entries(attributes).flatMap(([key, value]) =>
          bytes(5, [...bytes(1, key), ...bytes(2, value)]),
        ),
      ]),
    ),
  );

const FLOAT = attr.type(1);

/** Matrices `x` and `y`, their product, and a variable that `assign` sets to `x`. */
export const productGraph = (): Uint8Array =>
  graphOf([
    { name: 'x', op: 'Placeholder', attributes: { dtype: FLOAT } },
    { name: 'y', op: 'Placeholder', attributes: { dtype: FLOAT } },
    { name: 'product', op: 'MatMul', inputs: ['x', 'y'], attributes: { T: FLOAT } },
    {
      name: 'variable',
      op: 'VarHandleOp',
      attributes: {
        dtype: FLOAT,
        shape: attr.shape([2, 2]),
        shared_name: attr.text('v'),
        container: attr.text(''),
      },
    },
    { name: 'assign', op: 'AssignVariableOp', inputs: ['variable', 'x'], attributes: { dtype: FLOAT } },
    { name: 'value', op: 'ReadVariableOp', inputs: ['variable'], attributes: { dtype: FLOAT } },
  ]);
