import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { main } from '../../examples/lecture';
import { quietly } from './support';

const before = process.env;
const home = mkdtempSync(path.join(os.tmpdir(), 'keras-pipe-lecture-'));
let asked = 0;
const proxy = http.createServer();

beforeAll(async () => {
  // A proxy that lets nothing through stands for a network without Keras's files.
  proxy.on('connect', (_request, socket) => {
    asked++;
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo; // it listens on a port
  process.env = {
    ...before,
    KERAS_HOME: home,
    HTTPS_PROXY: `http://127.0.0.1:${port}`,
    NO_PROXY: '',
    no_proxy: '',
  };
});

afterAll(() => {
  proxy.close();
  rmSync(home, { recursive: true, force: true });
  process.env = before;
});

test('without cache and network, all sections run on the sample after one try of a download', async () => {
  const { numbers, lines, leaked } = await quietly(() =>
    main({ quick: true, epochs: 1, seed: 1, verbose: 0 }),
  );
  expect(numbers.map(({ title, source }) => [title, source])).toEqual([
    ['Layers', undefined],
    ['Digits: MNIST', 'embedded'],
    ['Two classes: IMDB', 'embedded'],
    ['Regression: Boston housing', 'embedded'],
    ['The pipe', undefined],
    ['What a dense layer computes', undefined],
    ['Why activations', undefined],
    ['A convnet on MNIST', 'embedded'],
    ['An LSTM on IMDB', 'embedded'],
  ]);
  expect(asked).toBe(1);
  expect(lines.filter((line) => line.startsWith('The sample is small.'))).toHaveLength(4);
  expect(lines.at(-1)).toContain('sample data');
  expect(leaked).toBe(0);
});
