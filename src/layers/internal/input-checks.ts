import { describeShape, KerasShapeError } from '../../base/errors';
import type { Layer, NewLayer } from './target';

export type Shape = readonly (number | null)[];

/** A layer and what it is applied to, as errors name them. */
export interface Application {
  /** The function that adds it; left out where values are computed, in whatever function was called. */
  readonly functionName?: string;
  /** The layer's name and the line that added it. */
  readonly title: string;
  readonly name: string;
  readonly shapes: readonly Shape[];
  /** Where the input comes from, if that is known. */
  readonly from?: string;
}

/** A layer's name and the line that added it. */
export const titleOf = (name: string, line: string | undefined): string =>
  line === undefined ? `layer '${name}'` : `layer '${name}' (added at ${line})`;

export const shapeError = (
  { functionName, title, name, shapes, from }: Application,
  expected: string,
  advice: string,
  cause?: unknown,
): KerasShapeError =>
  new KerasShapeError({
    function: functionName,
    layer: name,
    expected: `${title} ${expected}`,
    received:
      from === undefined
        ? `values of shape ${shapes.map(describeShape).join(' and ')}`
        : `${shapes.map(describeShape).join(' and ')} from ${from}`,
    advice,
    cause,
  });

/** Checks the shapes that a layer is applied to against its definition. */
export const checkInput = (layer: NewLayer, application: Application): void => {
  const { shapes } = application;
  if (layer.rank !== undefined) {
    const { minNDim, maxNDim, advice } = layer.rank;
    for (const shape of shapes.slice(0, layer.rank.inputs)) {
      if (shape.length >= minNDim && shape.length <= maxNDim) continue;
      const ranks =
        minNDim === maxNDim
          ? `${minNDim}`
          : maxNDim === Infinity
            ? `at least ${minNDim}`
            : `${minNDim} to ${maxNDim}`;
      throw shapeError(application, `needs input of ${ranks} dimensions, the batch axis included`, advice);
    }
  }
  const shapeRequirement = layer.shapeRequirement?.(shapes);
  if (shapeRequirement !== undefined)
    throw shapeError(application, `needs ${shapeRequirement.needs}`, shapeRequirement.advice);
};

/** Checks that what a layer puts out has elements: a window may be larger than the input. */
export const checkOutput = (tfjsLayer: Layer, application: Application): void => {
  const input = application.shapes.map((shape) => [...shape]);
  const output: unknown = tfjsLayer.computeOutputShape(input.length === 1 ? (input[0] ?? []) : input);
  const sizes = Array.isArray(output) ? output.flat() : [];
  if (!sizes.some((size) => typeof size === 'number' && size <= 0)) return;
  throw shapeError(
    application,
    `would put out ${describeShape(sizes as number[])}, which has no elements`,
    "Use a smaller kernel, pool or stride, padding: 'same', or a larger input",
  );
};

/** Checks that no axis is empty: there is no mean, no largest value and no last step of nothing. */
const checkElements = (application: Application): void => {
  for (const shape of application.shapes) {
    const empty = shape.indexOf(0);
    if (empty === -1) continue;
    throw shapeError(
      application,
      `needs input with at least one element along axis ${empty}`,
      'Leave empty samples out, or make sequences as long as each other with padSequences(sequences, { maxlen })',
    );
  }
};

/** Checks the sizes that a layer was built for. */
const checkBuiltFor = (tfjsLayer: Layer, application: Application): void => {
  const specifications = [(tfjsLayer.inputSpec as Layer['inputSpec'] | null) ?? []].flat(); // null before it is built
  application.shapes.forEach((shape, index) => {
    const { shape: whole, axes } = specifications[index] ?? {};
    const sizes: [number, number | null][] =
      whole?.map((size, axis) => [axis, size]) ??
      Object.entries(axes ?? {}).map(([axis, size]) => [Number(axis), size]);
    const wrong = sizes.find(([axis, size]) => size !== null && shape.at(axis) !== size);
    if (wrong === undefined) return;
    const [axis, size] = wrong;
    throw shapeError(
      application,
      `was built for the size ${String(size)} of axis ${axis}`,
      axis === 0
        ? `Give batches of ${String(size)} rows, or build the model with another batch size`
        : 'Give data of that size, or build the model for the other one',
    );
  });
};

/** Checks the shapes of values that a layer is applied to. */
export const checkApplication = (layer: NewLayer, tfjsLayer: Layer, shapes: readonly Shape[]): void => {
  const application: Application = {
    title: titleOf(tfjsLayer.name, layer.definedAt),
    name: tfjsLayer.name,
    shapes,
  };
  checkElements(application);
  checkInput(layer, application);
  if (tfjsLayer.built) checkBuiltFor(tfjsLayer, application);
  checkOutput(tfjsLayer, application);
};
