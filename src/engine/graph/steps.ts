/** What the steps of a loop take of what is there for all of them, and what becomes of their results. */
import { TYPES } from '../../tfjs/binding';
import { attr } from './attributes';
import { int32, type Frame, type LoopVariable, type Value } from './frame';
import { FINISHED } from './variables';

/** What becomes of one of a step's results over all steps. */
export interface Collector {
  readonly loopVariable: LoopVariable;
  /** In the loop: takes a step's result; gives the loop variable's next value. */
  add(inner: Frame, index: string, value: string, now: string): string;
  /** After the loop: all of it. */
  result(exit: string): string;
}

/** What a list of tensors holds. */
export interface TensorArrayContents {
  /** Nodes: how many there are, and the indices of all of them. */
  readonly steps: string;
  readonly indices: string;
  /** What each of them is. */
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** Results side by side: a list of tensors, one for each step. */
export class TensorArray implements Collector {
  readonly loopVariable: LoopVariable;
  private readonly handle: Value;

  constructor(
    private readonly frame: Frame,
    private readonly name: string,
    variable: string,
    private readonly of: TensorArrayContents,
  ) {
    const { steps, shape, dtype } = of;
    frame.node(name, 'TensorArrayV3', [steps], {
      dtype: attr.type(dtype),
      element_shape: attr.shape(shape),
      dynamic_size: attr.bool(false),
      clear_after_read: attr.bool(true),
      identical_element_shapes: attr.bool(true),
      tensor_array_name: attr.text(''),
    });
    this.handle = { name, dtype: TYPES.resource };
    this.loopVariable = { name: variable, first: { name: `${name}:1`, dtype: TYPES.float } };
  }

  add(inner: Frame, index: string, value: string, now: string): string {
    return inner.node(
      `${inner.name}/${this.loopVariable.name}/write`,
      'TensorArrayWriteV3',
      [inner.enter(this.handle), index, value, now],
      { T: attr.type(this.of.dtype) },
    );
  }

  /** All tensors in one, and the list's memory free. It would else stay until the whole run ends. */
  result(exit: string): string {
    const { frame, name } = this;
    const { indices, shape, dtype } = this.of;
    const gathered = frame.node(`${name}/gather`, 'TensorArrayGatherV3', [name, indices, exit], {
      dtype: attr.type(dtype),
      element_shape: attr.shape(shape),
    });
    const closed = frame.node(`${name}/close`, 'TensorArrayCloseV3', [name, `^${gathered}`]);
    return frame.node(`${name}/stacked`, 'Identity', [gathered, `^${closed}`], { T: attr.type(dtype) });
  }
}

/** Which row of the sequences a step takes, as `StridedSlice` wants it: vectors of one number, this one and the next. */
export interface Place {
  readonly begin: string;
  readonly end: string;
}

export const placeOf = (inner: Frame, index: string): Place => {
  const begin = inner.node(`${inner.name}/begin`, 'ExpandDims', [index, inner.ints(0)], {
    ...int32(),
    ...int32('Tdim'),
  });
  return { begin, end: inner.node(`${inner.name}/end`, 'Add', [begin, inner.ints([1])], int32()) };
};

/** The attributes of a `StridedSlice` that takes one row, without its axis. */
export const oneRow = (dtype: number) => ({
  T: attr.type(dtype),
  ...int32('Index'),
  begin_mask: attr.int(0),
  end_mask: attr.int(0),
  ellipsis_mask: attr.int(0),
  new_axis_mask: attr.int(0),
  shrink_axis_mask: attr.int(1),
});

/** A row of a sequence: not a copy of it, where it lies as TensorFlow wants tensors to lie. */
export const row = (frame: Frame, name: string, source: Value, { begin, end }: Place): Value => ({
  name: frame.node(
    name,
    'StridedSlice',
    [frame.enter(source), begin, end, frame.ints([1])],
    oneRow(source.dtype),
  ),
  dtype: source.dtype,
});

/** A number that is fed: one for all steps of a run, or one for each. */
export interface StepNumber {
  readonly name: string;
  readonly perStep: boolean;
}

/** The number of a step, of those that are fed for all of them. */
export const numberOfStep = (frame: Frame, name: string, numbers: string, iteration: string): string =>
  frame.node(name, 'GatherV2', [numbers, iteration, frame.ints(0)], {
    Tparams: attr.type(TYPES.float),
    ...int32('Tindices'),
    ...int32('Taxis'),
  });

/** The seed of a step: that of the run, which is fed under the name `source`, and the number of the step. */
export const seedOfStep = (frame: Frame, name: string, source: string, iteration: string): string => {
  const counted = frame.node(`${frame.name}/counted`, 'Pack', [frame.ints(0), iteration], {
    ...int32(),
    N: attr.int(2),
    axis: attr.int(0),
  });
  return frame.node(
    name,
    'Add',
    [frame.enterFromOutside({ name: source, dtype: TYPES.int32 }), counted],
    int32(),
  );
};

/** Counts a step, once all that it waits for is done; gives the node that does. */
export const countStep = (frame: Frame, waits: readonly string[]): string => {
  const counter = frame.enterFromOutside({ name: FINISHED.name, dtype: TYPES.resource });
  return frame.node(`${frame.name}/finished`, 'AssignAddVariableOp', [counter, frame.ints(1), ...waits], {
    dtype: attr.type(TYPES.int32),
  });
};
