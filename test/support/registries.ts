import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

/** Has a registry something to be told after the next collection. */
export const registerAt = (registry: FinalizationRegistry<undefined>): void =>
  registry.register({}, undefined);

/** Drops registries that V8 was still to tell of something, at each point of a turn of the event loop. */
export const dropUntold = async (collect: () => void): Promise<void> => {
  for (let round = 0; round < 20; round++) {
    const others = [new FinalizationRegistry<undefined>(() => undefined)];
    others.forEach(registerAt);
    await nextTurn();
    collect();
    others.length = 0;
    collect();
    if (round % 2 === 0) await nextTurn();
  }
};

/** Collects some times, and lets V8 tell registries, until something holds, or in vain. */
export const collectRounds = async (collect: () => void, isDone: () => boolean): Promise<void> => {
  for (let round = 0; round < 5 && !isDone(); round++) {
    await nextTurn();
    collect();
    await wait(20);
  }
};
