/** The documentation's site: it is built once here, and its pages, links, pictures and search are looked at. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as keras from '../../src/index';
import type { Built } from '../../site/build';
import { guides, pages, readSource } from '../../site/pages';
import { programsOf } from '../../site/programs';
import { rFunctions } from '../../site/r-names';
import { blocksOf, root } from '../docs/extract';
import { checkInBrowser } from './browser';
import { anchorsOf, attributes, brokenLinks, filesIn, pagesIn, searchOf, textOf } from './html';

const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-site-test-'));
const site = path.join(folder, 'site');
const programs = guides().flatMap(programsOf);
let built: Built;

beforeAll(() => {
  const report = path.join(folder, 'report.json');
  const child = spawnSync(
    process.execPath,
    ['--import', 'tsx', path.join(root, 'site/build.ts'), '--out', site, '--report', report],
    { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', timeout: 480_000 },
  );
  if (!existsSync(report)) throw new Error(`the site was not built: ${child.stderr.slice(-4000)}`);
  built = JSON.parse(readFileSync(report, 'utf8')) as Built;
}, 500_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (file: string): string => readFileSync(path.join(site, file), 'utf8');

const headingOf = (html: string): string => textOf(/<h1[^>]*>(.*?)<\/h1>/s.exec(html)?.[1] ?? '').trim();

/** The page of the site that a source became. */
const builtFrom = (file: string): string => {
  if (file === 'site/guides/start.md') return 'index.html';
  const title = pages().find((page) => page.file === file)?.title;
  const found = pagesIn(site).find(
    (page) => page.startsWith('documents/') && headingOf(read(page)) === title,
  );
  if (found === undefined) throw new Error(`${file} is not in the site`);
  return found;
};

describe('the programs of the guides', () => {
  test('are blocks of code, of which none is left out', () => {
    expect(programs.length).toBeGreaterThan(60);
    const all = guides().flatMap((file) => blocksOf(file, readSource(file)));
    expect(all.filter(({ run }) => !run)).toEqual([]);
    expect(built.outcomes).toHaveLength(programs.length);
  });

  test.each(
    programs.map(({ snippet }, index) => [`${snippet.file}:${snippet.line}`, snippet.of, index] as const),
  )('%s %s', (_place, _of, index) => {
    const { failure } = built.outcomes[index] ?? { failure: 'not run' };
    if (failure !== undefined) throw new Error(failure);
  });

  test('print something that can be looked at, or draw it', () => {
    const silent = programs.filter(
      ({ snippet }, index) =>
        built.outcomes[index]?.printed.join('').trim() === '' &&
        !/\bplot\w*\(/.test(snippet.lines.join('\n')),
    );
    expect(silent.map(({ snippet }) => `${snippet.file}:${snippet.line}`)).toEqual([]);
  });
});

/** The pictures of a page, each with the last block of code before it. */
const picturesOf = (text: string): { readonly file: string; readonly code: string }[] => {
  const parts = text.matchAll(/^```ts.*\n([\s\S]*?)\n```$|^!\[[^\]]*\]\(([^)]+)\)/gm);
  let code = '';
  return [...parts].flatMap(([, block, file]) => {
    if (block !== undefined) code = block;
    return file === undefined ? [] : [{ file, code }];
  });
};

