import path from 'node:path';
import ts from 'typescript';
import { root, sourceFiles } from '../docs/extract';

/** The options of public functions that may be left out, and those among them that may not be `undefined`. */
const optionsOf = (): { readonly all: string[]; readonly strict: string[] } => {
  const program = ts.createProgram(
    sourceFiles('src').map((file) => path.join(root, file)),
    {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
    },
  );
  const checker = program.getTypeChecker();
  const index = checker.getSymbolAtLocation(
    program.getSourceFile(path.join(root, 'src/index.ts')) as ts.SourceFile,
  ) as ts.Symbol;
  const all: string[] = [];
  const strict: string[] = [];
  for (const exported of checker.getExportsOfModule(index)) {
    if (!/(Options|Definition)$/.test(exported.name)) continue;
    const symbol =
      (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
    for (const property of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))) {
      const declaration = property.valueDeclaration;
      if (declaration === undefined || !ts.isPropertySignature(declaration)) continue;
      if (declaration.questionToken === undefined || declaration.type === undefined) continue;
      const name = `${exported.name}.${property.name}`;
      all.push(name);
      const type = checker.getTypeFromTypeNode(declaration.type);
      const parts = type.isUnion() ? type.types : [type];
      if (!parts.some(({ flags }) => (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Unknown)) !== 0))
        strict.push(name);
    }
  }
  return { all, strict };
};

test('an option that may be left out may be given as undefined', () => {
  const { all, strict } = optionsOf();
  expect(all.length).toBeGreaterThan(100);
  expect(strict).toEqual([]);
});
