import { tf } from '../tfjs/tensorflow';

/**
 * Batches of a data set of files, the next of which are made while the last one is used: one, or as many as `ahead` says. One that is
 * undefined is left out. `batchAt` is told how to see whether somebody still waits. Who leaves early waits until what is under way has
 * ended: then no file is open, and the tensors of batches that nobody will have are freed.
 */
export const readAhead = async function* <Batch>(
  count: number,
  batchAt: (index: number, isWanted: () => boolean) => Promise<Batch | undefined>,
  ahead = 1,
): AsyncGenerator<Batch, void, void> {
  const made: Promise<Batch | undefined>[] = [];
  let begun = 0;
  let isOver = false;
  const begin = (most: number): void => {
    while (begun < count && made.length < most) {
      const batch = batchAt(begun++, () => !isOver);
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
    isOver = true;
    for (const left of await Promise.allSettled(made)) {
      if (left.status === 'fulfilled' && left.value !== undefined)
        tf.dispose(left.value as tf.TensorContainer); // tensors wherever they are
    }
  }
};
