import { createRequire } from 'node:module';
import path from 'node:path';
import { javascriptPackages, packageRoot } from '../../native/runtime';

/** A message of TensorFlow's protocol buffers, with the setters that this library calls. */
export interface Message {
  serializeBinary(): Uint8Array;
}

interface Shape extends Message {
  addDim(dimension: Dimension): void;
}
interface Dimension extends Message {
  setSize(size: number): void;
}
export interface TensorMessage extends Message {
  setDtype(type: number): void;
  setTensorShape(shape: Shape): void;
  setTensorContent(bytes: Uint8Array): void;
}
interface ListValue extends Message {
  setIList(values: readonly number[]): void;
  setFList(values: readonly number[]): void;
  setBList(values: readonly boolean[]): void;
  setTypeList(values: readonly number[]): void;
}
export interface AttrValue extends Message {
  setS(bytes: Uint8Array): void;
  setI(value: number): void;
  setF(value: number): void;
  setB(value: boolean): void;
  setType(type: number): void;
  setShape(shape: Shape): void;
  setTensor(tensor: TensorMessage): void;
  setList(list: ListValue): void;
}
export interface NodeDef extends Message {
  setName(name: string): void;
  setOp(op: string): void;
  addInput(input: string): void;
  getAttrMap(): { set(name: string, value: AttrValue): void };
}
interface GraphDef extends Message {
  addNode(node: NodeDef): void;
  setVersions(versions: VersionDef): void;
}
interface VersionDef extends Message {
  setProducer(version: number): void;
}
/** The classes that tfjs-node generated from TensorFlow's .proto files to read SavedModels; they write them as well. */
interface ProtocolBuffers {
  readonly AttrValue: (new () => AttrValue) & { readonly ListValue: new () => ListValue };
  readonly GraphDef: new () => GraphDef;
  readonly NodeDef: new () => NodeDef;
  readonly Tensor: new () => TensorMessage;
  readonly TensorShape: (new () => Shape) & { readonly Dim: new () => Dimension };
  readonly VersionDef: new () => VersionDef;
}

let loaded: ProtocolBuffers | undefined;

/** Loads the classes on first use: they are a megabyte of JavaScript. */
export const protocolBuffers = (): ProtocolBuffers => {
  if (loaded !== undefined) return loaded;
  const [runtime] = javascriptPackages(packageRoot);
  if (runtime === undefined) throw new Error('tfjs-node is gone from where it was loaded');
  const require = createRequire(path.join(packageRoot, 'package.json'));
  loaded = require(path.join(runtime.directory, 'dist', 'proto', 'api_pb.js')) as ProtocolBuffers;
  return loaded;
};
