import type { LayerFunction, LayerStep, OptionalLayerFunction, SymbolicTensor } from '../../../src/index';

/** A shape without the batch axis. */
export type Shape = readonly number[];

/** One layer with its options: what goes in, what comes out, how many parameters it has. */
export interface Row {
  /** The name of the export. */
  readonly functionName: string;
  /** What sets this row apart from others of its function. */
  readonly about?: string;
  /** The options that it is given. */
  readonly options: object;
  /** The same layer in both call styles. */
  readonly piped: () => LayerStep;
  readonly plain: (object: SymbolicTensor) => SymbolicTensor;
  /** The step with options that nobody knows. */
  readonly wrong: (options: object) => LayerStep;
  /** What a misspelt `name` is advised to be. */
  readonly nearName?: string;
  /** Says that its configuration does not hold all of it. */
  readonly isNotSaved?: boolean;
  readonly input: Shape;
  /** The largest id plus one, for a layer that takes ids. */
  readonly ids?: number;
  readonly output: Shape;
  /** The axes, counted from the batch, whose sizes are drawn while training, and not known before. */
  readonly drawnAxes?: readonly number[];
  readonly params: number;
}

interface Definition<Options> {
  readonly options: Options;
  readonly input: Shape;
  readonly output: Shape;
  readonly params?: number;
  readonly drawnAxes?: readonly number[];
  readonly ids?: number;
  readonly about?: string;
  readonly isNotSaved?: boolean;
}

/** A layer function of these options. */
type Verb<Options> = LayerFunction<Options> | OptionalLayerFunction<Options>;

/** How it is called: the compiler cannot choose among the overloads of one of two types. */
type Calls<Options> = ((options: Options) => LayerStep) &
  ((object: SymbolicTensor, options: Options) => SymbolicTensor);

/** A row of a layer function. */
export const row = <Options extends object>(
  functionName: string,
  layer: Verb<Options>,
  { options, ...rest }: Definition<NoInfer<Options>>,
): Row => {
  const call = layer as unknown as Calls<Options>; // see there
  return {
    functionName,
    options,
    piped: () => call(options),
    plain: (object) => call(object, options),
    wrong: (unknown) => call({ ...options, ...unknown }),
    params: 0,
    ...rest,
  };
};
