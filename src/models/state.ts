import type { Optimizer } from '../optimizers/registry';
import { hasLayers, type Layer } from '../layers/internal/target';
import { learningCount } from '../tfjs/learning';
import type { Compilation } from './compilation';
import type { ModelMetadata } from './metadata';

/** What is to be freed. */
export interface Disposable {
  dispose(): void;
}

/** What a kept value depends on: it goes when the model is compiled again, or when its layers change. */
export type Dependency = 'compilation' | 'layers';

/**
 * The key of a value that a room below this one keeps with each model: compiled steps, for example. A value goes with what
 * it depends on, and with the model.
 */
export class StateKey<Value extends Disposable> {
  /** There for the types: a key finds values of its own kind. */
  declare protected readonly kind: Value;

  constructor(
    readonly name: string,
    readonly dependencies: readonly Dependency[],
  ) {}
}

/** The model whose state it is. */
interface StateOwner {
  readonly name: string;
  readonly isDisposed: boolean;
  readonly layers: readonly Layer[];
  readonly state: ModelState;
}

/** Which model an optimizer works for: its slots belong to that model's weights. */
const optimizerOwners = new WeakMap<Optimizer, WeakRef<StateOwner>>();

/** The model that is compiled with an optimizer at the moment, if there is one. */
export const ownerOfOptimizer = (optimizer: Optimizer): StateOwner | undefined => {
  const owner = optimizerOwners.get(optimizer)?.deref();
  return owner !== undefined && !owner.isDisposed && owner.state.compilation?.optimizer === optimizer
    ? owner
    : undefined;
};

/** A function that works with a model. */
export interface Run {
  readonly functionName: string;
  readonly model: StateOwner;
}

/** The functions that work with models at the moment, in the order in which they began. */
const runs: Run[] = [];

const includes = (layers: readonly Layer[], layer: Layer): boolean =>
  layers.some((inner) => inner === layer || (hasLayers(inner) && includes(inner.layers, layer)));

/** Everything that belongs to a model and is not the tfjs model's: see {@link KerasModel}. */
export class ModelState {
  #compilation: Compilation | undefined;
  metadata: ModelMetadata | undefined;
  #learning = learningCount();
  readonly #kept = new Map<StateKey<Disposable>, Disposable>();
  // Not to be seen, and not to be copied with the model.
  readonly #owner: StateOwner;

  constructor(owner: StateOwner) {
    this.#owner = owner;
  }

  /** How the model is trained, once it is compiled. */
  get compilation(): Compilation | undefined {
    return this.#compilation;
  }

  /** Takes a new compilation, and frees what belonged to the one before. */
  compile(compilation: Compilation): void {
    const { optimizer } = compilation;
    const before = this.#compilation?.optimizer;
    if (before !== optimizer) {
      before?.dispose();
      // What it knows of another model's weights.
      if (optimizerOwners.has(optimizer)) optimizer.dispose();
    }
    this.#dropDependents('compilation');
    optimizerOwners.set(optimizer, new WeakRef(this.#owner));
    this.#compilation = compilation;
  }

  /** Frees what was made for the layers as they were. */
  layersChanged(): void {
    this.#dropDependents('layers');
  }

  /** The value kept under a key. */
  kept<Value extends Disposable>(key: StateKey<Value>): Value | undefined {
    // What was made for the layers has in it what they had learned from data then.
    if (this.#learning !== learningCount()) {
      this.#learning = learningCount();
      this.layersChanged();
    }
    return this.#kept.get(key) as Value | undefined; // what `keep` put there under this key
  }

  /** Keeps a value under a key; the one before it is freed. */
  keep<Value extends Disposable>(key: StateKey<Value>, value: Value): Value {
    const before = this.#kept.get(key);
    if (before !== value) before?.dispose();
    this.#kept.set(key, value);
    return value;
  }

  /** Frees the value kept under a key. */
  drop(key: StateKey<Disposable>): void {
    this.#kept.get(key)?.dispose();
    this.#kept.delete(key);
  }

  /** Notes that a function works with the model, until the function that it gives is called. */
  beginRun(functionName: string): () => void {
    const run: Run = { functionName, model: this.#owner };
    runs.push(run);
    return () => {
      const index = runs.indexOf(run);
      if (index !== -1) runs.splice(index, 1);
    };
  }

  /** The functions that work with the model at the moment. */
  get runs(): readonly string[] {
    return runs.filter(({ model }) => model === this.#owner).map(({ functionName }) => functionName);
  }

  /** A function that works with this model, or with one of which it, as `container`, is a layer. */
  runThatUses(container: Layer): Run | undefined {
    return runs.find(({ model }) => model === this.#owner || includes(model.layers, container));
  }

  /** Frees everything; the state of an optimizer that now works for another model stays. */
  dispose(): void {
    // The optimizer first: nothing needs to bring its state back then.
    const optimizer = this.#compilation?.optimizer;
    if (optimizer !== undefined && optimizerOwners.get(optimizer)?.deref()?.state === this)
      optimizer.dispose();
    for (const value of this.#kept.values()) value.dispose();
    this.#kept.clear();
  }

  #dropDependents(dependency: Dependency): void {
    for (const key of [...this.#kept.keys()]) if (key.dependencies.includes(dependency)) this.drop(key);
  }
}
