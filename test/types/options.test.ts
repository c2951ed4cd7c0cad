import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root, sourceFiles } from '../docs/extract';

/** Interfaces of options that users write out: their optional members, and whether they may be given as undefined. */
const optionalMembers = (file: string): [string, boolean][] => {
  const text = readFileSync(path.join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isInterfaceDeclaration).flatMap((declaration) => {
    const isPublic = declaration.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!isPublic || !declaration.name.text.endsWith('Options')) return [];
    return declaration.members.filter(ts.isPropertySignature).flatMap((member): [string, boolean][] => {
      if (member.questionToken === undefined || member.type === undefined) return [];
      const types = ts.isUnionTypeNode(member.type) ? [...member.type.types] : [member.type];
      const takesUndefined = types.some(
        ({ kind }) => kind === ts.SyntaxKind.UndefinedKeyword || kind === ts.SyntaxKind.UnknownKeyword,
      );
      return [[`${declaration.name.text}.${member.name.getText()}`, takesUndefined]];
    });
  });
};

const members = sourceFiles('src')
  .filter((file) => !/^src\/(setup|engine|files|native)\//.test(file))
  .flatMap(optionalMembers);

// Users compile with exactOptionalPropertyTypes, too: `layerDense({ units: 3, activation: maybeUndefined })`.
test('an option that may be left out may be given as undefined', () => {
  expect(members.length).toBeGreaterThan(150);
  expect(members.filter(([, takesUndefined]) => !takesUndefined).map(([name]) => name)).toEqual([]);
});
