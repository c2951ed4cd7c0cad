import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { cacheEnvironment, loadData, type CacheEnvironment, type Origin } from '../../src/datasets/cache';
import type { DatasetFile } from '../../src/datasets/dataset-file';
import { holderName } from '../../src/files/lock';
import { MalformedError } from '../../src/files/malformed';
import { KerasDatasetError, KerasFileError } from '../../src/base/errors';
import {
  serve,
  serveCut,
  temporaryFolders,
  testEnvironment,
  testServers,
  type TestEnvironment,
} from './support';
import { TYPESCRIPT } from '../support/programs';
import { withoutRights } from '../support/rights';

const temporaryFolder = temporaryFolders();
const startServer = testServers();

const GOOD = Buffer.from(`good ${'0123456789'.repeat(5000)}`);
const ALIKE = Buffer.from('good, in another archive');
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
/** Content reads well if it begins with "good". */
const FILE: DatasetFile<string> = {
  name: 'data.npz',
  bytes: GOOD.length,
  sha256: sha256(GOOD),
  sameContent: [sha256(ALIKE)],
  unpacked: { bytes: GOOD.length, lists: 0 },
  read: (content) => {
    const text = content.toString();
    if (text.startsWith('good') || text.startsWith('# Data')) return Promise.resolve(text);
    return Promise.reject(new MalformedError('it does not begin with good'));
  },
};

interface Request {
  readonly file: DatasetFile<string>;
  readonly path: string;
  readonly sample: string;
  readonly embedded: boolean | 'fallback';
}
const request = (changes: Partial<Request> = {}): Request => ({
  file: FILE,
  path: FILE.name,
  embedded: false,
  sample: 'README.md',
  ...changes,
});

type Loaded = Origin & { readonly content: string };

/** Loads a data set of one file. */
const load = async (
  { file, path, sample, embedded }: Request,
  environment: CacheEnvironment,
): Promise<Loaded> => {
  const requests = [{ function: 'datasetTest', file, path, sample }];
  const { contents, ...origin } = await loadData(requests, embedded, environment);
  expect(contents).toHaveLength(1);
  return { content: contents[0] ?? '', ...origin };
};

/** A home folder whose cache has the file, if content is given. */
const homeWith = async (
  content?: Buffer | string,
): Promise<{ home: string; folder: string; path: string }> => {
  const home = await temporaryFolder();
  const folder = join(home, 'datasets');
  const path = join(folder, FILE.name);
  if (content !== undefined) {
    await mkdir(folder);
    await writeFile(path, content);
  }
  return { home, folder, path };
};

const failure = async (work: Promise<unknown>): Promise<Error> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
};

