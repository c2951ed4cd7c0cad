const counts = new Map<string, number>();

/** `sequential`, `sequential_1`, …: Keras numbers models as they are made. */
export const nextModelName = (base: string): string => {
  const count = counts.get(base) ?? 0;
  counts.set(base, count + 1);
  return count === 0 ? base : `${base}_${count}`;
};
