// Runs the tests in Vitest's pools, as named, as its watch mode does: all, all again, and one file alone. Writes what came of it.
import { writeFileSync } from 'node:fs';
import { createVitest } from 'vitest/node';

const [, , report, ...pools] = process.argv;
const runs = [];
for (const pool of pools) {
  for (const isolate of [true, false]) {
    const vitest = await createVitest('test', {
      watch: true,
      pool,
      isolate,
      reporters: [],
      config: './vitest.config.mts',
    });
    const note = (what) => {
      const tests = vitest.state.getFiles().flatMap(function list({ tasks, ...task }) {
        return tasks === undefined ? [task] : tasks.flatMap(list);
      });
      runs.push({
        run: `${pool}, ${isolate ? 'isolated' : 'not isolated'}, ${what}`,
        passed: tests.filter(({ result }) => result?.state === 'pass').length,
        failed: tests.filter(({ result }) => result?.state !== 'pass').length,
        errors: [
          ...vitest.state.getUnhandledErrors(),
          ...[...vitest.state.getFiles(), ...tests].flatMap(({ result }) => result?.errors ?? []),
        ].map((error) => error?.message ?? String(error)),
      });
    };
    await vitest.start();
    note('first');
    const files = vitest.state.getFilepaths();
    await vitest.rerunFiles(files);
    note('again');
    await vitest.rerunFiles(files.slice(0, 1));
    note('one file');
    await vitest.close();
  }
}
writeFileSync(report, JSON.stringify(runs));
