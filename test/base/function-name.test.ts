import { KerasArgumentError, KerasStateError, THIS_FUNCTION } from '../../src/base/errors';
import { asFunction } from '../../src/base/function-name';

const unnamed = () =>
  new KerasStateError({
    expected: `the model must stay until ${THIS_FUNCTION}() is done`,
    received: `a model disposed in the middle of ${THIS_FUNCTION}()`,
    advice: `Await what ${THIS_FUNCTION}() gave`,
    layer: 'dense',
  });

const thrownBy = (run: () => unknown): KerasStateError => {
  try {
    run();
  } catch (error) {
    return error as KerasStateError;
  }
  throw new Error('nothing was thrown');
};

const fail = (): never => {
  throw unnamed();
};

const MESSAGE =
  'fit: the model must stay until fit() is done. Received: a model disposed in the middle of fit(). Await what fit() gave.';

describe('the name of the function in an error', () => {
  test('is that of the function which the error leaves, in all its texts and in its stack', () => {
    const error = thrownBy(() => asFunction('fit', fail));
    expect(error).toBeInstanceOf(KerasStateError);
    expect(error.message).toBe(MESSAGE);
    expect(Object.fromEntries(Object.entries(error))).toEqual({
      name: 'KerasStateError',
      kind: 'state',
      function: 'fit',
      expected: 'the model must stay until fit() is done',
      received: 'a model disposed in the middle of fit()',
      advice: 'Await what fit() gave',
      argument: undefined,
      layer: 'dense',
    });
    expect(error.stack?.split('\n')[0]).toBe(`KerasStateError: ${MESSAGE}`);
    expect(error.stack).toContain('function-name.test.ts');
    expect(Object.getOwnPropertyDescriptor(error, 'message')?.enumerable).toBe(false);
  });

  test('is that of the innermost function of the library', () => {
    const error = thrownBy(() => asFunction('fit', () => asFunction('predict', fail)));
    expect(error.function).toBe('predict');
    expect(error.message).toMatch(/^predict: .*until predict\(\) is done/);
  });

  test('comes with a rejection, too', async () => {
    const rejected = asFunction('fit', async () => {
      await Promise.resolve();
      fail();
    });
    await expect(rejected).rejects.toThrow(MESSAGE);
    await expect(asFunction('fit', () => Promise.resolve(3))).resolves.toBe(3);
  });

  test('stays where the error has one, or is of another kind', () => {
    const own = new KerasArgumentError({ function: 'layerDense', expected: 'a', advice: 'b' });
    const other = new Error('x');
    for (const error of [own, other]) {
      const { message } = error;
      expect(
        thrownBy(() =>
          asFunction('fit', () => {
            throw error;
          }),
        ),
      ).toBe(error);
      expect(error.message).toBe(message);
    }
  });

  test('is the library where the error leaves no function', () => {
    expect(unnamed().message).toMatch(/^keras-pipe: the model must stay until keras-pipe\(\) is done/);
  });

  test('what is given passes', () => {
    expect(asFunction('fit', () => 3)).toBe(3);
  });
});
