/**
 * Batches of a data set of files, the next of which are made while the last one is used: one, or as many as `ahead` says. One that is
 * undefined is left out. `free` is given a batch that nobody will have.
 */
export const readAhead = async function* <Batch>(
  count: number,
  batchAt: (index: number) => Promise<Batch | undefined>,
  free: (batch: Batch) => void = () => undefined,
  ahead = 1,
): AsyncGenerator<Batch, void, void> {
  const made: Promise<Batch | undefined>[] = [];
  let begun = 0;
  const begin = (most: number): void => {
    while (begun < count && made.length < most) {
      const batch = batchAt(begun++);
      // What goes wrong is said when it is that batch's turn.
      batch.catch(() => undefined);
      made.push(batch);
    }
  };
  begin(ahead);
  try {
    for (let next = made.shift(); next !== undefined; next = made.shift()) {
      // Those that come after this one, while it is waited for.
      begin(ahead - 1);
      const batch = await next;
      begin(ahead);
      if (batch !== undefined) yield batch;
    }
  } finally {
    // Whoever leaves early does not wait for them.
    for (const left of made) {
      void left.then(
        (batch) => (batch === undefined ? undefined : free(batch)),
        () => undefined,
      );
    }
  }
};