describe('a cached file', () => {
  test.each([
    ['Keras’s', GOOD],
    ['one known to hold the same', ALIKE],
  ])('that is %s is used without asking the network', async (_, content) => {
    const { home, folder, path } = await homeWith(content);
    const environment = testEnvironment(home);
    expect(await load(request(), environment)).toEqual({
      content: content.toString(),
      source: 'cache',
      path,
    });
    expect(environment.warnings).toEqual([]);
    expect(environment.shown).toEqual([]);
    expect(await readdir(folder)).toEqual([FILE.name]);
  });

  test.each([
    ['a dead lock', holderName(spawnSync(process.execPath, ['--version']).pid), []],
    ['an empty lock', '', []],
    ['the lock of one at work', holderName(process.pid), ['data.npz.lock', 'data.npz.part']],
  ])('clears what a killed process left beside it: %s', async (_, lock, stays) => {
    const { home, folder, path } = await homeWith(GOOD);
    await writeFile(`${path}.lock`, lock);
    await writeFile(`${path}.part`, GOOD.subarray(0, 10));
    await utimes(`${path}.lock`, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    expect((await load(request(), testEnvironment(home))).source).toBe('cache');
    expect((await readdir(folder)).sort()).toEqual([FILE.name, ...stays]);
  });

  test('may be elsewhere: an absolute path, or one in a subfolder', async () => {
    const { path } = await homeWith(GOOD);
    const elsewhere = testEnvironment(await temporaryFolder());
    expect((await load(request({ path }), elsewhere)).path).toBe(path);
    const { home, folder } = await homeWith(GOOD);
    await mkdir(join(folder, 'sub'));
    await symlink(join(folder, FILE.name), join(folder, 'sub', 'mine.npz'));
    expect((await load(request({ path: 'sub/mine.npz' }), testEnvironment(home))).source).toBe('cache');
  });

  test('that is unknown is replaced from the network, the old one kept', async () => {
    const { home, folder, path } = await homeWith('good enough');
    await writeFile(`${path}.bak`, 'an older one');
    const { address } = await startServer(serve(GOOD));
    const environment = testEnvironment(home, address);
    expect(await load(request(), environment)).toEqual({
      content: GOOD.toString(),
      source: 'download',
      path,
    });
    expect(await readFile(path)).toEqual(GOOD);
    expect((await readFile(`${path}.2.bak`)).toString()).toBe('good enough');
    expect((await readFile(`${path}.bak`)).toString()).toBe('an older one');
    expect((await readdir(folder)).sort()).toEqual(['data.npz', 'data.npz.2.bak', 'data.npz.bak']);
    expect(environment.warnings).toEqual([expect.stringContaining(`The old one is now ${path}.2.bak.`)]);
  });

  test('that is unknown but reads well is used, with a warning, if the network does not have it', async () => {
    const { home, folder, path } = await homeWith('good enough');
    const environment = testEnvironment(home);
    expect(await load(request(), environment)).toEqual({ content: 'good enough', source: 'cache', path });
    expect(environment.warnings).toEqual([
      expect.stringMatching(/has not the checksum .*ECONNREFUSED.* reads well and is used/),
    ]);
    expect(await readdir(folder)).toEqual([FILE.name]);
  });

  test.each(['', 'bad'])(
    'that is unknown and does not read well ("%s") is an error and stays',
    async (content) => {
      const { home, folder, path } = await homeWith(content);
      const error = await failure(load(request(), testEnvironment(home)));
      expect(error).toBeInstanceOf(KerasFileError);
      expect(error.message).toMatch(
        /^datasetTest: .*data\.npz must be a readable data\.npz of Keras\. Received: a file of which it does not begin with good; and Keras's file could not be downloaded instead: 127\.0\.0\.1:9 could not be read/,
      );
      expect((await readFile(path)).toString()).toBe(content);
      expect(await readdir(folder)).toEqual([FILE.name]);
    },
  );

  test('survives a server with another file', async () => {
    const { home, path } = await homeWith('good enough');
    const { address } = await startServer((_, response) => response.end('<html>log in</html>'));
    const environment = testEnvironment(home, address);
    expect((await load(request(), environment)).content).toBe('good enough');
    expect((await readFile(path)).toString()).toBe('good enough');
    expect(environment.warnings[0]).toMatch(/19 bytes that .* sent do not have the checksum/);
  });

  test('that cannot be read is an error; nothing is put in its place', async () => {
    const { home, path } = await homeWith();
    await mkdir(path, { recursive: true }); // a folder, since root may read every file
    const { address, ranges } = await startServer(serve(GOOD));
    const error = await failure(load(request(), testEnvironment(home, address)));
    expect(error).toBeInstanceOf(KerasFileError);
    expect(error.message).toMatch(/a file that cannot be read: EISDIR/);
    expect(ranges).toEqual([]);
  });

  test('that is a pipe, or far too large, is an error at once', async () => {
    const { home, path } = await homeWith('');
    await rm(path);
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    expect((await failure(load(request(), testEnvironment(home)))).message).toMatch(
      /a file of another kind: it is a pipe/,
    );
    await rm(path);
    // A file with a hole: it takes no space.
    await writeFile(path, 'good');
    await truncate(path, 2 ** 40);
    const error = await failure(load(request(), testEnvironment(home)));
    expect(error).toBeInstanceOf(KerasFileError);
    expect(error.message).toMatch(/its 1099511627776 bytes are too many/);
  });

  test('without read permission is an error', async () => {
    const { home, path } = await homeWith(GOOD);
    await chmod(path, 0);
    const error = await withoutRights(() => failure(load(request(), testEnvironment(home))));
    expect(error.message).toMatch(/EACCES/);
  });
});

describe('no cached file', () => {
  test('downloads it into the cache, and shows so', async () => {
    const { home, folder, path } = await homeWith();
    const { address } = await startServer(serve(GOOD));
    const environment = testEnvironment(home, address);
    expect(await load(request(), environment)).toEqual({
      content: GOOD.toString(),
      source: 'download',
      path,
    });
    expect(await readdir(folder)).toEqual([FILE.name]);
    expect(environment.shown.join('')).toMatch(
      /^Downloading data\.npz \(50\.0 kB\)\nDownloading data\.npz: done after \d+\.\d s\n$/,
    );
    expect((await load(request(), environment)).source).toBe('cache');
  });

  test('goes on where a download ended that broke off', async () => {
    const { home, folder, path } = await homeWith();
    let cut = true;
    const { address, ranges } = await startServer((incoming, response) => {
      if (!cut) serve(GOOD)(incoming, response);
      else if (incoming.headers.range === undefined) serveCut(GOOD, 20_000)(incoming, response);
      else response.destroy();
    });
    const error = await failure(load(request(), testEnvironment(home, address)));
    expect(error).toBeInstanceOf(KerasDatasetError);
    expect((await readFile(`${path}.part`)).length).toBe(20_000);
    expect(existsSync(path)).toBe(false);
    cut = false;
    expect((await load(request(), testEnvironment(home, address))).source).toBe('download');
    expect(ranges.at(-1)).toBe('bytes=20000-');
    expect(await readdir(folder)).toEqual([FILE.name]);
  });

  test('says what was tried and what to do', async () => {
    const { home, path } = await homeWith();
    const error = await failure(load(request(), testEnvironment(home)));
    expect(error).toBeInstanceOf(KerasDatasetError);
    expect(error.message).toBe(
      `datasetTest: data.npz must be in Keras's cache or on the network. Received: no file ${path}, and no download: ` +
        '127.0.0.1:9 could not be read (connect ECONNREFUSED 127.0.0.1:9). Put data.npz there, or set KERAS_HOME to the folder ' +
        "whose `datasets` has it, or pass { embedded: 'fallback' } to use the small sample of this package instead.",
    );
  });

  test('says that the server does not have it', async () => {
    const { home } = await homeWith();
    const { address } = await startServer((_, response) => response.writeHead(404).end());
    expect((await failure(load(request(), testEnvironment(home, address)))).message).toMatch(
      /no download: 127\.0\.0\.1:\d+ answered 404/,
    );
  });

  test('makes the cache for others to read and its owner to write, whatever the umask', async () => {
    const { home, folder, path } = await homeWith();
    const { address } = await startServer(serve(GOOD));
    const before = process.umask(0);
    try {
      await load(request(), testEnvironment(join(home, 'made'), address));
      await load(request(), testEnvironment(home, address));
    } finally {
      process.umask(before);
    }
    const modes = [join(home, 'made'), join(home, 'made', 'datasets'), folder, path].map(
      (file) => statSync(file).mode & 0o777,
    );
    expect(modes).toEqual([0o755, 0o755, 0o755, 0o644]);
  });

  test('says that the cache cannot be written', async () => {
    const { path } = await homeWith('a file where the home folder should be');
    const { address, ranges } = await startServer(serve(GOOD));
    const error = await failure(load(request(), testEnvironment(path, address)));
    expect(error).toBeInstanceOf(KerasDatasetError);
    expect(error.message).toMatch(/the cache cannot be written \(E(NOTDIR|EXIST)/);
    expect(ranges).toEqual([]);
  });

  test('several calls at once download it once', async () => {
    const { home, folder } = await homeWith();
    const { address, ranges } = await startServer(serveCut(GOOD, 30_000));
    const environments = [1, 2, 3].map(() => testEnvironment(home, address));
    const loaded = await Promise.all(environments.map((environment) => load(request(), environment)));
    expect(loaded.map(({ content }) => content.length)).toEqual([GOOD.length, GOOD.length, GOOD.length]);
    expect(ranges).toEqual([undefined, 'bytes=30000-']);
    expect(
      environments.flatMap(({ shown }) => shown).filter((text) => text.startsWith('Waiting')),
    ).toHaveLength(2);
    expect(await readdir(folder)).toEqual([FILE.name]);
  });
});

describe('several processes', () => {
  const children: ChildProcess[] = [];
  afterAll(() => children.forEach((child) => child.kill('SIGKILL')));
  const start = (home: string, address: string): { child: ChildProcess; output: Promise<string> } => {
    const program = [join(__dirname, 'load-child.ts'), home, address, JSON.stringify(FILE)];
    const child = spawn(process.execPath, [...TYPESCRIPT, ...program], {
      cwd: resolve(__dirname, '../..'),
    });
    children.push(child);
    let text = '';
    child.stdout.on('data', (data) => (text += String(data)));
    child.stderr.on('data', (data) => (text += String(data)));
    return { child, output: new Promise((done) => child.on('close', () => done(text.trim()))) };
  };

  test('at once download it once', async () => {
    const { home, folder } = await homeWith();
    const { address, ranges } = await startServer(serve(GOOD));
    const outputs = await Promise.all([start(home, address).output, start(home, address).output]);
    expect(outputs.every((text) => /^(download|cache) 50005$/.test(text))).toBe(true);
    expect(ranges).toEqual([undefined]);
    expect(await readdir(folder)).toEqual([FILE.name]);
  });

  test('one that is killed half way leaves nothing in the way', async () => {
    const { home, folder, path } = await homeWith();
    let half: () => void = () => undefined;
    const halfWay = new Promise<void>((done) => (half = done));
    const { address, ranges } = await startServer((incoming, response) => {
      if (incoming.headers.range !== undefined) {
        serve(GOOD)(incoming, response);
        return;
      }
      response.writeHead(200, { 'content-length': GOOD.length });
      response.write(GOOD.subarray(0, 25_000), () => half());
    });
    const { child, output } = start(home, address);
    await halfWay;
    while (!existsSync(`${path}.part`) || (await readFile(`${path}.part`)).length < 25_000) {
      await new Promise((done) => setTimeout(done, 10));
    }
    child.kill('SIGKILL');
    await output;
    expect((await readdir(folder)).sort()).toEqual(['data.npz.lock', 'data.npz.part']);
    expect((await load(request(), testEnvironment(home, address))).source).toBe('download');
    expect(ranges).toEqual([undefined, 'bytes=25000-']);
    expect(await readdir(folder)).toEqual([FILE.name]);
  });
});

describe('the sample of the package', () => {
  const sample = resolve(__dirname, '../../datasets/README.md');
  const loadSample = async (
    embedded: boolean | 'fallback',
    content?: string,
  ): Promise<{ loaded: Loaded; environment: TestEnvironment }> => {
    const { home } = await homeWith(content);
    const environment = testEnvironment(home);
    return { loaded: await load(request({ embedded }), environment), environment };
  };

  test('is used alone', async () => {
    const { loaded } = await loadSample(true, 'good enough');
    expect(loaded).toMatchObject({ source: 'embedded', path: sample });
  });

  test('stands in where nothing else works, with a warning if a file is bad', async () => {
    const absent = await loadSample('fallback');
    expect(absent.loaded.source).toBe('embedded');
    expect(absent.environment.warnings).toEqual([]);
    const bad = await loadSample('fallback', 'bad');
    expect(bad.loaded.source).toBe('embedded');
    expect(bad.environment.warnings).toEqual([
      expect.stringMatching(/does not begin with good.* The sample of this package is used\./),
    ]);
    expect((await loadSample('fallback', 'good enough')).loaded.source).toBe('cache');
  });

  test('missing is an error', async () => {
    const { home } = await homeWith();
    const error = await failure(
      load(request({ embedded: true, sample: 'missing.npz' }), testEnvironment(home)),
    );
    expect(error).toBeInstanceOf(KerasDatasetError);
    expect(error.message).toContain('Install keras-pipe again');
  });
});

test('errors of the reader that are not about the file pass through', async () => {
  const { home } = await homeWith(GOOD);
  const read = (): Promise<string> => Promise.reject(new RangeError('out of memory'));
  expect(await failure(load(request({ file: { ...FILE, read } }), testEnvironment(home)))).toBeInstanceOf(
    RangeError,
  );
});

test('the environment is the user’s', () => {
  const before = process.env['KERAS_HOME'];
  try {
    process.env['KERAS_HOME'] = '/some/where';
    expect(cacheEnvironment().home).toBe('/some/where');
    process.env['KERAS_HOME'] = '';
    expect(cacheEnvironment().home).toBe(join(homedir(), '.keras'));
    expect(cacheEnvironment().address).toMatch(/^https:\/\/.*\/$/);
  } finally {
    if (before === undefined) delete process.env['KERAS_HOME'];
    else process.env['KERAS_HOME'] = before;
  }
});
