import { didYouMean, editDistance, nearest } from '../../src/base/suggestions';

test.each([
  // A short name is near to what differs in one letter only.
  ['f1', ['ce', 'l1', 'mae'], ['l1']],
  ['f1', ['ce', 'auc'], []],
  ['adm', ['adam', 'sgd'], ['adam']],
  ['nmae', ['name', 'dtype', 'weights'], ['name']],
  ['sgdd', ['adam', 'sgd'], ['sgd']],
  // A long one, to what differs in three at most.
  ['mean_square_eror', ['mean_squared_error', 'mean_absolute_error'], ['mean_squared_error']],
  ['categoricalcrossentropie', ['categorical_crossentropy'], ['categorical_crossentropy']],
  ['completely_other', ['categorical_crossentropy', 'mse'], []],
  // What goes on after a name is near to it only if that is most of it.
  ['accuracy_score', ['accuracy', 'acc'], ['accuracy']],
  ['certainty', ['ce'], []],
  ['hinge_embedding_of_all', ['hinge'], []],
])('%s among %p', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toEqual(expected);
});

test('all are listed where none is near', () => {
  expect(didYouMean('f1', ['ce', 'auc'])).toBe("Use one of: 'ce', 'auc'");
});

// From Damerau 1964 and Wagner and Fischer 1974, counted by hand.
test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['flaw', 'lawn', 2],
  ['nmae', 'name', 1],
  ['ab', 'ba', 1],
  ['ca', 'abc', 3],
  ['abcdef', 'abdcfe', 2],
])('the distance from %p to %p is %d', (a, b, expected) => {
  expect(editDistance(a, b)).toBe(expected);
  expect(editDistance(b, a)).toBe(expected);
});