describe('the pages', () => {
  test('are all there, and the first one leads to each', () => {
    const links = attributes(read('index.html'), 'href').map((link) => link.split('#')[0]);
    const others = pages().filter(({ file }) => file !== 'site/guides/start.md');
    expect(others.length).toBeGreaterThan(12);
    expect(others.filter(({ file }) => !links.includes(builtFrom(file)))).toEqual([]);
  });

  test('have links that lead somewhere, to the very place', () => {
    const anchors = anchorsOf(site);
    const broken = pagesIn(site).flatMap((page) =>
      brokenLinks(site, page, anchors).map((link) => `${page}: ${link}`),
    );
    expect(anchors.size).toBeGreaterThan(400);
    expect(broken.slice(0, 20)).toEqual([]);
    expect(built.warnings).toEqual([]);
  });

  test('a link that leads nowhere is found', () => {
    const anchors = new Map([['index.html', new Set(['here'])]]);
    const page = path.join(folder, 'index.html');
    const links = ['#here', '#there', 'index.html#there', 'gone.html', 'https://keras.io/'];
    writeFileSync(page, links.map((link) => `<a class="x" href="${link}">x</a>`).join(''));
    expect(brokenLinks(folder, 'index.html', anchors)).toEqual(['#there', 'index.html#there', 'gone.html']);
  });

  test('ask nothing of the network', () => {
    const asking = pagesIn(site).flatMap((page) => {
      const html = read(page);
      const asked = [
        ...attributes(html, 'src'),
        ...attributes(html, 'srcset'),
        ...attributes(html, 'href', 'link'),
      ];
      return asked
        .filter((address) => /^(https?:)?\/\//.test(address))
        .map((address) => `${page}: ${address}`);
    });
    expect(asking).toEqual([]);
    const sheets = filesIn(site).filter((file) => file.endsWith('.css'));
    expect(sheets.length).toBeGreaterThan(1);
    for (const sheet of sheets) expect(read(sheet)).not.toMatch(/@import|url\(\s*["']?(https?:)?\/\//);
  });

  test('say what their pictures show, and the pictures are drawn', () => {
    const pictures = guides().flatMap((file) => {
      const page = builtFrom(file);
      const html = read(page);
      const images = [...html.matchAll(/<img\b[^>]*>/g)].map(([image]) => image);
      return images.map((image) => ({
        alt: attributes(image, 'alt')[0] ?? '',
        file: path.posix.join(path.posix.dirname(page), attributes(image, 'src')[0] ?? ''),
      }));
    });
    expect(pictures.length).toBeGreaterThan(25);
    expect(pictures.filter(({ alt }) => alt.length < 30)).toEqual([]);
    for (const { file } of pictures) {
      const svg = read(file);
      expect(svg).toMatch(/^<svg[\s\S]*(<path|<polyline|<circle|<image|<rect)/);
      expect(svg).toMatch(/<title>[^<]+<\/title><desc>[^<]+<\/desc>/);
    }
  });

  test('have pictures that the code just above them draws, and no other', () => {
    const drawn = guides().flatMap((file) => picturesOf(readSource(file)));
    expect(drawn.length).toBeGreaterThan(25);
    for (const { file, code } of drawn) {
      expect(existsSync(path.join(root, 'site/guides', file))).toBe(false);
      expect({ file, isInCode: code.includes(`'${file}'`) }).toEqual({ file, isInCode: true });
      const by = programs.filter(({ snippet }) => snippet.lines.join('\n').includes(`'${file}'`));
      expect({ file, by: by.length }).toEqual({ file, by: 1 });
    }
    const lines = '```ts\nplot(x)\n```\n\n![a](a.svg)\n\n```ts\nplot(y)\n```\n![b](b.svg)';
    expect(picturesOf(lines).map(({ file, code }) => [file, code])).toEqual([
      ['a.svg', 'plot(x)'],
      ['b.svg', 'plot(y)'],
    ]);
  });
});

describe('functions of R', () => {
  const exported = new Set(Object.keys(keras));
  const functions = rFunctions(exported);

  test('are all on the page for those who come from it', () => {
    const text = textOf(read(builtFrom('site/guides/from-r.md')));
    expect(functions.length).toBeGreaterThan(540);
    expect(
      functions.filter(({ r }) => !new RegExp(`^\\s*${r}\\b`, 'm').test(text)).map(({ r }) => r),
    ).toEqual([]);
    const unsaid = functions.filter(({ here, note }) => here === undefined && note.length < 5);
    expect(unsaid).toEqual([]);
  });

  test('a search for an R name finds the function first', () => {
    const lunr = createRequire(require.resolve('typedoc'))('lunr') as Parameters<typeof searchOf>[1];
    const search = searchOf(site, lunr);
    const slowly = searchOf(site, lunr, 'as the page');
    for (const { r } of functions.filter((_, index) => index % 20 === 0))
      expect(search(r)).toEqual(slowly(r));
    expect(functions.filter(({ here }) => here !== undefined).length).toBeGreaterThan(300);
    const missed = functions.flatMap(({ r, here }) => {
      if (here === undefined) return [];
      const [first] = search(r);
      return first?.name === here && first.parent === 'keras-pipe'
        ? []
        : [`${r}: ${first?.parent}.${first?.name}`];
    });
    expect(search('layer_dense')[0]?.name).toBe('layerDense');
    expect(missed).toEqual([]);
  });
});

describe('errors', () => {
  const kinds: Record<keras.KerasErrorKind, string> = {
    argument: 'KerasArgumentError',
    shape: 'KerasShapeError',
    state: 'KerasStateError',
    dataset: 'KerasDatasetError',
    file: 'KerasFileError',
    native: 'KerasNativeError',
  };

  test.each(Object.entries(kinds))('of the kind %s are shown with their message', (kind, name) => {
    const own = programs.flatMap(({ snippet }, index) =>
      snippet.file === 'site/guides/errors.md' && snippet.of.startsWith(`${kind}: `)
        ? [built.outcomes[index]?.printed.join('') ?? '']
        : [],
    );
    expect(own.length).toBeGreaterThan(0);
    for (const printed of own) expect(printed).toMatch(new RegExp(`^${name}: [\\w.]+: .*Received: `, 's'));
  });

  test('messages name no folder of the machine that built the site', () => {
    expect(
      built.outcomes.flatMap(({ printed }) => printed).filter((text) => text.includes(tmpdir())),
    ).toEqual([]);
  });
});

test('each kind of error has its causes and its cures', () => {
  const sections = readSource('site/guides/errors.md').split(/^## /m).slice(1);
  const ofKinds = sections.filter((section) => /^(argument|shape|state|dataset|file|native): /.test(section));
  expect(ofKinds.length).toBeGreaterThan(15);
  const without = ofKinds.filter((section) => !/^Cause: /m.test(section) && !section.includes('_ Cause: '));
  expect(without.map((section) => section.split('\n')[0])).toEqual([]);
  expect(ofKinds.filter((section) => !/(^|[.!;] )Cure:\s/m.test(section))).toEqual([]);
});

test('the cookbook has thirty recipes, each with a program', () => {
  const headings = [...readSource('site/guides/cookbook.md').matchAll(/^## (\d+)\. /gm)].map(([, number]) =>
    Number(number),
  );
  expect(headings).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  const recipes = programs.filter(({ snippet }) => snippet.file === 'site/guides/cookbook.md');
  expect(recipes.map(({ snippet }) => Number.parseInt(snippet.of, 10))).toEqual(headings);
});

test('neither the site nor what makes it is in the package', () => {
  const { files, dependencies } = JSON.parse(readSource('package.json')) as {
    files: string[];
    dependencies: Record<string, string>;
  };
  expect(files.filter((file) => /^(site|build)\b/.test(file))).toEqual([]);
  expect(Object.keys(dependencies).filter((name) => /typedoc|axe|playwright/.test(name))).toEqual([]);
});

checkInBrowser(
  () => site,
  () => [
    'index.html',
    ...guides()
      .filter((file) => file !== 'site/guides/start.md')
      .map(builtFrom),
    builtFrom('docs/own-parts.md'),
    'variables/keras-pipe.layerDense.html',
  ],
);
