import { findCollector } from '../../src/native/collector';
import { CollectionsSeen } from '../../src/native/collections-seen';

const { young, all } = findCollector();

/** So many times at most V8 is taken to collect by itself while a test looks: it does so whenever its memory for young objects is full. */
const BY_ITSELF = 3;

test('a collection is new once, be it of young objects or of all', () => {
  const seen = new CollectionsSeen();
  let unasked = 0;
  for (let round = 0; round < 20; round++) {
    for (const collect of [young, all]) {
      if (seen.isNew()) unasked++;
      collect();
      expect(seen.isNew()).toBe(true);
    }
  }
  expect(unasked).toBeLessThanOrEqual(BY_ITSELF);
});

test('what was left for collections of young objects, and has grown old, is soon replaced', () => {
  const seen = new CollectionsSeen();
  // Nobody collects all objects here.
  const unasked = Array.from({ length: 100 }, () => seen.isNew()).filter(Boolean);
  expect(unasked.length).toBeLessThanOrEqual(BY_ITSELF);
  young();
  expect(seen.isNew()).toBe(true);
});
