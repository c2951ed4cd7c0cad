/** Where numbers are on a picture: from a range of them to a range of pixels. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly at: (value: number) => number;
}

/** An axis from one number to another, between two pixels. */
export const axisOf = (from: number, to: number, start: number, end: number): Axis => ({
  from,
  to,
  // Halves, since the difference may be more than a number can be.
  at: (value) => start + ((value / 2 - from / 2) / (to / 2 - from / 2)) * (end - start),
});

/** How much farther an axis goes than its numbers, as ggplot2's do. */
const ROOM = 0.05;
/** Numbers that differ by less than this share of their size are one: the last digits of sums and of smooth lines are none to look at. */
const SAME = 1e-10;

/** The range of an axis that shows numbers, with some room; a single number is in its middle. */
export const rangeOf = (values: readonly number[]): readonly [number, number] => {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  // Half of each: their difference may be more than a number can be.
  const half = most / 2 - least / 2;
  const isOne = half <= SAME * Math.max(Math.abs(least), Math.abs(most));
  const room = isOne ? Math.abs(least) * ROOM || 1 : 2 * ROOM * half;
  return [Math.max(-Number.MAX_VALUE, least - room), Math.min(Number.MAX_VALUE, most + room)];
};

/** Steps that read well, of each power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/** The first and the last multiple of a step within a range. */
const multiples = (from: number, to: number, step: number): readonly [number, number] => [
  Math.ceil(from / step - 1e-9),
  Math.floor(to / step + 1e-9),
];

/** Numbers that read well within a range: as near to `count` of them as there are such steps, and at most half as many more. */
export const ticksOf = (from: number, to: number, count: number): readonly number[] => {
  const rough = to / count - from / count;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const numberOf = (step: number): number => {
    const [first, last] = multiples(from, to, step);
    return last - first + 1;
  };
  const steps = STEPS.map((factor) => power * factor).filter((step) => numberOf(step) <= 1.5 * count);
  const off = (step: number): number => Math.abs(numberOf(step) - count);
  // Of two that are as near, the smaller step.
  const step = steps.reduce((best, one) => (off(one) < off(best) ? one : best), steps[0] ?? 10 * power);
  const [first, last] = multiples(from, to, step);
  // Through decimals, so that three steps of 0.1 are 0.3.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
};

/** Those ticks that are integers. */
export const integerTicksOf = (from: number, to: number, count: number): readonly number[] => {
  const ticks = ticksOf(from, to, count).filter(Number.isInteger);
  return ticks.length > 0 ? ticks : [Math.round((from + to) / 2)];
};

/** The numbers of ticks as texts of as many decimals each: 0.50, 0.75, 1.00. */
export const tickTexts = (ticks: readonly number[]): readonly string[] => {
  const largest = Math.max(...ticks.map(Math.abs));
  const isPlain = largest === 0 || (largest < 1e6 && largest >= 1e-3);
  if (!isPlain) return ticks.map((tick) => (tick === 0 ? '0' : tick.toExponential().replace('e+', 'e')));
  const decimals = Math.max(0, ...ticks.map((tick) => (String(tick).split('.')[1] ?? '').length));
  // A step may be far smaller than the numbers.
  return ticks.map((tick) => tick.toFixed(Math.min(decimals, 20)));
};
