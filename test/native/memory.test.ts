import { findCollector } from '../../src/native/collector';
import { NativeMemory } from '../../src/native/memory';

/** What is held, by number. */
interface Held {
  readonly id: number;
}
const known = new Map<number, Held>();
const held = (id: number): Held => {
  const made = known.get(id) ?? { id };
  known.set(id, made);
  return made;
};
beforeEach(() => known.clear());

/** Lets finalizers run, which wait for the event loop. */
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('what is forgotten is freed, once, and what is reached stays', async () => {
  const freed: number[] = [];
  const memory = new NativeMemory<Held>({ free: ({ id }) => freed.push(id), bytesPerCollection: 1000 });
  const reached = {};
  memory.watch(reached, held(0), 10);
  (() => {
    for (let id = 1; id <= 500; id++) memory.watch({}, held(id), 10);
  })();
  for (let round = 0; round < 50 && freed.length < 400; round++) {
    memory.watch({}, held(2000 + round), 8000);
    await rest();
  }
  expect(freed.length).toBeGreaterThanOrEqual(400);
  expect(new Set(freed).size).toBe(freed.length);
  expect(freed).not.toContain(0);
  expect(reached).toEqual({});
});

test('what was freed by hand is not freed again', async () => {
  const freed: number[] = [];
  const memory = new NativeMemory<Held>({ free: ({ id }) => freed.push(id), bytesPerCollection: 1000 });
  (() => {
    for (let id = 0; id < 100; id++) memory.watch({}, held(id), 5);
  })();
  for (let id = 0; id < 100; id++) expect(memory.forget(held(id))).toBe(true);
  expect(memory.forget(held(5))).toBe(false);
  expect(memory.bytes).toBe(0);
  for (let round = 0; round < 5; round++) {
    memory.watch({}, held(1000 + round), 8000);
    await rest();
  }
  expect(freed.every((id) => id >= 1000)).toBe(true);
});

test('a collection is asked for when much is new, more rarely where it takes long, and not if all is freed by hand', () => {
  let now = 0;
  let collections = 0;
  const memory = new NativeMemory({
    free: () => undefined,
    bytesPerCollection: 100,
    now: () => now,
    collector: {
      all: () => {
        collections++;
        now += 10;
      },
      young: () => undefined,
    },
  });
  const holder = {};
  let id = 0;
  const allocate = (bytes: number): void => memory.watch(holder, held(id++), bytes);
  for (let made = 0; made < 50; made++) {
    allocate(90);
    memory.forget(held(id - 1));
  }
  expect(collections).toBe(0);
  allocate(100);
  expect(collections).toBe(1);
  allocate(100); // 10 of its milliseconds are a twentieth of 200
  expect(collections).toBe(1);
  now += 190;
  allocate(1);
  expect(collections).toBe(2);
  allocate(799);
  expect(collections).toBe(2);
  allocate(1); // eight times as much is waited for at most
  expect(collections).toBe(3);
});

test('how long a collection takes is what the quickest of the last three took', () => {
  let now = 0;
  const costs = [50, 10, 40, 30, 20];
  const begun: number[] = [];
  const memory = new NativeMemory({
    free: () => undefined,
    bytesPerCollection: 100,
    now: () => now,
    collector: {
      all: () => {
        begun.push(now);
        now += costs[begun.length - 1] ?? 0;
      },
      young: () => undefined,
    },
  });
  for (let id = 0; begun.length < costs.length; id++) {
    memory.watch({}, held(id), 100);
    memory.forget(held(id - 1));
    now++;
  }
  // Nineteen times as long as that there is none.
  expect(begun.slice(1).map((at, index) => at - (begun[index] ?? 0) - (costs[index] ?? 0))).toEqual([
    950, 190, 190, 190,
  ]);
});

test('memory that has grown counts, and is not collected for until something new is watched', () => {
  let collections = 0;
  const memory = new NativeMemory<Held>({
    free: () => undefined,
    bytesPerCollection: 100,
    collector: {
      all: () => {
        collections++;
      },
      young: () => undefined,
    },
  });
  memory.watch({}, held(1), 0);
  memory.grow(held(1), 150);
  memory.grow(held(2), 150);
  expect([memory.bytes, collections]).toEqual([150, 0]);
  memory.watch({}, held(2), 0);
  expect(collections).toBe(0);
  memory.watch({}, held(3), 1);
  expect(collections).toBe(1);
  expect(memory.forget(held(1))).toBe(true);
  expect(memory.bytes).toBe(1);
});

