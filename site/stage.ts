/** The pages as TypeDoc is to read them: with what their code prints, the tables that are made of other files, and links that lead somewhere. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../test/docs/extract';
import { pages, readSource, START, type Page } from './pages';
import type { Outcome, Program } from './programs';
import { rTable } from './r-names';

/** What pages are made with. */
export interface Context {
  /** Names of what `keras-pipe` exports. */
  readonly exported: ReadonlySet<string>;
  /** What is documented here, by names, in a sentence. */
  readonly sentences: ReadonlyMap<string, string>;
  /** The programs that were run, and what came of them. */
  readonly runs: readonly { readonly program: Program; readonly outcome: Outcome }[];
}

/** The page with what each block printed after it. */
const withOutputs = (file: string, text: string, { runs }: Context): string => {
  const printed = new Map(
    runs
      .filter(({ program }) => program.snippet.file === file)
      .flatMap(({ program, outcome }) =>
        program.ends.map((line, index) => [line, outcome.printed[index]?.trimEnd() ?? ''] as const),
      ),
  );
  return text
    .split('\n')
    .flatMap((line, index) => {
      const output = printed.get(index + 1) ?? '';
      return output === '' ? [line] : [line, '', '```text', output, '```'];
    })
    .join('\n');
};

/** Changes what is not in blocks of code. */
const outsideCode = (text: string, change: (line: string) => string): string => {
  let isCode = false;
  return text
    .split('\n')
    .map((line) => {
      if (/^\s*```/.test(line)) {
        isCode = !isCode;
        return line;
      }
      return isCode ? line : change(line);
    })
    .join('\n');
};

/** Names of functions lead to the reference: `ref:name` is where it will be. */
const withReferences = (text: string, { exported, sentences }: Context): string =>
  outsideCode(text, (line) =>
    line.startsWith('#')
      ? line
      : line.replaceAll(/(?<!\[)`([a-zA-Z]\w*)(\([^`]*\))?`(?!\])/g, (whole, name: string) =>
          // `pipe` and its like are other packages', and documented there.
          exported.has(name) && sentences.has(name) ? `[${whole}](ref:${name})` : whole,
        ),
  );

const isPage = (file: string): boolean => pages().some((page) => page.file === file);

/** Where a link to a file of the project leads: to a page, to a copy of a program, or nowhere. */
const targetOf = (file: string, link: string): string | undefined => {
  const [place = '', anchor] = link.split('#');
  const target = path.posix.join(path.posix.dirname(file), place);
  if (isPage(target)) return anchor === undefined ? place : `${place}#${anchor}`;
  if (!existsSync(path.join(root, target))) return place; // a picture that the page's code has drawn
  return statSync(path.join(root, target)).isFile() ? `${place}.txt` : undefined;
};

/** Files that pages show, and that are no pages, by what they are called in the site. */
const withLinks = (file: string, text: string, copy: (source: string) => void): string =>
  outsideCode(text, (line) =>
    line.replaceAll(/\[([^\]]*)\]\((?!https?:|#|ref:)([^)\s]+)\)/g, (whole, label: string, link: string) => {
      const target = targetOf(file, link);
      if (target === undefined) return label;
      if (target.endsWith('.txt')) copy(path.posix.join(path.posix.dirname(file), link));
      return whole.replace(`(${link})`, `(${target})`);
    }),
  );

/** The list of pages, for the first one. */
const listOfPages = (): string =>
  pages()
    .filter(({ file }) => file !== START)
    .map(({ file, title, about }) => {
      const link = path.posix.relative(path.posix.dirname(START), file);
      return `- [${title}](${link})${about === '' ? '' : `. ${about}.`}`;
    })
    .join('\n');

const withTables = (text: string, { exported, sentences }: Context): string => {
  if (text.includes('<!-- pages -->')) return text.replace('<!-- pages -->', () => listOfPages());
  if (!text.includes('<!-- functions -->')) return text;
  return text.replace('<!-- functions -->', () => rTable(exported, (name) => sentences.get(name) ?? ''));
};

const write = (folder: string, file: string, text: string): void => {
  const place = path.join(folder, file);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
};

const stagePage = (folder: string, { file, title }: Page, context: Context): void => {
  const source = withOutputs(file, readSource(file), context);
  const copy = (from: string): void => write(folder, `${from}.txt`, readSource(from));
  const text = withReferences(withLinks(file, withTables(source, context), copy), context);
  // TypeDoc puts the title above the page.
  const body = file === START ? text : text.replace(/^# .*\n/m, '');
  const front = file === START ? '' : `---\ntitle: ${JSON.stringify(title)}\n---\n\n`;
  write(folder, file, `${front}${body}`);
};

/** Writes all pages below a folder, where their sources are in the project. */
export const stagePages = (folder: string, context: Context): void => {
  for (const page of pages()) stagePage(folder, page, context);
};
