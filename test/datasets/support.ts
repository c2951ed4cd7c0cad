import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CacheEnvironment } from '../../src/datasets/cache';

/** Keras's cache with the real files, if this machine has one. */
export const realHome: string | undefined = [
  process.env['KERAS_HOME'],
  resolve(__dirname, '../../../shared/keras'),
].find((home) => home !== undefined && existsSync(join(home, 'datasets', 'imdb.npz')));

/** A test on Keras's real files: skipped, and said so, where they are not. */
export const realTest = (name: string, run: (home: string) => Promise<void>): void => {
  if (realHome === undefined) test.skip(`${name} (skipped: no Keras cache; set KERAS_HOME)`, () => undefined);
  else test(name, () => run(realHome));
};

/** Folders that are removed after the tests. */
export const temporaryFolders = (): (() => Promise<string>) => {
  const made: string[] = [];
  afterAll(async () => {
    for (const folder of made) await rm(folder, { recursive: true, force: true });
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keras-pipe-'));
    made.push(folder);
    return folder;
  };
};

export interface TestEnvironment extends CacheEnvironment {
  readonly warnings: string[];
  readonly shown: string[];
}

/** An environment with a cache of its own and, unless given, a server that nobody runs. */
export const testEnvironment = (home: string, address = 'http://127.0.0.1:9/'): TestEnvironment => {
  const warnings: string[] = [];
  const shown: string[] = [];
  return {
    home,
    address,
    timeouts: { connect: 2000, idle: 2000 },
    output: { write: (text) => shown.push(text) },
    warn: (message) => warnings.push(message),
    warnings,
    shown,
  };
};

export interface TestServer {
  readonly address: string;
  /** The `Range` header of each request; `undefined` where there was none. */
  readonly ranges: (string | undefined)[];
}

/** Servers on this machine that are stopped after the tests. */
export const testServers = (): ((handler: http.RequestListener) => Promise<TestServer>) => {
  const running: http.Server[] = [];
  afterAll(async () => {
    for (const server of running) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });
  return async (handler) => {
    const ranges: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      ranges.push(request.headers.range);
      handler(request, response);
    });
    running.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo; // a server on a port has one
    return { address: `http://127.0.0.1:${port}/`, ranges };
  };
};

/** Serves `content` with ranges, as file servers do. */
export const serve =
  (content: Buffer): http.RequestListener =>
  (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start === 0) {
      response.writeHead(200, { 'content-length': content.length }).end(content);
    } else if (start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    } else {
      response
        .writeHead(206, {
          'content-length': content.length - start,
          'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
        })
        .end(content.subarray(start));
    }
  };

/** Turns of the event loop in which a client of this process takes what has come, however busy the machine is. */
const TURNS = 50;

const afterTurns = (turns: number, run: () => void): void => {
  setImmediate(() => (turns === 0 ? run() : afterTurns(turns - 1, run)));
};

/** Serves `content` but breaks the connection off after `bytes` of each answer. */
export const serveCut =
  (content: Buffer, bytes: number): http.RequestListener =>
  (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { 'content-length': content.length - start };
    response.writeHead(
      start === 0 ? 200 : 206,
      start === 0
        ? headers
        : { ...headers, 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` },
    );
    const piece = content.subarray(start, start + bytes);
    if (start + piece.length === content.length) response.end(piece);
    else response.write(piece, () => setTimeout(() => afterTurns(TURNS, () => response.destroy()), 50));
  };