/** Later versions of V8 have no way to it. */
const freesAtOnce = Number(process.versions.node.split('.')[0]) <= 22;

(freesAtOnce ? test : test.skip)(
  'a loop that awaits nothing frees what it forgets, on Node.js up to 22',
  () => {
    const freed: number[] = [];
    const memory = new NativeMemory<Held>({ free: ({ id }) => freed.push(id), bytesPerCollection: 1000 });
    for (let id = 0; id < 500; id++) memory.watch({}, held(id), 100);
    expect(freed.length).toBeGreaterThan(100);
  },
);

// While a registry knows it, V8's collections of young objects take it for reached, and it grows old.
test('what was freed by hand is known to no registry any more', () => {
  const unregister = jest.spyOn(FinalizationRegistry.prototype, 'unregister');
  const memory = new NativeMemory<Held>({ free: () => undefined });
  memory.watch({}, held(1), 10);
  memory.forget(held(1));
  expect(unregister).toHaveBeenCalledWith(held(1));
  expect(unregister).toHaveReturnedWith(true);
  unregister.mockRestore();
});

test('what takes the place of other memory is no reason to collect, until it stays', () => {
  const collect = jest.fn();
  const memory = new NativeMemory<Held>({
    free: () => undefined,
    bytesPerCollection: 1000,
    collector: { all: collect, young: () => undefined },
  });
  const [old, made] = [{}, {}];
  memory.watch(old, held(0), 900);
  memory.replacing(() => {
    memory.watch(made, held(1), 900);
    memory.forget(held(0));
  });
  expect(collect).not.toHaveBeenCalled();
  const another = {};
  memory.replacing(() => {
    memory.replacing(() => memory.watch(another, held(2), 900));
    expect(collect).not.toHaveBeenCalled();
  });
  expect(collect).toHaveBeenCalledTimes(1);
});

/** Memory of which collections of young objects may be had at any time, how often there were others, and what they freed. */
const youngMemory = (): { memory: NativeMemory<Held>; freed: number[]; all: () => number } => {
  const freed: number[] = [];
  let all = 0;
  const { young } = findCollector();
  const memory = new NativeMemory<Held>({
    free: ({ id }) => freed.push(id),
    bytesPerCollection: 1000,
    now: () => 0,
    collector: { young, all: () => all++ },
  });
  return { memory, freed, all: () => all };
};

test('what is large and forgotten soon is freed without a collection of all objects, in a loop that awaits nothing', () => {
  const { memory, freed, all } = youngMemory();
  const reached = {};
  memory.watch(reached, held(0), 100);
  for (let id = 1; id <= 500; id++) memory.watch({}, held(id), 100);
  expect(freed.length).toBeGreaterThan(450);
  expect(new Set(freed).size).toBe(freed.length);
  expect(freed).not.toContain(0);
  expect(memory.bytes).toBe((501 - freed.length) * 100);
  // Others collect young objects, too, who are old then if they are in use.
  expect(all()).toBeLessThan(5);
  expect(reached).toBeDefined();
});

test('what is held for long makes collections of all objects, and is freed by them', async () => {
  const { memory, freed, all } = youngMemory();
  let holders: object[] = [];
  for (let id = 0; id < 100; id++) {
    const holder = {};
    holders.push(holder);
    memory.watch(holder, held(id), 100);
  }
  expect(freed).toEqual([]);
  expect(all()).toBe(10);
  holders = [];
  const { all: collect } = findCollector();
  for (let round = 0; round < 20 && freed.length < 98; round++) {
    collect();
    await rest();
  }
  expect(freed.length).toBeGreaterThanOrEqual(98);
});

test('what a collection finds that was asked for by nobody is freed, too', async () => {
  const { memory, freed } = youngMemory();
  (() => {
    for (let id = 0; id < 9; id++) memory.watch({}, held(id), 100);
  })();
  const { all: collect } = findCollector();
  for (let round = 0; round < 20 && freed.length < 8; round++) {
    collect();
    await rest();
  }
  expect(freed.length).toBeGreaterThanOrEqual(8);
});
