/** What is exported, and the first sentence of what its documentation says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root, sourceFiles } from '../test/docs/extract';

/** The text before the tags of a doc comment, on one line. */
const textOf = (node: ts.Node): string => {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(comments.at(-1)?.comment) ?? '';
  return (
    text
      .split(/\n\s*\n/)[0]
      ?.replaceAll(/\s+/g, ' ')
      .trim() ?? ''
  );
};

/** The first sentence, with names in the place of links. */
const firstSentence = (text: string): string => {
  const plain = text.replaceAll(/\{@link (?:[^}|]*\|)?\s*([^}|]+?)\s*\}/g, '`$1`');
  return /^.*?[.:](?=\s+[A-Z]|$)/.exec(plain)?.[0].replace(/:$/, '.') ?? plain;
};

const declaredIn = (statement: ts.Statement): ts.Node[] => {
  const isExported = ts.canHaveModifiers(statement)
    ? (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false;
  if (!isExported) return [];
  return ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [statement];
};

/** First sentences by names, of all that modules of the sources export. */
export const summaries = (): Map<string, string> => {
  const found = new Map<string, string>();
  for (const file of sourceFiles('src')) {
    if (file.startsWith('src/fp/')) continue;
    const text = readFileSync(path.join(root, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    for (const statement of source.statements) {
      for (const declared of declaredIn(statement)) {
        const { name } = declared as { name?: ts.Node }; // most kinds of declarations have one
        const sentence = firstSentence(textOf(declared));
        if (name !== undefined && sentence !== '') found.set(name.getText(), sentence);
      }
    }
  }
  return found;
};
