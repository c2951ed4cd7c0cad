/** How a session uses the machine. What is left out is as TensorFlow has it. */
export interface RuntimeConfig {
  /** How many operations run at once; -1 runs them one after the other in the thread that asks. */
  readonly interOpThreads?: number;
  /** The pool whose threads run a session's operations: sessions that give it the same name share it. */
  readonly pool?: string;
  /** TensorFlow's optimizers of graphs: `false` turns all off. */
  readonly optimizeGraph?: boolean;
  /** Whether stretches of graphs are compiled by XLA where it has kernels for them. */
  readonly compileWithXla?: boolean;
}

// Protocol buffers by hand: a few fields need no generated classes.

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  // Negative numbers are 64 bits wide.
  let left = BigInt.asUintN(64, BigInt(value));
  while (left > 127n) {
    bytes.push(Number(left & 127n) | 128);
    left >>= 7n;
  }
  return [...bytes, Number(left)];
};

const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];

const message = (field: number, bytes: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];

const text = (field: number, value: string): number[] => message(field, [...new TextEncoder().encode(value)]);

/** Numbers of the fields of `ConfigProto` and of the messages in it, as `config.proto` has them. */
const FIELDS = {
  interOpThreads: 5,
  graphOptions: 10,
  interOpPool: 12,
  optimizerOptions: 3,
  optimizerLevel: 3,
  globalJitLevel: 5,
  rewriteOptions: 10,
  disableMetaOptimizer: 19,
} as const;

/** Number of a field of `ThreadPoolOptionProto`. */
const POOL_NAME = 2;

const LEVEL_OFF = -1;
const JIT_ON = 1;

/** A configuration as a serialized `ConfigProto`. */
export const configProto = (config: RuntimeConfig): Uint8Array => {
  const { interOpThreads, pool, optimizeGraph, compileWithXla } = config;
  const optimizer = [
    ...(optimizeGraph === false ? number(FIELDS.optimizerLevel, LEVEL_OFF) : []),
    ...(compileWithXla === true ? number(FIELDS.globalJitLevel, JIT_ON) : []),
  ];
  const graph = [
    ...(optimizer.length === 0 ? [] : message(FIELDS.optimizerOptions, optimizer)),
    ...(optimizeGraph === false
      ? message(FIELDS.rewriteOptions, number(FIELDS.disableMetaOptimizer, 1))
      : []),
  ];
  return Uint8Array.from([
    ...(interOpThreads === undefined ? [] : number(FIELDS.interOpThreads, interOpThreads)),
    ...(graph.length === 0 ? [] : message(FIELDS.graphOptions, graph)),
    ...(pool === undefined ? [] : message(FIELDS.interOpPool, text(POOL_NAME, pool))),
  ]);
};
