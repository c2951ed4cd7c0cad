import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { findCollector } from '../src/native/collector';

/** Only that: what frees memory would have V8 go on to tell this file's registries. */
const { all: collect } = findCollector();

const registerAt = (registry: FinalizationRegistry<undefined>): void => registry.register({}, undefined);

test('what a test file drops, as registries that V8 was still to tell of something, leaves others their finalizers', async () => {
  const told = jest.fn();
  const mine = new FinalizationRegistry<undefined>(told);
  for (let round = 0; round < 20; round++) {
    const others = [new FinalizationRegistry<undefined>(() => undefined)];
    others.forEach(registerAt);
    await nextTurn();
    collect();
    others.length = 0;
    collect();
    if (round % 2 === 0) await nextTurn();
  }
  registerAt(mine);
  for (let round = 0; round < 5 && told.mock.calls.length === 0; round++) {
    await nextTurn();
    collect();
    await wait(20);
  }
  expect(told).toHaveBeenCalledTimes(1);
  mine.unregister(mine); // until here it is reached
});
