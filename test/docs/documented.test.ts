import ts from 'typescript';
import { sourceFiles } from './extract';
import { absolute, importableFrom } from './scope';

/** Exports without an example of their own, and why. */
const exempt: Readonly<Record<string, string>> = {
  pipe: "is fp-ts's, documented there",
  flow: "is fp-ts's, documented there",
  tf: 'is tfjs, documented there',
  KerasError: 'is met in errors; its message form is in its docs',
  KerasArgumentError: 'is met in errors',
  KerasShapeError: 'is met in errors',
  KerasStateError: 'is met in errors',
  KerasDatasetError: 'is met in errors',
  KerasFileError: 'is met in errors',
  KerasNativeError: 'is met in errors',
  KerasModel: 'is the type of models; the functions that make them have examples',
  SequentialModel: 'is a type of model; kerasModelSequential has the example',
  FunctionalModel: 'is a type of model; kerasModel has the example',
};

interface Exported {
  readonly name: string;
  readonly isValue: boolean;
  readonly docs: string;
  readonly tags: readonly string[];
}

const program = ts.createProgram(sourceFiles('src').map(absolute), {
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  target: ts.ScriptTarget.ES2022,
  strict: true,
});
const checker = program.getTypeChecker();

const exportsOf = (file: string): Exported[] => {
  const source = program.getSourceFile(absolute(file));
  const entry = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (entry === undefined) throw new Error(`${file} is no module`);
  return importableFrom(checker, entry).map((symbol) => {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
    return {
      name: symbol.name,
      isValue: (target.flags & ts.SymbolFlags.Value) !== 0,
      docs: ts.displayPartsToString(target.getDocumentationComment(checker)),
      tags: target.getJsDocTags(checker).map((tag) => tag.name),
    };
  });
};

const exported = exportsOf('src/index.ts');

test.each(exported.map((one) => [one.name, one] as const))(
  '%s is documented',
  (name, { isValue, docs, tags }) => {
    // What other packages document is not repeated here.
    if (/documented there$/.test(exempt[name] ?? '') || !isFromHere(name)) return;
    expect(docs).not.toBe('');
    if (isValue && !(name in exempt)) expect(tags).toContain('example');
  },
);

test('no reason is given for what has an example, or is not there', () => {
  const needless = Object.keys(exempt).filter((name) => {
    const found = exported.find((one) => one.name === name);
    return found === undefined || found.tags.includes('example');
  });
  expect(needless.filter((name) => !['pipe', 'flow'].includes(name))).toEqual([]);
});

test.each(exportsOf('src/fp/index.ts').map((one) => [one.name, one] as const))(
  'keras-pipe/fp: %s is documented',
  (name, { docs, tags, isValue }) => {
    // Classes are those of `keras-pipe`, documented there.
    if (['E', 'TE', 'pipe', 'flow'].includes(name) || (isValue && /^[A-Z]/.test(name))) return;
    expect(docs).not.toBe('');
    if (isValue) expect(tags.some((tag) => ['see', 'example'].includes(tag))).toBe(true);
  },
);

/** tfjs's own types, exported again. */
function isFromHere(name: string): boolean {
  return !/^(Scalar|SymbolicTensor|Tensor(\dD)?|Layer)$/.test(name);
}
