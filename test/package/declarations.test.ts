/** The declarations that the package holds, as the compiler sees them in a user's project. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import * as keras from '../../src/index';
import { root, sourceFiles } from '../docs/extract';

jest.setTimeout(300_000);

const project = mkdtempSync(path.join(tmpdir(), 'keras-pipe-types-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const optionsIn = (file: string): ts.CompilerOptions => {
  const read = ts.getParsedCommandLineOfConfigFile(
    path.join(root, file),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  if (read === undefined) throw new Error(`${file} cannot be read`);
  return read.options;
};

/** Puts the declarations where an install puts them, beside the packages that they import. */
const install = (): void => {
  const modules = path.join(project, 'node_modules');
  const folder = path.join(modules, 'keras-pipe');
  mkdirSync(folder, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const packages = Object.keys(dependencies).map((name) => name.replace(/\/.*/, ''));
  for (const name of new Set([...packages, '@types'])) {
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  const options: ts.CompilerOptions = {
    ...optionsIn('tsconfig.build.json'),
    emitDeclarationOnly: true,
    outDir: path.join(folder, 'dist'),
  };
  const files = sourceFiles('src').map((file) => path.join(root, file));
  const { emitSkipped } = ts.createProgram(files, options).emit();
  expect(emitSkipped).toBe(false);
};

const base: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  preserveSymlinks: true,
  types: ['node'],
  typeRoots: [path.join(project, 'node_modules/@types')],
};
const modes: readonly [string, ts.CompilerOptions][] = [
  ['node16', { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }],
  ['bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  [
    'node10',
    {
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      esModuleInterop: true,
    },
  ],
];

const programOf = (name: string, text: string, options: ts.CompilerOptions): ts.Program => {
  const file = path.join(project, name);
  writeFileSync(file, text);
  return ts.createProgram([file], { ...base, ...options });
};

const mistakesIn = (program: ts.Program, within: string): string[] =>
  program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(within))
    .flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
      ...(source.isDeclarationFile || program.getCompilerOptions().declaration !== true
        ? []
        : program.getDeclarationDiagnostics(source)),
    ])
    .map(({ file, start, messageText }) => {
      const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
      const place = file === undefined ? '' : path.relative(project, file.fileName);
      return `${place}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });

beforeAll(install);

const names = Object.keys(keras);
const program = `
import * as k from 'keras-pipe';
import * as fp from 'keras-pipe/fp';
import { fit, layerDense, E, type EitherLayerStep } from 'keras-pipe/fp';
${names.map((name) => `export const their_${name} = k.${name};`).join('\n')}
${names.map((name) => `export const lifted_${name} = fp.${name};`).join('\n')}
export const model = k.pipe(k.kerasModelSequential(), k.layerDense({ units: 1 }), k.compile({ loss: 'mse' }));
export const input = k.layerInput({ shape: [2] });
export const graph = k.kerasModel(input, [k.layerDense(input, { units: 1 }), k.layerFlatten(input)]);
export const steps = [k.layerDense({ units: 1 }), k.fit([[1]], [1]), k.compile({ loss: 'mse' }), k.summary()];
export const layer = k.getLayer(model, 'dense');
export const output = k.pipe(layer.output, k.layerDense({ units: 1 }));
export const shape = k.outputShape(graph);
export const metric = k.metricAuc();
export const optimizer = k.optimizerAdam({ learningRate: 0.1 });
export const made = [k.regularizerL2(0.1), k.constraintNonneg(), k.initializerHeNormal(), k.lossHuber];
export const square = (t: k.tf.Tensor): k.tf.Tensor => k.tf.square(t);
export const run = async () => ({
  history: await k.fit(model, [[1]], [1]),
  output: await k.predict(model, [[1]]),
  both: await k.predict(graph, [[1]]),
});
export const step: EitherLayerStep = layerDense({ units: 1 });
export const either = k.pipe(fp.kerasModelSequential(), E.chain(step), E.chain(fp.compile({ loss: 'mse' })));
export const task = k.pipe(model, fit([[1]], [1]));
export const error: E.Either<fp.KerasError, number> = E.right(1);
`;

test.each(modes)(
  'a program that exports what it gets compiles, with its declarations: %s',
  (mode, options) => {
    const compiled = programOf(`main-${mode}.ts`, program, { ...options, declaration: true });
    expect(mistakesIn(compiled, path.join(project, 'main'))).toEqual([]);
  },
);

test('the declarations themselves are checked where a project does not skip those of packages', () => {
  const compiled = programOf('checked.ts', "import 'keras-pipe'; import 'keras-pipe/fp';", {
    ...modes[0]?.[1],
    skipLibCheck: false,
  });
  expect(mistakesIn(compiled, path.join(project, 'node_modules/keras-pipe/'))).toEqual([]);
  // As long as tfjs's have mistakes, README says what to set.
  expect(compiled.getSemanticDiagnostics().some(({ file }) => file?.fileName.includes('@tensorflow'))).toBe(
    true,
  );
  expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toContain('`"skipLibCheck": true`');
});

test('internal members are not in them', () => {
  const compiled = programOf(
    'members.ts',
    `import { SequentialModel, FunctionalModel, layerDense } from 'keras-pipe';
     export declare const sequential: SequentialModel; export declare const functional: FunctionalModel;
     export const step = layerDense({ units: 1 });`,
    modes[0]?.[1] ?? {},
  );
  const checker = compiled.getTypeChecker();
  const source = compiled.getSourceFile(path.join(project, 'members.ts'));
  const exported = checker.getExportsOfModule(
    checker.getSymbolAtLocation(source as ts.SourceFile) as ts.Symbol,
  );
  const isPublic = (symbol: ts.Symbol): boolean =>
    (symbol.declarations ?? []).every(
      (declaration) =>
        (ts.getCombinedModifierFlags(declaration) &
          (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) ===
        0,
    );
  const members = exported.map((symbol) =>
    checker
      .getPropertiesOfType(checker.getTypeOfSymbol(symbol))
      .filter(isPublic)
      .map(({ name }) => name.replace(/^__@(\w+)@\d+$/, '[$1]'))
      .sort(),
  );
  const ofModels = [
    '[custom]',
    '[signature]',
    'built',
    'depth',
    'dispose',
    'isDisposed',
    'layers',
    'metadata',
    'name',
    'stopTraining',
    'tf',
    'toString',
  ];
  expect(members).toEqual([['[custom]', '[layerStack]', ...ofModels.slice(1)], ofModels, ['[layerStep]']]);
});
