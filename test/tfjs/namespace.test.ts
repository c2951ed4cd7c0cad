import path from 'node:path';
import ts from 'typescript';
import { root } from '../docs/extract';

/** The types that a namespace of types leaves out: those of kernels and of backends, and what is deprecated. */
const LEFT_OUT =
  /^_|(Inputs|Attrs)$|^(backend_util|fused|scatter_util|shared|slice_util|test_util)\.|^(MetaGraphInfo|SavedModelTensorInfo|SignatureDefInfo)$/;

const file = path.join(root, 'test/tfjs/both.ts');
const text = `import type * as theirs from '@tensorflow/tfjs'; import { tf as ours } from '../../src/tfjs/tensorflow';`;
const options: ts.CompilerOptions = {
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  target: ts.ScriptTarget.ES2022,
  strict: true,
  skipLibCheck: true,
};

/** Both namespaces, as a program that imports them sees them. */
const namespaces = (): { readonly checker: ts.TypeChecker; readonly symbols: readonly ts.Symbol[] } => {
  const host = ts.createCompilerHost(options);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const program = ts.createProgram([file], options, {
    ...host,
    getSourceFile: (name, ...rest) => (name === file ? source : host.getSourceFile(name, ...rest)),
    fileExists: (name) => name === file || host.fileExists(name),
  });
  const checker = program.getTypeChecker();
  const names: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNamespaceImport(node) || ts.isImportSpecifier(node)) names.push(node.name);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return {
    checker,
    symbols: names.map((name) => checker.getAliasedSymbol(checker.getSymbolAtLocation(name) as ts.Symbol)),
  };
};

/** The names of a namespace's types, those of namespaces in it with a dot. */
const typesIn = (checker: ts.TypeChecker, namespace: ts.Symbol, prefix = ''): string[] =>
  checker.getExportsOfModule(namespace).flatMap((exported) => {
    const symbol =
      (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
    const name = `${prefix}${exported.name}`;
    const isType = (symbol.flags & ts.SymbolFlags.Type) !== 0;
    const isNamespace = (symbol.flags & ts.SymbolFlags.Namespace & ~ts.SymbolFlags.Enum) !== 0;
    return [
      ...(isType ? [name] : []),
      ...(isNamespace && prefix === '' ? typesIn(checker, symbol, `${name}.`) : []),
    ];
  });

test('tf is a namespace of all types that tfjs has', () => {
  const { checker, symbols } = namespaces();
  const [theirs, ours] = symbols.map((symbol) => typesIn(checker, symbol));
  expect(ours?.length).toBeGreaterThan(100);
  expect(ours?.sort()).toEqual(theirs?.filter((name) => !LEFT_OUT.test(name)).sort());
});
