import { findCollector } from '../../src/native/collector';
import { CollectionsSeen } from '../../src/native/collections-seen';

const { young, all } = findCollector();

test('a collection is new once, be it of young objects or of all', () => {
  const seen = new CollectionsSeen();
  for (let round = 0; round < 20; round++) {
    for (const collect of [young, all]) {
      expect(seen.isNew()).toBe(false);
      collect();
      expect(seen.isNew()).toBe(true);
    }
  }
});

test('what was left for collections of young objects, and has grown old, is soon replaced', () => {
  const seen = new CollectionsSeen();
  // Nobody collects all objects here.
  for (let round = 0; round < 100; round++) expect(seen.isNew()).toBe(false);
  young();
  expect(seen.isNew()).toBe(true);
});
