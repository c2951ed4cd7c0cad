/**
 * Batches of a data set of files, the next of which is made while the last one is used. One that is undefined is left out.
 * `free` is given a batch that nobody will have.
 */
export const readAhead = async function* <Batch>(
  count: number,
  batchAt: (index: number) => Promise<Batch | undefined>,
  free: (batch: Batch) => void = () => undefined,
): AsyncGenerator<Batch, void, void> {
  const begin = (index: number): Promise<Batch | undefined> | undefined => {
    if (index >= count) return undefined;
    const batch = batchAt(index);
    // What goes wrong is said when it is that batch's turn.
    batch.catch(() => undefined);
    return batch;
  };
  let next = begin(0);
  try {
    for (let index = 1; next !== undefined; index++) {
      const current: Promise<Batch | undefined> = next;
      next = undefined;
      const batch = await current;
      next = begin(index);
      if (batch !== undefined) yield batch;
    }
  } finally {
    // Whoever leaves early does not wait for it.
    void next?.then(
      (batch) => (batch === undefined ? undefined : free(batch)),
      () => undefined,
    );
  }
};
