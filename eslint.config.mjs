import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

const native = {
  name: '@tensorflow/tfjs-node',
  message: "Import `tf` from 'src/tensorflow': tfjs-node is optional, and is loaded there.",
};

/** The folders of src/, in the order in which they stand on each other: each may import from those before it only. */
const FOLDERS = [
  'base',
  'native',
  'tfjs',
  'ops',
  'files',
  'arrays',
  'backend',
  'activations',
  'initializers',
  'constraints',
  'regularizers',
  'losses',
  'metrics',
  'schedules',
  'optimizers',
  'layers',
  'models',
  'step',
  'engine',
  'live',
  'training',
  'callbacks',
  'datasets',
  'preprocessing',
  'persistence',
  'plots',
  'applications',
  'fp',
  'matchers',
];
const zones = [
  ...FOLDERS.map((folder, index) => ({
    target: `./src/${folder}`,
    from: [
      ...(folder === 'fp' ? [] : ['./src/index.ts']),
      './src/setup',
      ...FOLDERS.slice(index + 1).map((below) => `./src/${below}`),
    ],
    message: `src/${folder} imports from the folders before it only, as listed in eslint.config.mjs.`,
  })),
  {
    target: './src/setup',
    from: FOLDERS.filter((folder) => !['base', 'native', 'files'].includes(folder)).map(
      (folder) => `./src/${folder}`,
    ),
    message: 'Setup runs before TensorFlow is there: it imports from base, native and files only.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'build/', 'native/', 'node_modules/', '.venv-*/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', 'src/**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })] },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-self-import': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-restricted-imports': ['error', { paths: [native] }],
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // `() => doIt()` reads well where the result is not looked at.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // tfjs's classes are met by their interfaces, and subclasses of unexported ones by what a factory gives.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A caller says what a prediction is: `predict<Tensor[]>(x)`.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Without it, the place where the prediction goes would decide.
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      // A number or a truth value reads well in a message.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Names that begin with an underscore are there for their place, or to be left out.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['{src,bench,scripts,examples,datasets,site}/**', '*.{js,mjs}'],
    rules: { 'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['src/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':function :not(MethodDefinition) > FunctionExpression[generator=true], :function FunctionDeclaration[generator=true]',
          message:
            'A generator function stands in a module or a class: once one inside of a function is called, V8 keeps all that it refers to until it collects all objects.',
        },
      ],
    },
  },
  {
    files: ['test/**'],
    rules: {
      // Jest's `expect.any()` and its like are of type any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // Tests say which kind of result they are about, where it could be inferred too.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  {
    files: ['test/**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          property: 'numTensors',
          message:
            'Count with tensorCount() of test/support/tensors.ts: collections of what earlier tests have forgotten do not matter to it.',
        },
      ],
    },
  },
  {
    // Values that are there for their types, which the compiler checks.
    files: ['test/types/**'],
    rules: { '@typescript-eslint/no-unused-vars': 'off' },
  },
  {
    // Programs for the terminal.
    files: [
      'examples/**',
      'bench/**',
      'scripts/**',
      'site/**',
      'datasets/build/**',
      'test/**/*-child.ts',
      'test/**/support/**',
    ],
    rules: { 'no-console': 'off' },
  },
);
