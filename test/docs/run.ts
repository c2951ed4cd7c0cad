import assert from 'node:assert';
import { createRequire, SourceMap, type SourceMapPayload } from 'node:module';
import ts from 'typescript';
import type { Snippet } from './extract';
import { absolute, modulesInScope } from './scope';

/** JavaScript of a snippet, with the way back to the snippet's lines. */
export const compile = (snippet: Snippet): { code: string; map: SourceMap } => {
  const { outputText, sourceMapText = '' } = ts.transpileModule(snippet.lines.join('\n'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      sourceMap: true,
    },
  });
  return {
    code: outputText.replace(/^\/\/# sourceMappingURL=.*$/m, ''),
    map: new SourceMap(JSON.parse(sourceMapText) as SourceMapPayload),
  };
};

// The constructor has no name of its own in JavaScript.
const AsyncFunction = (async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>;

/** Lines before a snippet's: two on which the constructor puts the parameters, and one with a brace. */
export const linesBefore = 3;

/** What stacks call the JavaScript of a snippet. */
export const urlOf = (number: number): string => `snippet-${number}.js`;

const load = createRequire(absolute('package.json'));
const ownModules = new Map([
  ['keras-pipe', absolute('src/index.ts')],
  ['keras-pipe/fp', absolute('src/fp/index.ts')],
  ['keras-pipe/matchers', absolute('src/matchers/index.ts')],
]);

export const scopeOf = (snippet: Snippet): Record<string, unknown> => {
  if (snippet.kind === 'module') {
    return { require: (name: string): unknown => load(ownModules.get(name) ?? name), exports: {} };
  }
  const exported = modulesInScope(snippet).map((file) => load(absolute(file)) as object);
  return Object.assign({ assert }, ...exported.reverse()) as Record<string, unknown>;
};

/** Where in the snippet's file an error comes from. */
const lineOf = (error: unknown, snippet: Snippet, url: string, map: SourceMap): number => {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, line, column] = new RegExp(`${url}:(\\d+):(\\d+)`).exec(stack) ?? [];
  if (line === undefined) return snippet.line;
  const entry = map.findEntry(Number(line) - 1 - linesBefore, Number(column) - 1);
  return snippet.line + ('originalLine' in entry ? entry.originalLine : 0);
};

/**
 * Runs a snippet in a folder, where the files go that it writes. Gives nothing, or what went wrong, with the file and the line of the
 * documentation.
 */
export const runSnippet = async (
  snippet: Snippet,
  number: number,
  folder: string,
): Promise<string | undefined> => {
  const { code, map } = compile(snippet);
  const scope = scopeOf(snippet);
  const url = urlOf(number);
  // A block of its own, so that a snippet's names may be those of the scope.
  const run = new AsyncFunction(...Object.keys(scope), `{\n${code}\n}\n//# sourceURL=${url}`);
  try {
    process.chdir(folder);
    await run(...Object.values(scope));
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return `${snippet.file}:${lineOf(error, snippet, url, map)}: ${message}`;
  }
};
