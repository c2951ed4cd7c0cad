import { KerasShapeError, describeShape } from '../../base/errors';
import { CompositeLayer } from '../../tfjs/composite-layer';
import { maskOrNone, register } from '../../tfjs/keras-layer';
import type { CallOptions, LayerConfig, Shape } from '../../tfjs/layer-classes';
import { innerLayersOf, scopeWeights } from '../../tfjs/private';
import { applyModel } from '../../tfjs/run-graph';
import { singleInput } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import type { Layer } from './target';
import { configOfLayer, layerFrom } from './wrapped';

type Values = Tensor | Tensor[];

/** Batch and steps in one axis: the layer inside sees each step as a sample. */
const together = (x: Tensor): Tensor => {
  const [rows, steps, ...sizes] = x.shape as [number, number, ...number[]];
  return tf.reshape(x, [rows * steps, ...sizes]);
};

/** The way back. */
const apart = (x: Tensor, [rows, steps]: readonly number[]): Tensor =>
  tf.reshape(x, [rows ?? 0, steps ?? 0, ...x.shape.slice(1)]);

/** Whether a layer, or one inside of it, makes a mask of its input. */
const makesMasks = (layer: Layer): boolean =>
  layer.getClassName() === 'Masking' ||
  (layer.getClassName() === 'Embedding' && layer.getConfig()['maskZero'] === true) ||
  innerLayersOf(layer).some(makesMasks);

/** A layer applied to each step of sequences by itself. */
export class TimeDistributed extends CompositeLayer<object> {
  static readonly className: string = 'TimeDistributed';
  private readonly layer: Layer;

  constructor({ layer, ...args }: { readonly layer: unknown }) {
    super(args, {});
    this.layer = layerFrom(layer);
  }

  /** The layers inside. */
  get sublayers(): readonly Layer[] {
    return [this.layer];
  }

  private sampleShape([rows = null, steps, ...sizes]: Shape): Shape {
    if (steps !== undefined) return [rows, ...sizes];
    throw new KerasShapeError({
      layer: this.name,
      expected: `layer '${this.name}' needs sequences, [batch, steps, …]`,
      received: describeShape([rows]),
      advice: 'Give it an input with an axis of steps',
    });
  }

  override build(inputShape: Shape | Shape[]): void {
    const { layer } = this;
    if (!layer.built) {
      scopeWeights(layer, layer.name);
      layer.build(this.sampleShape(inputShape as Shape)); // one input
      layer.built = true;
    }
    super.build(inputShape);
  }

  override call(inputs: Values, { training, mask }: CallOptions): Values {
    return tf.tidy(() => {
      const x = singleInput(inputs);
      const [steps = null] = [mask as Values | null | undefined].flat();
      const own = steps !== null && steps.rank > 2 ? { mask: together(steps) } : {};
      const outputs = [this.layer.apply(together(x), { training, ...own })].flat() as Tensor[]; // tensors in, tensors out
      const all = outputs.map((output) => apart(output, x.shape));
      return all.length === 1 ? (all[0] as Tensor) : all;
    });
  }

  /** The mask that the layer inside makes of a mask of its own input. */
  private innerMask(x: Tensor, mask: Tensor | null): Tensor | null {
    const { layer } = this;
    if (layer instanceof tf.LayersModel) {
      // Its layers are applied once more, which is left out where there can be no mask.
      return mask === null && !makesMasks(layer)
        ? null
        : (applyModel(layer, [x], false, [mask]).masks[0] ?? null);
    }
    if (!(layer.supportsMasking as boolean | undefined)) return null; // undefined in some of tfjs's
    const [own = null] = [layer.computeMask(x, maskOrNone(mask)) as Values | null].flat(); // or null, which the type has not
    return own;
  }

  override computeMask(inputs: Values, mask?: Values | null): Tensor {
    return maskOrNone(
      tf.tidy(() => {
        const x = singleInput(inputs);
        const [steps = null] = [mask].flat();
        const own = steps !== null && steps.rank > 2 ? together(steps) : null;
        const made = this.innerMask(together(x), own);
        if (made !== null) return apart(made, x.shape);
        if (steps === null) return null as unknown as Tensor; // a tidy takes it, though its type has no null
        // A step is there if something of it is.
        const others = Array.from({ length: steps.rank - 2 }, (_, axis) => axis + 2);
        return others.length === 0 ? tf.clone(steps) : tf.any(tf.cast(steps, 'bool'), others);
      }),
    );
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shape = inputShape as Shape; // one input
    const outputs = this.layer.computeOutputShape(this.sampleShape(shape));
    const list = (Array.isArray(outputs[0]) ? outputs : [outputs]) as Shape[];
    const all = list.map(([rows = null, ...sizes]) => [rows, shape[1] ?? null, ...sizes]);
    return all.length === 1 ? (all[0] as Shape) : all;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), layer: configOfLayer(this.layer) } as LayerConfig; // as tfjs has it
  }
}
register(TimeDistributed);
