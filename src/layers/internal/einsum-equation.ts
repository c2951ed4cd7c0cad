import { argumentError, type Check } from '../../base/checks';
import type { Contraction } from '../../ops/contraction';
import type { UnmetRequirement } from './target';

type Shape = readonly (number | null)[];

/** An equation of an input, a kernel and an output, and where the axes are that dots stand for. */
interface Parts {
  readonly input: string;
  readonly kernel: string;
  readonly output: string;
  readonly dots: 'left' | 'right' | 'none';
}

const FORMS = [
  { pattern: /^([a-z]+),([a-z]+)->([a-z]+)$/i, dots: 'none' },
  { pattern: /^\.\.\.([a-z]+),([a-z]+)->\.\.\.([a-z]+)$/i, dots: 'left' },
  { pattern: /^([a-z]+)\.\.\.,([a-z]+)->([a-z]+)\.\.\.$/i, dots: 'right' },
] as const;

const partsOf = (equation: string): Parts | undefined => {
  const compact = equation.replaceAll(' ', '');
  for (const { pattern, dots } of FORMS) {
    const [, input, kernel, output] = pattern.exec(compact) ?? [];
    if (input !== undefined && kernel !== undefined && output !== undefined)
      return { input, kernel, output, dots };
  }
  return undefined;
};

const twice = (letters: string): string | undefined =>
  letters.split('').find((letter, index) => letters.indexOf(letter) !== index);

/** An equation such as 'abc,cd->abd', each letter once in each part, dots before or after the letters of input and output. */
export const equation: Check<string> = (value, place) => {
  const parts = typeof value === 'string' ? partsOf(value) : undefined;
  const wrong = (expected: string): Error =>
    argumentError(place, expected, value, `Write ${place.argument}: 'abc,cd->abd'`);
  if (parts === undefined || typeof value !== 'string')
    throw wrong("of the form 'X,Y->Z', '...X,Y->...Z' or 'X...,Y->Z...', of letters");
  const { input, kernel, output } = parts;
  for (const letters of [input, kernel, output]) {
    const letter = twice(letters);
    if (letter !== undefined)
      throw wrong(`an equation in whose parts each letter is once, and not '${letter}' twice`);
  }
  const unknown = output.split('').find((letter) => !input.includes(letter) && !kernel.includes(letter));
  if (unknown !== undefined)
    throw wrong(`an equation whose output has letters of the input or the kernel, and not '${unknown}'`);
  const unsized = kernel.split('').find((letter) => !input.includes(letter) && !output.includes(letter));
  if (unsized !== undefined)
    throw wrong(`an equation whose kernel has letters of the input or the output, and not '${unsized}'`);
  return value;
};

/** Checks that the axes of a bias are the output's. */
export const checkBiasAxes = (biasAxes: string, ofEquation: string, functionName: string): void => {
  const { output = '' } = partsOf(ofEquation) ?? {};
  const foreign = biasAxes.split('').find((letter) => !output.includes(letter));
  if (foreign === undefined && biasAxes !== '') return;
  throw argumentError(
    { function: functionName, argument: 'biasAxes' },
    `letters of the output, '${output}'`,
    biasAxes,
  );
};

/** What an equation makes of an input of a shape. */
export interface EinsumShapes {
  readonly axes: Contraction;
  readonly kernel: readonly (number | null)[];
  readonly bias: readonly (number | null)[] | undefined;
  readonly output: readonly (number | null)[];
}

/** Letters that no equation has, for the axes that dots stand for. */
const dotted = (count: number): string => Array.from({ length: count }, (_, index) => String(index)).join('');

/** The size of each letter, of the input and the output's letters whose sizes are given; or why there is none. */
const sizesOf = (
  input: string,
  inputShape: Shape,
  given: readonly string[],
  outputShape: Shape,
): ReadonlyMap<string, number | null> | UnmetRequirement => {
  if (outputShape.length !== given.length) {
    return {
      needs: `an \`outputShape\` of ${given.length} sizes, for '${given.join('')}', and has ${outputShape.length}`,
      advice: 'Give one size for each axis of the output but that of the batch and those of dots',
    };
  }
  const sizes = new Map<string, number | null>(
    input.split('').map((letter, axis) => [letter, inputShape[axis] ?? null]),
  );
  for (const [index, letter] of given.entries()) {
    const size = outputShape[index] ?? null;
    const known = sizes.get(letter) ?? null;
    if (size !== null && known !== null && size !== known) {
      return {
        needs: `the size ${size} of axis '${letter}' of the output, which the input has as ${known}`,
        advice: 'Write null in `outputShape` for what is the input’s',
      };
    }
    sizes.set(letter, size ?? known);
  }
  return sizes;
};

/** The sizes of a bias, from the first axis of the output along which there is one: 1 where there is none. */
const biasOf = (
  biasAxes: string,
  { output, dots }: Parts,
  sizes: ReadonlyMap<string, number | null>,
  elided: number,
): (number | null)[] => {
  const letters = output.split('');
  const first = letters.findIndex((letter) => biasAxes.includes(letter));
  return [
    ...letters.slice(first).map((letter) => (biasAxes.includes(letter) ? (sizes.get(letter) ?? null) : 1)),
    ...Array<number>(dots === 'right' ? elided : 0).fill(1),
  ];
};

/**
 * The shapes of kernel, bias and output for an input; or why there are none. `outputShape` is that of the output without the batch
 * axis and what dots stand for, null where the input says the size.
 */
export const einsumShapes = (
  ofEquation: string,
  inputShape: Shape,
  outputShape: Shape,
  biasAxes: string | null,
): EinsumShapes | UnmetRequirement => {
  const parts = partsOf(ofEquation) as Parts; // it is one, as is checked
  const elided = inputShape.length - parts.input.length;
  if (elided < 0 || (parts.dots === 'none' && elided > 0)) {
    return {
      needs: `input of ${parts.input.length} axes, as many as '${parts.input}' has letters, and has ${inputShape.length}`,
      advice: "Change `equation`, or write '...' for the axes that stay",
    };
  }
  const extra = dotted(elided);
  const whole = (letters: string): string =>
    parts.dots === 'left' ? `${extra}${letters}` : `${letters}${extra}`;
  const [input, output] = [whole(parts.input), whole(parts.output)];
  // The first axis is the batch's, which `outputShape` leaves out, as it leaves out those of dots.
  const given = parts.output.split('').slice(parts.dots === 'left' && elided > 0 ? 0 : 1);
  const sizes = sizesOf(input, inputShape, given, outputShape);
  if ('needs' in sizes) return sizes;
  const shapeOf = (letters: string): (number | null)[] =>
    letters.split('').map((letter) => sizes.get(letter) ?? null);
  const open = `${parts.kernel}${biasAxes ?? ''}`
    .split('')
    .find((letter) => (sizes.get(letter) ?? null) === null);
  if (open !== undefined) {
    return {
      needs: `to know the size of axis '${open}', since its weights depend on it`,
      advice: 'Give that size instead of null in the inputShape, or in `outputShape`',
    };
  }
  return {
    axes: { a: input, b: parts.kernel, product: output },
    kernel: shapeOf(parts.kernel),
    bias: biasAxes === null ? undefined : biasOf(biasAxes, parts, sizes, elided),
    output: shapeOf(output),
  };
};
