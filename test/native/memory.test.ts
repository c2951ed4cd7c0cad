import { constants, PerformanceObserver } from 'node:perf_hooks';
import { findCollector } from '../../src/native/collector';
import { NativeMemory } from '../../src/native/memory';
import { YoungHolders } from '../../src/native/young-holders';

/** What is told of a collection; Node.js's types do not have it. */
interface GcEntry {
  readonly detail: { readonly kind: number; readonly flags: number };
}

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
  const holders = [{}, {}, {}] as const;
  memory.watch(holders[0], held(1), 0);
  memory.grow(held(1), 150);
  memory.grow(held(2), 150);
  expect([memory.bytes, collections]).toEqual([150, 0]);
  memory.watch(holders[1], held(2), 0);
  expect(collections).toBe(0);
  memory.watch(holders[2], held(3), 1);
  expect(collections).toBe(1);
  expect(holders).toBeDefined();
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
  // Is not taken for a young one.
  memory.watch(Object.freeze({}), held(1), 10);
  memory.forget(held(1));
  expect(unregister).toHaveBeenCalledWith(held(1));
  expect(unregister).toHaveReturnedWith(true);
  unregister.mockRestore();
});

test('what was freed by hand is found by a collection of young objects', () => {
  const memory = new NativeMemory<Held>({ free: () => undefined });
  const freed = new YoungHolders<number>();
  const holder = {};
  for (let id = 0; id < 100; id++) {
    const one = { id };
    freed.add(one, id);
    memory.watch(holder, one, 10);
    memory.forget(one);
  }
  findCollector().young();
  expect(freed.look()?.gone.length).toBeGreaterThan(80);
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

test('what is small is freed after collections that V8 makes by itself, without asking for any', () => {
  const freed: number[] = [];
  const asked = jest.fn();
  const memory = new NativeMemory<Held>({
    free: ({ id }) => freed.push(id),
    collector: { all: asked, inParts: asked, young: asked },
  });
  const reached = Array.from({ length: 3000 }, (_, id) => {
    const holder = {};
    memory.watch(holder, held(id), 1);
    return holder;
  });
  const { young } = findCollector();
  for (let id = 3000; id < 9000; id++) {
    memory.watch({}, held(id), 1);
    // As V8 does where its own memory is full.
    if (id % 1000 === 0) young();
  }
  expect(freed.length).toBeGreaterThan(3000);
  expect(new Set(freed).size).toBe(freed.length);
  expect(freed.every((id) => id >= reached.length)).toBe(true);
  expect(asked).not.toHaveBeenCalled();
});

test('no more young holders are looked for than can be in little time', () => {
  const look = jest.spyOn(YoungHolders.prototype, 'look');
  const memory = new NativeMemory<Held>({ free: () => undefined });
  const holders = Array.from({ length: 20_000 }, () => ({}));
  holders.forEach((holder, id) => memory.watch(holder, held(id), 1));
  findCollector().young();
  for (let id = 0; id < 300; id++) memory.watch(holders, held(20_000 + id), 1);
  const found = look.mock.results.map(({ value }) => value as ReturnType<YoungHolders<Held>['look']>);
  look.mockRestore();
  const most = Math.max(...found.map((one) => (one?.reached.length ?? 0) + (one?.gone.length ?? 0)));
  expect(most).toBeGreaterThan(4000);
  expect(most).toBeLessThanOrEqual(8192);
});

describe('all objects are collected', () => {
  /** What was asked of V8, and a memory in which a collection is worth it for 100 bytes. */
  const asking = () => {
    const state = { turn: 0, now: 0 };
    const asked: string[] = [];
    const memory = new NativeMemory<Held>({
      free: () => undefined,
      bytesPerCollection: 100,
      now: () => state.now,
      turns: () => state.turn,
      collector: {
        all: () => asked.push('all'),
        inParts: () => asked.push('in parts'),
        young: () => asked.push('young'),
      },
    });
    // What it holds is not looked for among the young.
    const holder = Object.freeze({});
    let id = 0;
    /** As long after the last as that there may be a collection again. */
    const allocate = (bytes: number): void => {
      state.now += 1e6;
      memory.watch(holder, held(id++), bytes);
    };
    return { state, asked, memory, allocate };
  };

  test('in parts where the event loop goes round, and all at once in a loop that awaits nothing', () => {
    const { state, asked, allocate } = asking();
    allocate(100);
    expect(asked).toEqual(['in parts']);
    state.turn++;
    allocate(100);
    expect(asked).toEqual(['in parts', 'in parts']);
    allocate(100);
    allocate(100);
    expect(asked.slice(2)).toEqual(['all', 'all']);
    state.turn++;
    allocate(100);
    expect(asked.slice(4)).toEqual(['in parts']);
  });

  test('in parts also for what is very large, and all at once if much is new before that is over', () => {
    const { state, asked, allocate } = asking();
    allocate(100_000);
    expect(asked).toEqual(['in parts']);
    state.turn++;
    allocate(799);
    expect(asked).toEqual(['in parts', 'in parts']);
    state.turn++;
    allocate(100);
    expect(asked.slice(2)).toEqual(['all']);
  });

  test('in parts as rarely as the size of the heap says', () => {
    const { state, asked, allocate } = asking();
    allocate(100);
    state.turn++;
    // Less than a look at the heap takes, times twenty.
    state.now -= 1e6 - 1;
    allocate(100);
    expect(asked).toEqual(['in parts']);
    state.turn++;
    allocate(1);
    expect(asked).toEqual(['in parts', 'in parts']);
  });

  test('in parts, but not right after a collection of young objects, which may have been enough for a turn', () => {
    const { state, asked, memory } = asking();
    const holders = [{}, {}, {}] as const;
    memory.watch(holders[0], held(0), 100);
    memory.watch(holders[1], held(1), 1);
    expect(asked).toEqual(['young']);
    state.now = 20;
    state.turn++;
    memory.watch(holders[2], held(2), 1);
    expect(asked).toEqual(['young', 'in parts']);
  });

  test('in parts by V8 itself while the event loop goes round', async () => {
    const seen: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { kind, flags } = (entry as unknown as GcEntry).detail; // as Node.js gives them
        if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) seen.push(flags);
      }
    });
    const forgotten = new WeakRef({});
    await rest();
    observer.observe({ entryTypes: ['gc'] });
    findCollector().inParts?.();
    // A reference that is looked at holds what it is to for as long as nothing else runs.
    for (let round = 0; round < 1000 && seen.length === 0; round++) await rest();
    observer.disconnect();
    expect(seen[0]).toBeDefined();
    expect((seen[0] ?? NaN) & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED).toBe(0);
    expect(forgotten.deref()).toBeUndefined();
  });
});
