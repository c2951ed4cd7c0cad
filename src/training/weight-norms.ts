import { hasLayers, type Layer } from '../layers/internal/target';
import { jsonNumber, type LayerNorms, type LayerRow } from '../live/messages';
import type { KerasModel } from '../models/model';
import { paramsOf } from '../models/summary-rows';
import { whenReady } from '../tfjs/deferred-values';
import { variableOf } from '../tfjs/private';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { GradientLook, GradientNorms } from './gradient-norms';

/** Milliseconds between looks, at least; and how often as long as a look takes: it is to cost less than a hundredth. */
const MIN_BETWEEN = 1000;
const TIMES_COST = 200;

/** A layer whose weights are looked at. */
interface Watched {
  readonly name: string;
  readonly layer: Layer;
  readonly weights: Layer['weights'];
}

/** Those that training changes; of a layer that is frozen, all. Statistics of batches would hide what is learned. */
const watchedWeights = (layer: Layer): Layer['weights'] => {
  const { trainableWeights: trained } = layer;
  return (trained.length > 0 ? trained : layer.weights).filter(({ dtype }) => dtype === 'float32');
};

/** Layers with weights, those in models that are layers by their path. */
const watchedIn = (layers: readonly Layer[], path = ''): Watched[] =>
  layers.flatMap((layer) => {
    const name = `${path}${layer.name}`;
    if (hasLayers(layer)) return watchedIn(layer.layers, `${name}/`);
    const weights = watchedWeights(layer);
    return weights.length === 0 ? [] : [{ name, layer, weights }];
  });

/** The Euclidean norm of several tensors together, for each list of them. */
const normsOf = (lists: readonly (readonly Tensor[])[]): Float32Array =>
  tf.tidy(() => {
    const squares = lists.map((list) => tf.addN(list.map((tensor) => tf.sum(tf.square(tensor)))));
    return tf.sqrt(tf.stack(squares)).dataSync<'float32'>();
  });

/** A layer's norm in a look at gradients. */
const gradientIn = (look: GradientLook | undefined, layer: number): LayerRow['gradient'] => {
  const norm = look?.norms[layer] ?? null;
  return norm === null ? null : jsonNumber(norm);
};

/**
 * How large the weights of each layer are, and how much an epoch changes them. That of two epochs in a row needs the weights before
 * and after it: where epochs are short it is looked at now and then, so that it takes next to no time.
 */
export class WeightNorms {
  /** The weights after an epoch, as long as the next one is to be compared with them. */
  private before: { readonly epoch: number; readonly tensors: readonly (readonly Tensor[])[] } | undefined;
  /** Whether the comparison is due however short the epoch is. */
  private isAwaited = false;
  private dueAt = -Infinity;
  /** Milliseconds that a look takes, at best: the first ones warm up. */
  private cost = Infinity;

  constructor(
    private readonly model: KerasModel,
    private readonly now: () => number = () => performance.now(),
    /** Those of the gradients, where the data is there as a whole. */
    private readonly gradients?: GradientNorms,
  ) {}

  /** Whether to look: what was kept for a comparison is let go where that is over. */
  isDue(): boolean {
    if (this.isAwaited || this.now() >= this.dueAt) return true;
    if (this.before !== undefined) this.forget();
    return false;
  }

  /** Looks after so many epochs, if that is due; a step takes so many milliseconds. */
  async look(epoch: number, stepTime = 0): Promise<LayerNorms | undefined> {
    if (!this.isDue()) return undefined;
    const watched = watchedIn(this.model.layers);
    if (watched.length === 0) return undefined;
    const gradients = this.gradients?.isDue(stepTime) === true ? this.gradients : undefined;
    const variables = [
      ...watched.flatMap(({ weights }) => weights.map(variableOf)),
      ...(gradients?.variables ?? []),
    ];
    // Another fit may be at work on weights that two models share.
    for (let busy = whenReady(variables); busy !== undefined; busy = whenReady(variables)) await busy;
    const begun = this.now();
    const tensors = watched.map(({ weights }) => weights.map((weight) => tf.keep(tf.clone(weight.read()))));
    const rows = this.rowsOf(watched, tensors, epoch);
    const hasChanges = rows.some(({ change }) => change !== null);
    this.forget();
    this.before = { epoch, tensors };
    this.isAwaited = !hasChanges;
    const end = this.now();
    this.cost = Math.min(this.cost, end - begun);
    if (hasChanges) this.dueAt = end + Math.max(MIN_BETWEEN, TIMES_COST * this.cost);
    gradients?.look(
      epoch,
      watched.map(({ weights }) => weights),
    );
    const last = this.gradients?.last;
    return {
      epoch,
      gradientEpoch: last?.epoch ?? null,
      rows: rows.map((row, index) => ({ ...row, gradient: gradientIn(last, index) })),
    };
  }

  dispose(): void {
    this.forget();
  }

  private rowsOf(
    watched: readonly Watched[],
    tensors: readonly (readonly Tensor[])[],
    epoch: number,
  ): Omit<LayerRow, 'gradient'>[] {
    const { before } = this;
    const norms = normsOf(tensors);
    const changes =
      before?.epoch === epoch - 1 && before.tensors.length === tensors.length
        ? tf.tidy(() =>
            normsOf(
              tensors.map((list, layer) =>
                list.map((after, index) => tf.sub(after, before.tensors[layer]?.[index] ?? after)),
              ),
            ),
          )
        : undefined;
    return watched.map(({ name, layer, weights }, index) => ({
      name,
      type: layer.getClassName(),
      parameters: paramsOf(weights),
      norm: jsonNumber(norms[index] ?? NaN),
      change: changes === undefined ? null : jsonNumber(changes[index] ?? NaN),
    }));
  }

  private forget(): void {
    tf.dispose(this.before?.tensors.flat());
    this.before = undefined;
    this.isAwaited = false;
  }
}
