import { sizeOf } from '../../base/shapes';
import {
  EAGER_FLOPS_PER_MILLISECOND,
  EAGER_MILLISECONDS_PER_OPERATION,
  OVERHEAD_MILLISECONDS_PER_OPERATION,
} from '../tuning';
import { attributeOf, type RecordedOp, type RecordedScan, type Recording } from './recording';
import { FLOPS_PER_ELEMENT, RULES } from './stand-in-rules';

type Shapes = ReadonlyMap<number, readonly number[]>;

/** What recorded operations are taken to need where they run one after the other: counted, not measured, so that it is the same each time. */
export interface EagerCost {
  /** How many run, those of a recurrence once for each of its time steps. */
  readonly operations: number;
  readonly milliseconds: number;
}

/** Floating-point operations of an operation, or as many as take as long: of one that has no rule, by the size of what it gives. */
const flopsOf = (op: RecordedOp, shapes: Shapes, constants: Recording['constants']): number => {
  const { name, inputs, outputs } = op;
  const known = inputs.flatMap((id) => [shapes.get(id)].filter((shape) => shape !== undefined));
  const valuesOf = (input: number): number[] | undefined => {
    const values = constants.get(inputs[input] ?? 0)?.values;
    return values === undefined ? undefined : Array.from(values as ArrayLike<unknown>, Number); // of numbers
  };
  const rule = known.length === inputs.length ? RULES[name] : undefined;
  const standIn = rule?.({ inputs: known, valuesOf, attribute: (wanted) => attributeOf(op, wanted) });
  return standIn?.flops ?? FLOPS_PER_ELEMENT * outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
};

/** The shapes of what one step of a recurrence is given: its parts of the sequences, and states. */
const shapesInStep = (
  { inputs }: RecordedOp,
  { feeds, stateShape }: RecordedScan,
  shapes: Shapes,
): Shapes => {
  const { sequences, state, backward } = feeds;
  const states = [state, ...(backward === undefined ? [] : [backward.after, backward.gradient])];
  return new Map([
    ...sequences.map((id, index) => [id, (shapes.get(inputs[index] ?? 0) ?? []).slice(1)] as const),
    ...states.map((id) => [id, stateShape] as const),
  ]);
};

/** The cost of a recording; `shapes` tells of what it is given. */
export const eagerCost = (
  { ops, constants }: Pick<Recording, 'ops' | 'constants'>,
  shapes: Shapes,
): EagerCost => {
  const all = new Map(shapes);
  for (const [id, { shape }] of constants) all.set(id, shape);
  const costOf = (some: readonly RecordedOp[]): EagerCost => {
    let [operations, milliseconds] = [0, 0];
    for (const op of some) {
      const { scan, outputs } = op;
      for (const { id, shape } of outputs) all.set(id, shape);
      if (scan === undefined) {
        operations++;
        milliseconds +=
          OVERHEAD_MILLISECONDS_PER_OPERATION +
          EAGER_MILLISECONDS_PER_OPERATION +
          flopsOf(op, all, constants) / EAGER_FLOPS_PER_MILLISECOND;
        continue;
      }
      for (const [id, shape] of shapesInStep(op, scan, all)) all.set(id, shape);
      const ofStep = costOf(scan.body);
      operations += scan.steps * ofStep.operations;
      milliseconds += scan.steps * ofStep.milliseconds;
    }
    return { operations, milliseconds };
  };
  return costOf(ops);
};
