/** R's default: how much of the points takes part in each of the fits. */
const SPAN = 0.75;

/** Solves the normal equations of a quadratic, by elimination; undefined if points do not determine one. */
const solved = (matrix: readonly (readonly number[])[]): readonly number[] | undefined => {
  const rows = matrix.map((row) => [...row]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const size0 = Math.abs(rows[0]?.[0] ?? 1);
    const pivot = rows
      .map((row, index) => [Math.abs(row[column] ?? 0), index] as const)
      .slice(column)
      .reduce((best, one) => (one[0] > best[0] ? one : best));
    if (!(pivot[0] > 1e-12 * size0)) return undefined;
    [rows[column], rows[pivot[1]]] = [rows[pivot[1]] ?? [], rows[column] ?? []];
    const top = rows[column] ?? [];
    for (const row of rows.slice(column + 1)) {
      const factor = (row[column] ?? 0) / (top[column] ?? 1);
      top.forEach((value, index) => (row[index] = (row[index] ?? 0) - factor * value));
    }
  }
  const result: number[] = new Array<number>(size).fill(0);
  for (let column = size - 1; column >= 0; column--) {
    const row = rows[column] ?? [];
    const rest = result.reduce(
      (sum, value, index) => sum + (index > column ? (row[index] ?? 0) * value : 0),
      0,
    );
    result[column] = ((row[size] ?? 0) - rest) / (row[column] ?? 1);
  }
  return result;
};

/** The value at 0 of the polynomial that is nearest to weighted points, of degree 2, or less where points are too few. */
const localFit = (points: readonly (readonly [number, number, number])[]): number => {
  for (let degree = 2; degree >= 0; degree--) {
    const powers = Array.from({ length: 2 * degree + 1 }, (_, power) =>
      points.reduce((sum, [x, , weight]) => sum + weight * x ** power, 0),
    );
    const right = Array.from({ length: degree + 1 }, (_, power) =>
      points.reduce((sum, [x, y, weight]) => sum + weight * x ** power * y, 0),
    );
    const matrix = right.map((value, row) => [...powers.slice(row, row + degree + 1), value]);
    const coefficients = solved(matrix);
    if (coefficients !== undefined) return coefficients[0] ?? NaN;
  }
  return NaN;
};

/**
 * A smooth line through points: at each place the quadratic that is nearest to the points around, those nearby counting more. It is R's
 * `loess(y ~ x)` with `surface = 'direct'`, its span of 0.75 and its degree of 2; weights (1 − (d / h)³)³, where h is
 * the distance of the last of the points that take part.
 *
 * @see R `stats::loess`; Cleveland, Grosse and Shyu, Local regression models, 1992
 */
export const loess = (
  xs: readonly number[],
  ys: readonly number[],
  places: readonly number[],
  /** How many points each of them stands for: one, if nothing is said. */
  counts?: readonly number[],
): readonly number[] => {
  const count = Math.min(xs.length, Math.max(1, Math.floor(SPAN * xs.length + 1e-5)));
  return places.map((place) => {
    const distances = xs.map((x) => Math.abs(x - place));
    const bandwidth = [...distances].sort((one, other) => one - other)[count - 1] ?? 0;
    // In units of the bandwidth: powers of large distances would lose digits.
    const unit = bandwidth > 0 ? bandwidth : 1;
    const points = xs.flatMap((x, index) => {
      const distance = (distances[index] ?? 0) / unit;
      const weight = distance < 1 ? (1 - distance ** 3) ** 3 : 0;
      return weight > 0
        ? [[(x - place) / unit, ys[index] ?? NaN, weight * (counts?.[index] ?? 1)] as const]
        : [];
    });
    return localFit(points);
  });
};
