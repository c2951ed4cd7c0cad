import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { LATE_PARTS } from '../../src/tfjs/late-parts';
import { TYPESCRIPT } from '../support/programs';

test('parts of tfjs that a program seldom needs are loaded when it looks at what they export', () => {
  const child = spawnSync(process.execPath, [...TYPESCRIPT, path.join(__dirname, 'late-parts-child.ts')], {
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  expect(JSON.parse(child.stdout)).toEqual({
    atOnce: [],
    versions: ['4.22.0', '4.22.0', '4.22.0'],
    rows: [1, 2, 3],
    afterData: ['tf-data.node.js'],
    isClass: true,
    graphModel: 'GraphModel',
    flag: false,
    unknown: expect.stringContaining('NO_SUCH_FLAG') as unknown,
    afterFlags: ['tf-converter.node.js', 'tf-data.node.js', 'tf-backend-webgl.node.js'],
    exported: Object.fromEntries(
      Object.entries(LATE_PARTS).map(([part, { version, names }]) => [part, [...names, version].sort()]),
    ),
    pack: false,
  });
});
