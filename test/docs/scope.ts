import path from 'node:path';
import ts from 'typescript';
import { root, type Snippet } from './extract';

/** The entry of the package whose exports an example has in scope: `keras-pipe/fp` has examples of its own. */
export const entryOf = ({ file }: Snippet): 'src/fp/index.ts' | 'src/index.ts' =>
  file.startsWith('src/fp/') ? 'src/fp/index.ts' : 'src/index.ts';

/**
 * The modules whose exports an example has in scope, first come first served: the entry; for `keras-pipe/fp` what its
 * docs say comes from `keras-pipe`; and the example's own module, which may have functions that are not public.
 */
export const modulesInScope = (snippet: Snippet): string[] => [
  ...new Set([entryOf(snippet), 'src/index.ts', snippet.file]),
];

/** A module of the project as a name to be imported. */
export const absolute = (file: string): string => path.join(root, file);

/** What can be imported from a module by name: its exports, or, of one that is an object, the types and properties of that. */
export const importableFrom = (checker: ts.TypeChecker, module: ts.Symbol): ts.Symbol[] => {
  const whole = module.exports?.get(ts.InternalSymbolName.ExportEquals);
  if (whole === undefined) return checker.getExportsOfModule(module);
  const object = (whole.flags & ts.SymbolFlags.Alias) === 0 ? whole : checker.getAliasedSymbol(whole);
  const properties = checker.getPropertiesOfType(checker.getTypeOfSymbol(object));
  const names = new Set(properties.map(({ name }) => name));
  return [...properties, ...checker.getExportsOfModule(object).filter(({ name }) => !names.has(name))];
};
