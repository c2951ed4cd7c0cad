import { CompiledRunner } from '../../src/training/step-runners';
import { yieldToEventLoop } from '../../src/step/event-loop';

/** A runner of steps that take a millisecond each, none of which is done. */
const runnerOf = () => {
  const sums = new Float64Array();
  const program = {
    cost: new Map([['train', 1]]),
    minSteps: () => 1,
    maxSteps: () => Infinity,
    areWeightsElsewhere: () => false,
    whenIdle: () => undefined,
    draws: () => false,
    takeRequest: () => false,
    run: jest.fn(() => sums),
    runOnThread: jest.fn(() => Promise.resolve(sums)),
  };
  const training = { arrays: { x: [], y: [], weights: [], rows: 1000 } };
  const request = { functionName: 'fit', model: { tf: { weights: [] } }, training, batchSize: 1 };
  const runner = new CompiledRunner(request as never, program as never, () => undefined); // as much as it asks
  /** Where so many steps are run. */
  const placeOf = async (steps: number): Promise<'here' | 'elsewhere'> => {
    program.cost.set('train', 1);
    program.run.mockClear();
    await runner.train(0, steps, { addSums: () => undefined } as never);
    return program.run.mock.calls.length > 0 ? 'here' : 'elsewhere';
  };
  return placeOf;
};

test('steps run here if others need not wait long for them, with what they have waited already', async () => {
  const placeOf = runnerOf();
  let now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  try {
    await yieldToEventLoop();
    expect(await placeOf(11)).toBe('here');
    expect(await placeOf(12)).toBe('elsewhere');
    now += 8;
    expect(await placeOf(3)).toBe('here');
    expect(await placeOf(4)).toBe('elsewhere');
    await yieldToEventLoop();
    expect(await placeOf(4)).toBe('here');
  } finally {
    clock.mockRestore();
  }
});
