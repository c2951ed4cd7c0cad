/** Prints how much of what is forgotten is freed after others have dropped registries that V8 was still to tell of something. */
import { findCollector } from '../../src/native/collector';
import { NativeMemory } from '../../src/native/memory';
import { collectRounds, dropUntold } from '../support/registries';

const { all: collect } = findCollector();

void (async () => {
  let freed = 0;
  const memory = new NativeMemory<{ readonly id: number }>({ free: () => freed++ });
  await dropUntold(collect);
  // Frozen ones are not looked for among the young.
  for (let id = 0; id < 10; id++) memory.watch(Object.freeze({}), { id }, 1);
  await collectRounds(collect, () => freed === 10);
  console.log(JSON.stringify({ freed, bytes: memory.bytes }));
})();
