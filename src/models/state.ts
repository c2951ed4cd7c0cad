import type { Optimizer } from '../optimizers/registry';
import type { Compilation } from './compilation';

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

/** The model that an optimizer works for. */
interface OptimizerOwner {
  readonly name: string;
  readonly isDisposed: boolean;
  readonly state: ModelState;
}

/** Which model an optimizer works for: its slots belong to that model's weights. */
const optimizerOwners = new WeakMap<Optimizer, WeakRef<OptimizerOwner>>();

/** The model that is compiled with an optimizer at the moment, if there is one. */
export const ownerOfOptimizer = (optimizer: Optimizer): OptimizerOwner | undefined => {
  const owner = optimizerOwners.get(optimizer)?.deref();
  return owner !== undefined && !owner.isDisposed && owner.state.compilation?.optimizer === optimizer
    ? owner
    : undefined;
};

/** Everything that belongs to a model and is not the tfjs model's: see {@link KerasModel}. */
export class ModelState {
  #compilation: Compilation | undefined;
  readonly #kept = new Map<StateKey<Disposable>, Disposable>();
  /** The functions that work with the model at the moment, in the order in which they began. */
  readonly #runs: { readonly functionName: string }[] = [];

  /** How the model is trained, once it is compiled. */
  get compilation(): Compilation | undefined {
    return this.#compilation;
  }

  /** Takes a new compilation of `owner`, whose state this is, and frees what belonged to the one before. */
  compile(owner: OptimizerOwner, compilation: Compilation): void {
    const { optimizer } = compilation;
    const before = this.#compilation?.optimizer;
    if (before !== optimizer) {
      before?.dispose();
      // What it knows of another model's weights.
      if (optimizerOwners.has(optimizer)) optimizer.dispose();
    }
    this.#dropDependents('compilation');
    optimizerOwners.set(optimizer, new WeakRef(owner));
    this.#compilation = compilation;
  }

  /** Frees what was made for the layers as they were. */
  layersChanged(): void {
    this.#dropDependents('layers');
  }

  /** The value kept under a key. */
  kept<Value extends Disposable>(key: StateKey<Value>): Value | undefined {
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
    const run = { functionName };
    this.#runs.push(run);
    return () => {
      const index = this.#runs.indexOf(run);
      if (index !== -1) this.#runs.splice(index, 1);
    };
  }

  /** The functions that work with the model at the moment. */
  get runs(): readonly string[] {
    return this.#runs.map(({ functionName }) => functionName);
  }

  /** Frees everything; the state of an optimizer that now works for another model stays. */
  dispose(): void {
    for (const value of this.#kept.values()) value.dispose();
    this.#kept.clear();
    const optimizer = this.#compilation?.optimizer;
    if (optimizer !== undefined && optimizerOwners.get(optimizer)?.deref()?.state === this)
      optimizer.dispose();
  }

  #dropDependents(dependency: Dependency): void {
    for (const key of [...this.#kept.keys()]) if (key.dependencies.includes(dependency)) this.drop(key);
  }
}
