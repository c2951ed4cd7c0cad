// What a declaration file says that its module exports.
const ts = require('typescript');

/** The module of a declaration file, for the compiler, with what tells an export from its alias. */
const declaredModule = (declarations) => {
  const program = ts.createProgram([declarations], {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(declarations));
  const whole = (symbol) =>
    (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  return { checker, module, whole };
};

/** Whether an export, or what it stands for, is exported as a type only, though it may be a class. */
const isTypeOnly = (checker, symbol) => {
  for (let one = symbol; one !== undefined;) {
    const ofTypes = (one.declarations ?? []).some(
      (declaration) =>
        (ts.isExportSpecifier(declaration) || ts.isImportSpecifier(declaration)) &&
        ts.isTypeOnlyImportOrExportDeclaration(declaration),
    );
    if (ofTypes) return true;
    one = (one.flags & ts.SymbolFlags.Alias) === 0 ? undefined : checker.getImmediateAliasedSymbol(one);
  }
  return false;
};

/** The names of the values that a declaration file exports. */
const valuesIn = (declarations) => {
  const { checker, module, whole } = declaredModule(declarations);
  return checker
    .getExportsOfModule(module)
    .filter((symbol) => (whole(symbol).flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(checker, symbol))
    .map(({ name }) => name)
    .sort();
};

/** A line that tells Node.js the names of exports, which it finds in the text. */
const namesForImports = (names) => `0 && (module.exports = { ${names.join(', ')} });`;

module.exports = { declaredModule, namesForImports, valuesIn };
