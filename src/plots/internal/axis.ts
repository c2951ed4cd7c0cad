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

/** The range of an axis that shows numbers, with some room; a single number is in its middle. */
export const rangeOf = (values: readonly number[]): readonly [number, number] => {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  // Half of each: their difference may be more than a number can be.
  const half = most / 2 - least / 2;
  const room = half > 0 ? 2 * ROOM * half : Math.abs(least) * ROOM || 1;
  return [Math.max(-Number.MAX_VALUE, least - room), Math.min(Number.MAX_VALUE, most + room)];
};

/** Steps that read well, of each power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/** Numbers that read well within a range: about `count` of them, and at most twice that. */
export const ticksOf = (from: number, to: number, count: number): readonly number[] => {
  const rough = to / count - from / count;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((factor) => power * factor >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
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
