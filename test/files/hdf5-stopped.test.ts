/** HDF5's library in a process that is stopped for longer than the library may take. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as Timers from 'node:timers';
import { Worker } from 'node:worker_threads';
import { Hdf5Thread } from '../../src/files/hdf5/thread';

let mockShare = 1;

jest.mock('node:timers', () => {
  const timers = jest.requireActual<typeof Timers>('node:timers');
  return {
    ...timers,
    setTimeout: (action: () => void, milliseconds: number) =>
      timers.setTimeout(action, milliseconds * mockShare),
  };
});

test('the time does not count', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-hdf5-'));
  const thread = Hdf5Thread.take();
  await thread.ask('open', { file: path.join(folder, 'f.h5'), mode: 'w' });
  // A second and a half where it is half a minute.
  mockShare = 1 / 20;
  const post = jest.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce((request) => {
    // Nobody comes any further meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
    post.mockRestore();
    (Reflect.get(thread, 'worker') as Worker).postMessage(request);
  });
  expect(await thread.ask('attributes', { path: '/' })).toEqual({});
  await thread.end();
  rmSync(folder, { recursive: true });
});
