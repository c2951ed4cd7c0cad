import type { ThemeName } from './theme';

/** Colors of a diagram. */
export interface DiagramColors {
  readonly background: string;
  readonly box: string;
  readonly line: string;
  readonly text: string;
  readonly quiet: string;
  /** Behind open models: each second one is darker, so that they are told apart. */
  readonly groups: readonly [string, string];
  /** The head of a layer's box, by its family. */
  readonly heads: Readonly<Record<Family, string>>;
}

type Family =
  'input' | 'dense' | 'convolution' | 'pooling' | 'recurrent' | 'regularization' | 'merge' | 'other';

/** Families of layers by the names of their classes. What a layer is stands in its box: the color is not needed to know it. */
const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/^InputLayer/, 'input'],
  [/LSTM|GRU|RNN|Bidirectional/, 'recurrent'],
  [/Pool/, 'pooling'],
  [/Conv|UpSampling|ZeroPadding|Cropping/, 'convolution'],
  [/Normalization|Dropout|Noise|Regulariz/, 'regularization'],
  [/Dense|Embedding/, 'dense'],
  [/^(Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate|Dot)$|Attention/, 'merge'],
];

export const familyOf = (className: string): Family =>
  FAMILIES.find(([pattern]) => pattern.test(className))?.[1] ?? 'other';

const LIGHT: DiagramColors = {
  background: '#ffffff',
  box: '#ffffff',
  line: '#5b6570',
  text: '#1a1a1a',
  quiet: '#4d4d4d',
  groups: ['#f5f6f8', '#eaedf1'],
  heads: {
    input: '#d9dee3',
    dense: '#cfe3f6',
    convolution: '#fbd9c0',
    pooling: '#f7ebb4',
    recurrent: '#efd3e4',
    regularization: '#dcdaf3',
    merge: '#c9ebdd',
    other: '#e6e6e6',
  },
};

const DARK: DiagramColors = {
  background: '#1b1e23',
  box: '#272b32',
  line: '#9aa3ad',
  text: '#f2f2f2',
  quiet: '#c8cdd4',
  groups: ['#21252b', '#2a2f37'],
  heads: {
    input: '#3d4650',
    dense: '#174a6e',
    convolution: '#6b3412',
    pooling: '#57480f',
    recurrent: '#612c4a',
    regularization: '#3f3b75',
    merge: '#12543f',
    other: '#43474e',
  },
};

export const diagramColors = (theme: ThemeName): DiagramColors => (theme === 'dark' ? DARK : LIGHT);
