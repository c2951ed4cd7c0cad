import { setTimeout as sleep } from 'node:timers/promises';
import { createReport, watched, type Report } from '../../src/setup/report';

const record = (isTTY: boolean) => {
  const written: string[] = [];
  let time = 0;
  const report = createReport({ isTTY, write: (text) => written.push(text) }, () => time);
  return { report, written, wait: (seconds: number) => (time += seconds * 1000) };
};

it('draws a bar on a terminal and takes it away again', () => {
  const { report, written, wait } = record(true);
  report.progress('package', 50e6, 100e6);
  wait(3);
  report.progress('package', undefined, 100e6);
  report.line('done');
  expect(written).toEqual([
    '\r\x1b[K  package: [===============               ] 50 MB of 100 MB',
    '\r\x1b[K  package: 3 s',
    '\r\x1b[K',
    'done\n',
  ]);
});

it('says a line every ten seconds elsewhere', () => {
  const { report, written, wait } = record(false);
  for (let second = 0; second < 25; second += 1) {
    report.progress('package', second * 4e6, 90e6);
    wait(1);
  }
  report.end();
  report.line('done');
  expect(written).toEqual(['  package: 40 MB of 90 MB\n', '  package: 80 MB of 90 MB\n', 'done\n']);
});

it('never shows more than all', () => {
  const { report, written } = record(true);
  report.progress('package', 120e6, 100e6);
  expect(written[0]).toContain('[==============================] 100 MB of 100 MB');
});

describe('watched', () => {
  const silent = (shown: (number | undefined)[]): Report => ({
    line: () => undefined,
    progress: (_label, done) => shown.push(done),
    end: () => shown.push(-1),
  });

  it('shows the size while an action runs, then no more', async () => {
    const shown: (number | undefined)[] = [];
    const result = await watched(sleep(700, 'result'), silent(shown), 'x', 10, () => Promise.resolve(5));
    await sleep(600);
    expect(result).toBe('result');
    expect(shown).toEqual([5, -1]);
  });

  it('ends the display when the action fails, and bears a size that cannot be had', async () => {
    const shown: (number | undefined)[] = [];
    const action = sleep(700).then(() => Promise.reject(new Error('no')));
    const size = (): Promise<number> => Promise.reject(new Error('gone'));
    await expect(watched(action, silent(shown), 'x', 10, size)).rejects.toThrow('no');
    expect(shown).toEqual([undefined, -1]);
  });
});
