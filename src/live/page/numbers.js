/** @typedef {import('../messages').JsonNumber} JsonNumber */

/**
 * A number as it came: JSON has texts for those that are not finite.
 *
 * @param {JsonNumber | null | undefined} value
 */
const numberOf = (value) => (value === null || value === undefined ? NaN : Number(value));

/**
 * A number in four significant digits.
 *
 * @param {number} value
 */
const numberText = (value) => {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', '∞').replace('-', '−');
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2).replace('e+', 'e') : shortened(value);
  return text.replaceAll('-', '−');
};

/** @param {number} value */
const shortened = (value) => {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  return value.toFixed(Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(size || 1)))));
};

/**
 * The same without zeros at its end: a number that somebody chose is a short one.
 *
 * @param {string} text
 */
const trimmed = (text) => (text.includes('.') ? text.replace(/\.?0+(?=e|$)/, '') : text);

/**
 * How many of something there are in a second.
 *
 * @param {number} speed
 */
const speedText = (speed) => (speed >= 10 ? Math.round(speed).toLocaleString('en') : speed.toFixed(1));

/**
 * A time: 9 s, 2:05 min, 1:00:07 h.
 *
 * @param {number} seconds
 */
const durationText = (seconds) => {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  /** @param {number} n */
  const two = (n) => String(n).padStart(2, '0');
  if (hours > 0) return `${hours}:${two(minutes)}:${two(rest)} h`;
  if (minutes > 0) return `${minutes}:${two(rest)} min`;
  return `${rest} s`;
};

/**
 * Numbers that read well within a range.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} count
 */
const ticksOf = (from, to, count) => {
  const rough = (to - from) / count;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => power * one >= rough * (1 - 1e-9)) ?? 10;
  const step = power * factor;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
};

/**
 * The numbers of ticks, with as many decimals each.
 *
 * @param {readonly number[]} ticks
 */
const tickTexts = (ticks) => {
  const largest = Math.max(...ticks.map(Math.abs));
  if (largest !== 0 && (largest >= 1e6 || largest < 1e-3))
    return ticks.map((tick) =>
      tick === 0 ? '0' : tick.toExponential().replace('e+', 'e').replaceAll('-', '−'),
    );
  const decimals = Math.max(0, ...ticks.map((tick) => (String(tick).split('.')[1] ?? '').length));
  return ticks.map((tick) => tick.toFixed(Math.min(decimals, 20)).replace('-', '−'));
};

/**
 * The range of an axis with some room at both ends.
 *
 * @param {readonly number[]} values
 * @returns {[number, number]}
 */
const rangeOf = (values) => {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  // Numbers that differ in their last digits only are one.
  const isOne = most - least <= 1e-10 * Math.max(Math.abs(least), Math.abs(most));
  const room = isOne ? Math.abs(least) * 0.05 || 1 : (most - least) * 0.05;
  return [least - room, most + room];
};
