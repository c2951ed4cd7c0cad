import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** The project's folder. */
export const root = path.resolve(__dirname, '..', '..');

/** A piece of program in the documentation. */
export interface Snippet {
  /** The file, from the project's folder, with forward slashes. */
  readonly file: string;
  /** The line of the file, from 1, on which `lines[0]` stands. */
  readonly line: number;
  readonly lines: readonly string[];
  /**
   * `body`: the body of an async function, with everything that a package's entry exports in scope. `module`: a
   * module that imports what it needs.
   */
  readonly kind: 'body' | 'module';
  /** What it belongs to: a name, or a heading. */
  readonly of: string;
  /** Whether it is run, and not type-checked only. */
  readonly run: boolean;
}

/** All TypeScript files below a folder of the project. */
export const sourceFiles = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const name = `${folder}/${entry.name}`;
      return entry.isDirectory() ? sourceFiles(name) : /\.ts$/.test(name) ? [name] : [];
    })
    .sort();

const lineAt = (source: ts.SourceFile, position: number): number =>
  source.getLineAndCharacterOfPosition(position).line + 1;

const nameOf = (node: ts.Node): string => {
  const declared = ts.isVariableStatement(node) ? node.declarationList.declarations[0] : node;
  const { name } = (declared ?? node) as { name?: ts.Node }; // most kinds of declarations have one
  return name?.getText() ?? '';
};

/** The program in an `@example` tag: its text without the comment's stars. */
const exampleLines = (tag: ts.JSDocTag): string[] =>
  tag
    .getText()
    .replace(/^@example/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line, index) => (index === 0 ? line : line.replace(/^\s*\*(?!\/) ?/, '')));

/** The examples in the doc comments of a source text. */
export const examplesOf = (file: string, text: string): Snippet[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = new Map<number, Snippet>();
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example' || found.has(tag.pos)) continue;
      found.set(tag.pos, {
        file,
        line: lineAt(source, tag.getStart()),
        lines: exampleLines(tag),
        kind: 'body',
        of: nameOf(node),
        run: true,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found.values()];
};

/**
 * The TypeScript blocks of a Markdown text, as programs. A block that imports begins a program; one that does not goes on
 * with the program before it in the same section. A block marked `no-run` is type-checked only, and so is the program
 * from there on.
 */
export const blocksOf = (file: string, text: string): Snippet[] => {
  const programs: { snippet: Snippet; section: number }[] = [];
  let section = 0;
  let heading = '';
  let fence: { line: number; run: boolean; lines: string[] } | undefined;
  let inOther = false;
  text.split('\n').forEach((content, index) => {
    const mark = /^```\s*(.*)$/.exec(content)?.[1]?.trim();
    if (fence !== undefined && mark === '') {
      const { line, run, lines } = fence;
      fence = undefined;
      const last = programs.at(-1);
      const startsProgram = lines.some((one) => one.startsWith('import '));
      if (startsProgram || last?.section !== section) {
        programs.push({ section, snippet: { file, line, lines, kind: 'module', of: heading, run } });
        return;
      }
      // Blank lines between the blocks keep the line numbers right.
      const { snippet } = last;
      const gap = Array<string>(line - snippet.line - snippet.lines.length).fill('');
      const joined = { ...snippet, lines: [...snippet.lines, ...gap, ...lines], run: snippet.run && run };
      programs[programs.length - 1] = { section, snippet: joined };
    } else if (fence !== undefined) fence.lines.push(content);
    else if (inOther) inOther = mark !== '';
    else if (mark !== undefined) {
      const [language, ...words] = mark.split(/\s+/);
      if (language === 'ts') fence = { line: index + 2, run: !words.includes('no-run'), lines: [] };
      else inOther = true;
    } else if (/^##? /.test(content)) {
      section += 1;
      heading = content.replace(/^#+ /, '');
    }
  });
  return programs.map(({ snippet }) => snippet);
};

/** The Markdown files in a folder of the project. */
export const markdownFiles = (folder: string): string[] =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
    .sort();

/** The folder of the guides, whose programs are run where the site is built. */
export const GUIDES = 'site/guides';

/** All examples and blocks of the project's documentation. */
export const snippets = (): Snippet[] => [
  ...sourceFiles('src').flatMap((file) => examplesOf(file, readFileSync(path.join(root, file), 'utf8'))),
  ...['README.md', ...markdownFiles('docs'), ...markdownFiles(GUIDES)].flatMap((file) =>
    blocksOf(file, readFileSync(path.join(root, file), 'utf8')),
  ),
];
