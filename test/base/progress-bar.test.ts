import { byteProgress, formatBytes, type ProgressOutput } from '../../src/base/progress-bar';

/** Runs `use` with a progress of 1000 bytes, a clock that is set by hand, and an output that is kept. */
const watch = (
  terminal: Partial<ProgressOutput>,
  use: (progress: ReturnType<typeof byteProgress>, setClock: (milliseconds: number) => void) => void,
): string[] => {
  const written: string[] = [];
  let clock = 0;
  const output = { ...terminal, write: (text: string) => written.push(text) };
  use(
    byteProgress('Downloading x', 1000, output, () => clock),
    (milliseconds) => (clock = milliseconds),
  );
  return written;
};

test('bytes in units', () => {
  expect([999, 1000, 57_026, 11_490_434].map(formatBytes)).toEqual(['999 B', '1.0 kB', '57.0 kB', '11.5 MB']);
});

test('two lines where there is no terminal', () => {
  const written = watch({}, (progress, setClock) => {
    progress.update(100);
    setClock(2300);
    progress.update(1000);
    progress.end();
  });
  expect(written).toEqual(['Downloading x (1.0 kB)\n', 'Downloading x: done after 2.3 s\n']);
});

test('says where it stopped', () => {
  const written = watch({}, (progress) => {
    progress.update(100);
    progress.end();
  });
  expect(written.at(-1)).toBe('Downloading x: stopped at 100 B after 0.0 s\n');
});

test('a bar on a terminal, not redrawn too often', () => {
  const written = watch({ isTTY: true, columns: 80 }, (progress, setClock) => {
    progress.update(0);
    setClock(10);
    progress.update(400);
    setClock(100);
    progress.update(500);
    progress.end();
  });
  const half = `\rDownloading x [${'='.repeat(15)}${' '.repeat(15)}]  50% 500 B of 1.0 kB\x1b[K`;
  expect(written).toEqual([`\rDownloading x [${' '.repeat(30)}]   0% 0 B of 1.0 kB\x1b[K`, half, half, '\n']);
});

test('a bar fits its terminal', () => {
  const written = watch({ isTTY: true, columns: 40 }, (progress) => progress.update(500));
  expect(written.map((text) => text.length)).toEqual([39 + '\r\x1b[K'.length]);
});

test('nothing before the first bytes', () => {
  for (const isTTY of [true, false]) expect(watch({ isTTY }, (progress) => progress.end())).toEqual([]);
});
