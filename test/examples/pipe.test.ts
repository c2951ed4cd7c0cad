import { main } from '../../examples/pipe';
import { quietly } from './support';

test('piped and plain calls make the same model, which is changed in place', async () => {
  const { numbers, leaked } = await quietly(() => main({ seed: 7, epochs: 2 }));
  expect(numbers).toEqual({
    sameWeights: true,
    sameObject: true,
    layers: 2,
    deepLayers: 7,
    trainedInPlace: true,
    epochs: 2,
  });
  expect(leaked).toBe(0);
});
