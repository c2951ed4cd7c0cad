import path from 'node:path';
import ts from 'typescript';
import { root } from '../docs/extract';

const optionsOf = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  // Programs that are there for their types leave much unused.
  return { ...options, noUnusedLocals: false, noEmit: true };
};

/** A mistake that the compiler found: where, and what the line has in it there. */
export interface Mistake {
  readonly file: string;
  readonly line: number;
  /** The part of the program that it marks. */
  readonly marked: string;
  readonly message: string;
}

/** Compiles files of the project, and programs that are there as texts, under their names; gives the mistakes in them. */
export const compileAll = (
  files: readonly string[],
  texts: ReadonlyMap<string, string> = new Map(),
): Mistake[] => {
  const options = optionsOf();
  const host = ts.createCompilerHost(options);
  const sources = new Map(
    [...texts].map(([name, text]) => {
      const file = path.join(root, name);
      return [file, ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)] as const;
    }),
  );
  const roots = [...files.map((file) => path.join(root, file)), ...sources.keys()];
  const program = ts.createProgram(roots, options, {
    ...host,
    fileExists: (name) => sources.has(name) || host.fileExists(name),
    getSourceFile: (name, ...rest) => sources.get(name) ?? host.getSourceFile(name, ...rest),
  });
  return roots.flatMap((file) => {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} was not read`);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, length = 0, messageText }) => ({
      file: path.relative(root, file),
      line: source.getLineAndCharacterOfPosition(start).line + 1,
      marked: source.text.slice(start, start + length),
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    }));
  });
};
