/** What is in the pages of a built site, read from their text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';

/** All files of a site, from its folder, with forward slashes. */
export const filesIn = (site: string): string[] =>
  readdirSync(site, { recursive: true, encoding: 'utf8' }).map((file) => file.split(path.sep).join('/'));

export const pagesIn = (site: string): string[] => filesIn(site).filter((file) => file.endsWith('.html'));

const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** The values of an attribute, of all elements or of those of one name. */
export const attributes = (html: string, name: string, element = '[a-z][\\w-]*'): string[] =>
  [...html.matchAll(new RegExp(`<${element}\\b[^>]*?\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    unescaped(value),
  );

/** The text of a page, without its marks. */
export const textOf = (html: string): string => unescaped(html.replaceAll(/<[^>]*>/g, ''));

/** Links of a page that lead to no file, or to no place in one. */
export const brokenLinks = (site: string, page: string, anchors: Map<string, Set<string>>): string[] => {
  const html = readFileSync(path.join(site, page), 'utf8');
  const links = [...attributes(html, 'href'), ...attributes(html, 'src')];
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [place = '', anchor = ''] = link.split('#');
    const target = place === '' ? page : path.posix.join(path.posix.dirname(page), decodeURI(place));
    if (!existsSync(path.join(site, target))) return true;
    return anchor !== '' && anchors.get(target)?.has(decodeURIComponent(anchor)) === false;
  });
};

/** What each page has links to within it. */
export const anchorsOf = (site: string): Map<string, Set<string>> =>
  new Map(
    pagesIn(site).map((page) => [
      page,
      new Set(attributes(readFileSync(path.join(site, page), 'utf8'), 'id')),
    ]),
  );

interface Row {
  readonly name: string;
  readonly url: string;
  readonly parent?: string;
}

interface Hit {
  readonly ref: string;
  readonly score: number;
}

interface Words {
  readonly toArray: () => string[];
}

interface Searcher {
  readonly search: (query: string) => Hit[];
  /** All words, which a search reduces to those that fit it. */
  tokenSet: Words & { readonly intersect: (wanted: Words) => Words };
}

interface Lunr {
  readonly Index: { readonly load: (index: unknown) => Searcher };
}

/** Has a searcher filter its words, which finds the same for `*x*` as lunr's walk through its automaton in a thirtieth of the time. */
const searchByFilter = (searcher: Searcher): ((text: string) => Hit[]) => {
  const words = searcher.tokenSet.toArray();
  let wanted = '';
  searcher.tokenSet = {
    toArray: () => words,
    intersect: () => ({ toArray: () => words.filter((word) => word.includes(wanted)) }),
  };
  return (text) => {
    wanted = text.toLowerCase();
    return searcher.search(`*${text}*`);
  };
};

/** The site's search, as its page does it: what is found, best first. */
export const searchOf = (
  site: string,
  lunr: Lunr,
  way: 'as the page' | 'by a filter' = 'by a filter',
): ((query: string) => Row[]) => {
  const script = readFileSync(path.join(site, 'assets/search.js'), 'utf8');
  const packed = /"([^"]+)"/.exec(script)?.[1] ?? '';
  const { rows, index } = JSON.parse(inflateSync(Buffer.from(packed, 'base64')).toString('utf8')) as {
    rows: Row[];
    index: unknown;
  };
  const searcher = lunr.Index.load(index);
  const search =
    way === 'by a filter' ? searchByFilter(searcher) : (text: string): Hit[] => searcher.search(`*${text}*`);
  return (query) =>
    search(query)
      .flatMap(({ ref, score }) => {
        const row = rows[Number(ref)];
        if (row === undefined) return [];
        const starts = row.name.toLowerCase().startsWith(query.toLowerCase());
        return [
          { row, score: starts ? (score * 10) / (1 + Math.abs(row.name.length - query.length)) : score },
        ];
      })
      .sort((one, other) => other.score - one.score)
      .map(({ row }) => row);
};
