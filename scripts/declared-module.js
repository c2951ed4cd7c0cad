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

module.exports = { declaredModule };
