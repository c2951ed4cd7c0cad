import path from 'node:path';
import ts from 'typescript';
import { root, sourceFiles, type Snippet } from './extract';
import { absolute, importableFrom, modulesInScope } from './scope';

const optionsOf = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  return {
    ...options,
    // Examples show values that nothing uses.
    noUnusedLocals: false,
    // A README's blocks await at their top level.
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    paths: {
      'keras-pipe': ['./src/index.ts'],
      'keras-pipe/fp': ['./src/fp/index.ts'],
      'keras-pipe/matchers': ['./src/matchers/index.ts'],
    },
    baseUrl: root,
  };
};

/** The names, types included, that a module exports. */
const exportsOf = (program: ts.Program, file: string): string[] => {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(absolute(file));
  const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  return symbol === undefined ? [] : importableFrom(checker, symbol).map(({ name }) => name);
};

/** The line before an example: imports of what it mentions, and the beginning of the function around it. */
const headerOf = (snippet: Snippet, exportsOfFile: (file: string) => readonly string[]): string => {
  const words = new Set(snippet.lines.join('\n').match(/[A-Za-z_$][\w$]*/g) ?? []);
  const imports = words.delete('assert') ? ["import assert from 'node:assert'"] : [];
  for (const file of modulesInScope(snippet)) {
    const names = exportsOfFile(file).filter((name) => words.delete(name));
    const from = absolute(file).replace(/\.ts$/, '.js');
    if (names.length > 0) imports.push(`import { ${names.join(', ')} } from '${from}'`);
  }
  // A function to itself, so that an example's names may be those of imports.
  return [...imports, 'export const example = async (): Promise<void> => {'].join('; ');
};

/** Type errors in documentation, as `file:line: message`. One program checks all. */
export const typeErrors = (snippets: readonly Snippet[]): string[] => {
  const options = optionsOf();
  const host = ts.createCompilerHost(options);
  const known = ts.createProgram(sourceFiles('src').map(absolute), options, host);
  const exported = new Map<string, string[]>();
  const exportsOfFile = (file: string): string[] => {
    const names = exported.get(file) ?? exportsOf(known, file);
    exported.set(file, names);
    return names;
  };

  const files = new Map<string, { snippet: Snippet; text: string }>();
  snippets.forEach((snippet, index) => {
    const text =
      snippet.kind === 'body'
        ? // The example itself begins on the second line.
          `${headerOf(snippet, exportsOfFile)}\n${snippet.lines.join('\n')}\n};\n`
        : `\n${snippet.lines.join('\n')}\nexport {};\n`;
    files.set(absolute(`test/docs/snippet-${index}.mts`), { snippet, text });
  });
  const withSnippets: ts.CompilerHost = {
    ...host,
    fileExists: (file) => files.has(path.normalize(file)) || host.fileExists(file),
    readFile: (file) => files.get(path.normalize(file))?.text ?? host.readFile(file),
    getSourceFile: (file, ...rest) => {
      const own = files.get(path.normalize(file));
      if (own !== undefined) return ts.createSourceFile(file, own.text, ts.ScriptTarget.ES2022, true);
      return known.getSourceFile(file) ?? host.getSourceFile(file, ...rest);
    },
  };
  const program = ts.createProgram([...files.keys()], options, withSnippets);
  return [...files].flatMap(([file, { snippet }]) => {
    const source = program.getSourceFile(file);
    if (source === undefined) return [`${snippet.file}:${snippet.line}: not read`];
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      (diagnostic) => {
        const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
        const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
        return `${snippet.file}:${snippet.line + line - 1}: ${message}`;
      },
    );
  });
};
