import { Pace } from '../../src/live/pace';

const paced = () => {
  let time = 0;
  const pace = new Pace(() => time);
  return { pace, wait: (seconds: number) => void (time += 1000 * seconds) };
};

test('the time that is left is that of what was done, by what is to be done', () => {
  const { pace, wait } = paced();
  wait(100);
  pace.start();
  expect(pace.left(0)).toBeNull();
  // Preparations, and the first tenth: how long one takes by itself nobody knows.
  wait(50);
  expect(pace.left(0.1)).toBeNull();
  wait(10);
  // A tenth in ten seconds: eight tenths to come.
  expect(pace.left(0.2)).toBeCloseTo(80);
  wait(30);
  expect(pace.left(0.5)).toBeCloseTo(50);
  wait(50);
  expect(pace.left(1)).toBe(0);
  expect(pace.elapsed).toBe(140);
});

test('pauses do not count', () => {
  const { pace, wait } = paced();
  pace.start();
  wait(10);
  pace.left(0.1);
  pace.hold();
  wait(1000);
  expect(pace.elapsed).toBe(10);
  pace.release();
  wait(10);
  expect(pace.elapsed).toBe(20);
  expect(pace.left(0.2)).toBeCloseTo(80);
});

test('the speed is that of the last steps, and not over a pause or a validation', () => {
  const { pace, wait } = paced();
  pace.start();
  expect(pace.stepsPerSecond).toBeNull();
  pace.noteSteps(0);
  wait(1);
  pace.noteSteps(200);
  expect(pace.stepsPerSecond).toBeCloseTo(200);
  pace.breakOff();
  wait(60);
  pace.noteSteps(200);
  wait(1);
  pace.noteSteps(400);
  expect(pace.stepsPerSecond).toBeCloseTo(200);
  // Of a change, three tenths at a time.
  wait(1);
  pace.noteSteps(500);
  expect(pace.stepsPerSecond).toBeCloseTo(170);
  pace.hold();
  wait(5);
  pace.release();
  pace.noteSteps(500);
  expect(pace.stepsPerSecond).toBeCloseTo(170);
});
