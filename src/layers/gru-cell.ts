import { tf, type Tensor } from '../tensorflow';
import { classOf, register, type CallOptions, type LayerConfig, type Shape } from './custom';

/** The arguments of a {@link GruCell} beyond those of tfjs's. */
export interface GruCellArguments {
  readonly units?: number;
  readonly resetAfter?: boolean;
  readonly dropoutFunc?: (ones: Tensor, rate: number) => Tensor;
}

const TfjsGruCell = classOf(tf.layers.gruCell({ units: 1 }));

interface Variable {
  read(): Tensor;
}

interface TfjsActivation {
  apply(x: Tensor): Tensor;
}

/** What tfjs's class keeps; its types call it private. */
interface Parts {
  readonly units: number;
  readonly useBias: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly dropoutFunc: (ones: Tensor, rate: number) => Tensor;
  dropoutMask: Tensor[] | null;
  recurrentDropoutMask: Tensor[] | null;
  kernel: Variable;
  recurrentKernel: Variable;
  bias: Variable | null;
  readonly activation: TfjsActivation;
  readonly recurrentActivation: TfjsActivation;
  readonly biasInitializer: unknown;
  readonly biasRegularizer: unknown;
  readonly biasConstraint: unknown;
  addWeight(...args: unknown[]): Variable;
}

/** A GRU cell with `resetAfter`, the form that Keras uses by default; tfjs's throws on it. */
export class GruCell extends TfjsGruCell {
  static readonly className: string = 'GRUCell';
  readonly resetAfter: boolean;

  constructor({ resetAfter, ...args }: GruCellArguments) {
    super(args as never); // `classOf` cannot know the factory's arguments
    this.resetAfter = resetAfter ?? false;
  }

  override build(inputShape: Shape | Shape[]): void {
    const cell = this as unknown as Parts; // private in tfjs's types
    if (!this.resetAfter || !cell.useBias) {
      super.build(inputShape);
      return;
    }
    Object.assign(this, { useBias: false });
    super.build(inputShape);
    Object.assign(this, { useBias: true });
    // One bias for the input's product, one for the state's.
    cell.bias = cell.addWeight(
      'bias',
      [2, cell.units * 3],
      null,
      cell.biasInitializer,
      cell.biasRegularizer,
      true,
      cell.biasConstraint,
    );
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    if (!this.resetAfter) return super.call(inputs, options);
    return tf.tidy(() => {
      const cell = this as unknown as Parts; // as in `build`
      const [x, h] = inputs as [Tensor, Tensor];
      const training = options['training'] === true;
      // tfjs frees the masks when the layer's call is over.
      if (training && cell.dropout > 0) {
        cell.dropoutMask ??= [tf.keep(cell.dropoutFunc(tf.onesLike(x), cell.dropout))];
      }
      if (training && cell.recurrentDropout > 0) {
        cell.recurrentDropoutMask ??= [tf.keep(cell.dropoutFunc(tf.onesLike(h), cell.recurrentDropout))];
      }
      const mask = cell.dropoutMask?.[0];
      const recurrentMask = cell.recurrentDropoutMask?.[0];
      const state = recurrentMask === undefined ? h : tf.mul(h, recurrentMask);
      const [inputBias, stateBias] =
        cell.bias === null ? [] : (tf.unstack(cell.bias.read(), 0) as [Tensor, Tensor]);
      const product = (value: Tensor, weights: Variable, bias: Tensor | undefined): Tensor[] => {
        const plain = tf.matMul(value as never, weights.read() as never); // both are matrices
        return tf.split(bias === undefined ? plain : tf.add(plain, bias), 3, 1);
      };
      const fromInput = product(mask === undefined ? x : tf.mul(x, mask), cell.kernel, inputBias);
      const fromState = product(state, cell.recurrentKernel, stateBias);
      const [xUpdate, xReset, xCandidate] = fromInput as [Tensor, Tensor, Tensor];
      const [hUpdate, hReset, hCandidate] = fromState as [Tensor, Tensor, Tensor];
      const update = cell.recurrentActivation.apply(tf.add(xUpdate, hUpdate));
      const reset = cell.recurrentActivation.apply(tf.add(xReset, hReset));
      const candidate = cell.activation.apply(tf.add(xCandidate, tf.mul(reset, hCandidate)));
      const next = tf.add(candidate, tf.mul(update, tf.sub(state, candidate)));
      return [next, next];
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), resetAfter: this.resetAfter };
  }
}
register(GruCell);
