import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { root } from '../docs/extract';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ONE_LINE =
  'Error: keras-pipe must not be bundled: it must find its native library. Mark it as external, with esbuild --external:keras-pipe, and install it where the bundle runs.';

describe.each(['src/index.ts', 'src/fp/index.ts'])('a bundle with %s in it', (entry) => {
  test.each([
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ] as const)('as %s says in one line what to do', (format, ending) => {
    const outfile = path.join(folder, `out.${ending}`);
    const program = path.join(folder, 'program.ts');
    writeFileSync(
      program,
      `import { pipe } from ${JSON.stringify(path.join(root, entry))};\nconsole.log(pipe(1));\n`,
    );
    const absWorkingDir = root;
    buildSync({
      entryPoints: [program],
      absWorkingDir,
      bundle: true,
      platform: 'node',
      format,
      outfile,
      logLevel: 'silent',
    });
    const { status, stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr.split('\n')).toContain(ONE_LINE);
  });
});
