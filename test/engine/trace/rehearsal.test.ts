/** Before the first recurrent layer is traced, its operations are, one after the other. */
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  layerFlatten,
  layerGru,
  pipe,
  type SequentialModel,
} from 'keras-pipe';
import { StandIns } from '../../../src/engine/trace/stand-ins';

const rows = Array.from({ length: 8 }, (_, row) => [
  [row, 1],
  [2, row],
]);
const labels = rows.map((_, row) => row);

const dense = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerFlatten({ inputShape: [2, 2] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );
const recurrent = (): SequentialModel =>
  pipe(
    kerasModelSequential(),
    layerGru({ units: 2, inputShape: [2, 2] }),
    layerDense({ units: 1 }),
    compile({ optimizer: 'sgd', loss: 'mse' }),
  );

test('once in a process, each by itself, and only for a model that has such a layer', async () => {
  // At the end of each recording.
  const dispose = jest.spyOn(StandIns.prototype, 'dispose');
  const seen = new Set<number>();
  let isOver = false;
  const turn = (): void => {
    seen.add(dispose.mock.calls.length);
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const recordings = async (model: SequentialModel): Promise<number> => {
    const before = dispose.mock.calls.length;
    await fit(model, rows, labels, { engine: 'compiled', batchSize: 4, epochs: 1, verbose: 0 });
    model.dispose();
    return dispose.mock.calls.length - before;
  };
  const ofStep = await recordings(dense());
  expect(ofStep).toBe(2);
  const first = await recordings(recurrent());
  expect(first).toBeGreaterThan(ofStep + 10);
  // Others ran after each of them.
  for (let count = 1; count <= ofStep + first; count++) expect(seen).toContain(count);
  expect(await recordings(recurrent())).toBe(ofStep);
  isOver = true;
});
