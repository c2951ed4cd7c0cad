import { binding, wrap, type NativeTensor, type OpAttribute } from '../tfjs/binding';
import type { Tensor } from '../tfjs/tensorflow';
import { neededFor } from './graph/emit';
import type { RecordedOp, Recording } from './trace/recording';

/** Where an input of an operation comes from: what is fed, by position, or an earlier operation's output. */
interface Source {
  readonly list: 'feeds' | 'constants' | 'made';
  readonly index: number;
}

interface ReplayedOp {
  readonly name: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly Source[];
  readonly outputs: number;
}

/**
 * A few recorded operations, run one after the other. A run of a graph that waits for another thread takes about as long as
 * ten small operations do: below that, this is quicker, and it needs no copies of the weights.
 */
export class Replay {
  private readonly constants: number[] = [];
  private readonly ops: readonly ReplayedOp[];
  private readonly outputs: readonly number[];

  private constructor(
    ops: readonly RecordedOp[],
    { constants }: Recording,
    feeds: readonly number[],
    outputs: readonly number[],
  ) {
    const sources = new Map<number, Source>(feeds.map((id, index) => [id, { list: 'feeds', index }]));
    let made = 0;
    const sourceOf = (id: number): Source => {
      const known = sources.get(id);
      if (known !== undefined) return known;
      const constant = constants.get(id);
      if (constant === undefined) throw new Error(`tensor ${id} is not part of the step`);
      const source: Source = { list: 'constants', index: this.constants.length };
      this.constants.push(binding().createTensor(constant.shape, constant.dtype, constant.values));
      sources.set(id, source);
      return source;
    };
    this.ops = ops.map(({ name, attributes, inputs, outputs: results }) => {
      const op = { name, attributes, inputs: inputs.map(sourceOf), outputs: results.length };
      for (const { id } of results) sources.set(id, { list: 'made', index: made++ });
      return op;
    });
    this.outputs = outputs.map((id) => sourceOf(id).index);
  }

  /** A replay of what the outputs need, if that is at most `most` operations. `feeds` are the ids of what is fed. */
  static of(
    recording: Recording,
    feeds: readonly number[],
    outputs: readonly number[],
    most: number,
  ): Replay | undefined {
    const { needed } = neededFor(recording.ops, outputs, (id) => feeds.includes(id));
    const ops = recording.ops.filter((_, index) => needed.has(index));
    const results = new Set(ops.flatMap((op) => op.outputs.map(({ id }) => id)));
    if (ops.length > most || ops.some(({ scan }) => scan !== undefined)) return undefined;
    if (new Set(outputs).size < outputs.length || outputs.some((id) => !results.has(id))) return undefined;
    return new Replay(ops, recording, feeds, outputs);
  }

  /** Runs the operations on what is fed, by native ids. The caller frees the outputs. */
  run(feeds: readonly number[]): Tensor[] {
    const native = binding();
    const made: NativeTensor[] = [];
    const idOf = ({ list, index }: Source): number =>
      (list === 'made' ? made[index]?.id : list === 'feeds' ? feeds[index] : this.constants[index]) as number; // as built
    try {
      for (const { name, attributes, inputs, outputs } of this.ops) {
        made.push(...native.executeOp(name, attributes, inputs.map(idOf), outputs));
      }
    } catch (error) {
      for (const { id } of made) native.deleteTensor(id);
      throw error;
    }
    made.forEach(({ id }, index) => {
      if (!this.outputs.includes(index)) native.deleteTensor(id);
    });
    return this.outputs.map((index) => wrap(made[index] as NativeTensor)); // as built
  }

  dispose(): void {
    for (const id of this.constants) binding().deleteTensor(id);
    this.constants.length = 0;
  }
}
