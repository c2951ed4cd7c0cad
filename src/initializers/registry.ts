import type { Tensor } from '../tfjs/tensorflow';
import { InitializerBase, register, type Initializer } from '../tfjs/base-classes';
import { tf } from '../tfjs/tensorflow';
import { argumentError, type Check } from '../base/checks';
import { Maker } from '../base/maker';
import { nameIn, type NameOf } from '../base/registry';
import { native } from '../ops/native';
import { nextSeed } from '../base/random';

export type { Initializer };

const NAMES = {
  constant: [],
  glorot_normal: ['glorotNormal', 'GlorotNormal'],
  glorot_uniform: ['glorotUniform', 'GlorotUniform'],
  he_normal: ['heNormal', 'HeNormal'],
  he_uniform: ['heUniform', 'HeUniform'],
  identity: ['Identity'],
  lecun_normal: ['lecunNormal', 'leCunNormal', 'LecunNormal'],
  lecun_uniform: ['lecunUniform', 'leCunUniform', 'LecunUniform'],
  ones: ['one', 'Ones'],
  orthogonal: ['Orthogonal'],
  random_normal: ['randomNormal', 'RandomNormal', 'normal'],
  random_uniform: ['randomUniform', 'RandomUniform', 'uniform'],
  truncated_normal: ['truncatedNormal', 'TruncatedNormal'],
  variance_scaling: ['varianceScaling', 'VarianceScaling'],
  zeros: ['zero', 'Zeros'],
} as const;

/** The names that Keras gives its initializers; tfjs's camelCase spellings count too. */
export type InitializerName = NameOf<typeof NAMES>;

/** The standard deviation of a standard normal cut at two standard deviations. */
const TRUNCATED_STANDARD_DEVIATION = 0.87962566103423978;

const fans = (shape: readonly number[]): { fanIn: number; fanOut: number } => {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { fanIn: field * (shape.at(-2) ?? 1), fanOut: field * (shape.at(-1) ?? 1) };
};

/** The configuration of {@link VarianceScaling}, in tfjs's spelling. */
interface VarianceScalingConfig {
  readonly scale?: number;
  readonly mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  readonly distribution?: 'normal' | 'uniform' | 'truncatedNormal';
  readonly seed?: number | null;
}

/**
 * Weights of variance `scale / fan`. The normal ones are drawn from a normal cut at two standard deviations; tfjs's own
 * forgets that the cut makes the spread smaller, and this one divides by 0.8796 as Keras does.
 */
class VarianceScaling extends InitializerBase {
  static readonly className: string = 'VarianceScaling';
  constructor(private readonly config: VarianceScalingConfig) {
    super();
  }
  override apply(shape: number[]): Tensor {
    const { scale = 1, mode = 'fanIn', distribution = 'normal', seed } = this.config;
    const { fanIn, fanOut } = fans(shape);
    const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode];
    const deviation = Math.sqrt(scale / Math.max(1, fan));
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3) * deviation;
      return tf.randomUniform(shape, -limit, limit, 'float32', seed ?? undefined);
    }
    const wider = deviation / TRUNCATED_STANDARD_DEVIATION;
    return tf.truncatedNormal(shape, 0, wider, 'float32', seed ?? undefined);
  }
  override getConfig(): ReturnType<Initializer['getConfig']> {
    const { scale = 1, mode = 'fanIn', distribution = 'normal', seed = null } = this.config;
    return { scale, mode, distribution, seed };
  }
}
register(VarianceScaling);

/** The configuration of {@link Orthogonal}. */
interface OrthogonalConfig {
  readonly gain?: number;
  readonly seed?: number | null;
}

/**
 * An orthogonal matrix, by TensorFlow's own QR decomposition of normal numbers. tfjs's runs in JavaScript and takes
 * seconds for the sizes of recurrent layers.
 */
class Orthogonal extends InitializerBase {
  static readonly className: string = 'Orthogonal';
  constructor(private readonly config: OrthogonalConfig) {
    super();
  }
  override apply(shape: number[]): Tensor {
    return tf.tidy(() => {
      const { gain = 1, seed } = this.config;
      const columns = shape.at(-1) ?? 1;
      const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
      const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
      const tall = tf.randomNormal([long, short], 0, 1, 'float32', seed ?? undefined);
      const [q, r] = native.qr(tall);
      // The signs of R's diagonal make the distribution uniform over the orthogonal matrices.
      const diagonal = tf.sum(tf.mul(r, tf.eye(short)), 0);
      const signed = tf.mul(q, tf.sign(diagonal));
      const square = rows < columns ? tf.transpose(signed) : signed;
      return tf.mul(gain, tf.reshape(square, shape));
    });
  }
  override getConfig(): ReturnType<Initializer['getConfig']> {
    const { gain = 1, seed = null } = this.config;
    return { gain, seed };
  }
}
register(Orthogonal);

/** Those that draw numbers take a seed of their own each; the others take none from the stream. */
const MAKERS: Readonly<Record<keyof typeof NAMES, () => Initializer>> = {
  constant: () => tf.initializers.constant({ value: 0 }),
  glorot_normal: () => new VarianceScaling({ scale: 1, mode: 'fanAvg', seed: nextSeed() }),
  glorot_uniform: () => tf.initializers.glorotUniform({ seed: nextSeed() }),
  he_normal: () => new VarianceScaling({ scale: 2, mode: 'fanIn', seed: nextSeed() }),
  he_uniform: () => tf.initializers.heUniform({ seed: nextSeed() }),
  identity: () => tf.initializers.identity({ gain: 1 }),
  lecun_normal: () => new VarianceScaling({ scale: 1, mode: 'fanIn', seed: nextSeed() }),
  lecun_uniform: () => tf.initializers.leCunUniform({ seed: nextSeed() }),
  ones: () => tf.initializers.ones(),
  orthogonal: () => new Orthogonal({ gain: 1, seed: nextSeed() }),
  random_normal: () => tf.initializers.randomNormal({ mean: 0, stddev: 0.05, seed: nextSeed() }),
  random_uniform: () => tf.initializers.randomUniform({ minval: -0.05, maxval: 0.05, seed: nextSeed() }),
  truncated_normal: () => tf.initializers.truncatedNormal({ mean: 0, stddev: 0.05, seed: nextSeed() }),
  variance_scaling: () => new VarianceScaling({ scale: 1, mode: 'fanIn', seed: nextSeed() }),
  zeros: () => tf.initializers.zeros(),
};

const checkName = nameIn("an initializer's name or a tfjs initializer", NAMES);

const isInitializer = (value: unknown): value is Initializer =>
  typeof value === 'object' && value !== null && 'apply' in value && typeof value.apply === 'function';

/** Makes a fresh initializer of a name, with a seed of its own; a tfjs initializer is taken as it is. */
export const initializer: Check<Maker<Initializer>> = (value, place) => {
  if (isInitializer(value)) return new Maker(() => value);
  if (typeof value === 'object') {
    throw argumentError(place, "an initializer's name or a tfjs initializer", value);
  }
  return new Maker(MAKERS[checkName(value, place)]);
};
