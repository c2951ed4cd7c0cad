import { findCollector } from '../src/native/collector';
import { collectRounds, dropUntold, registerAt } from './support/registries';

/** Only that: what frees memory would have V8 go on to tell this file's registries. */
const { all: collect } = findCollector();

test('what a test file drops, as registries that V8 was still to tell of something, leaves others their finalizers', async () => {
  const told = jest.fn();
  const mine = new FinalizationRegistry<undefined>(told);
  await dropUntold(collect);
  registerAt(mine);
  await collectRounds(collect, () => told.mock.calls.length > 0);
  expect(told).toHaveBeenCalledTimes(1);
  mine.unregister(mine); // until here it is reached
});
