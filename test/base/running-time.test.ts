import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterRunning } from '../../src/base/running-time';

/** As long as this takes, nothing else runs here, as in a process that is stopped. */
const stop = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

test('calls back once, when the time is over', async () => {
  const action = jest.fn();
  const began = performance.now();
  await new Promise<void>((resolve) => {
    afterRunning(50, () => {
      action();
      resolve();
    });
  });
  expect(performance.now() - began).toBeGreaterThan(45);
  await sleep(30);
  expect(action).toHaveBeenCalledTimes(1);
});

test('a time in which nothing ran does not count, and what has come meanwhile is taken first', async () => {
  const events: string[] = [];
  const over = new Promise<void>((resolve) => {
    afterRunning(500, () => {
      events.push('over');
      resolve();
    });
  });
  void readFile(__filename).then(() => events.push('answer'));
  stop(800);
  await over;
  expect(events).toEqual(['answer', 'over']);
});

test('is called off', async () => {
  const action = jest.fn();
  const cancel = afterRunning(20, action);
  await sleep(10);
  cancel();
  await sleep(40);
  expect(action).not.toHaveBeenCalled();
});
