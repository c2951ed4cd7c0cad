/** Prints how much of what is forgotten is freed after others have dropped registries that V8 was still to tell of something. */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { findCollector } from '../../src/native/collector';
import { NativeMemory } from '../../src/native/memory';

const { all: collect } = findCollector();

/** A registry that has something to be told. */
const makeRegistry = (): FinalizationRegistry<undefined> => {
  const registry = new FinalizationRegistry<undefined>(() => undefined);
  registry.register({}, undefined);
  return registry;
};

void (async () => {
  let freed = 0;
  const memory = new NativeMemory<{ readonly id: number }>({ free: () => freed++ });
  for (let round = 0; round < 20; round++) {
    const others = [makeRegistry()];
    await nextTurn();
    collect();
    others.length = 0;
    collect();
    if (round % 2 === 0) await nextTurn();
  }
  // Frozen ones are not looked for among the young.
  for (let id = 0; id < 10; id++) memory.watch(Object.freeze({}), { id }, 1);
  for (let round = 0; round < 5; round++) {
    await nextTurn();
    collect();
    await wait(20);
  }
  console.log(JSON.stringify({ freed, bytes: memory.bytes }));
})();
