import { integer, optional, type CheckedOptions, type OptionChecks } from '../base/checks';
import { defineMaker, type MakerFunction } from '../base/maker';
import { nextSeed } from '../base/random';
import type { NameList, NamesOf } from '../base/registry';
import type { Initializer } from '../tfjs/base-classes';

export type { Initializer };

/** What an initializer's `getConfig` gives. */
export type InitializerConfig = ReturnType<Initializer['getConfig']>;

/** Options of initializers that draw random numbers. */
export interface SeedOptions {
  /** An integer: the same seed makes the same weights. By default one is drawn from `setRandomSeed`'s stream. */
  readonly seed?: number | undefined;
}

/** The check of {@link SeedOptions}. */
export const seedCheck = { seed: optional(integer) };

/** The seed of an initializer that is being made: the user's, or the next of the stream. */
export const seedOf = ({ seed }: { readonly seed?: number }): number => seed ?? nextSeed();

/** A seed as tfjs takes it: tfjs takes 0, and null, for a seed that is not given. */
export const tfjsSeed = (seed: number | null | undefined): number | undefined =>
  seed === 0 ? 2 ** 31 : (seed ?? undefined); // no other seed of the stream is as large

/** The key by which a configuration says that its seed was drawn, and so is not what the user asked for. */
export const drawnSeed: unique symbol = Symbol('drawn seed');

const withDrawnSeed = (initializer: Initializer): Initializer => {
  const getConfig = initializer.getConfig.bind(initializer);
  const value = (): InitializerConfig =>
    Object.defineProperty(getConfig(), drawnSeed, { value: true, enumerable: false });
  return Object.defineProperty(initializer, 'getConfig', { value, configurable: true, enumerable: false });
};

/**
 * Defines an initializer: the function that makes it, its names, the checks of its options, and what is made of them.
 *
 * ```ts
 * export const initializerHeNormal = defineInitializer<SeedOptions>()('initializerHeNormal', ['he_normal'], seedCheck,
 *   (options) => new VarianceScaling({ scale: 2, mode: 'fanIn', seed: seedOf(options) }));
 * ```
 *
 * What is made must have a class that tfjs knows, see `register`, so that models come back with it.
 */
export const defineInitializer =
  <Options extends object>() =>
  <const Names extends NameList, const Checks extends OptionChecks<Options> & OptionChecks>(
    functionName: string,
    names: Names,
    checks: Checks,
    make: (options: CheckedOptions<Checks>) => Initializer, // whatever its class, which is not public
  ): MakerFunction<Options, Initializer, NamesOf<Names>> =>
    defineMaker<Options>()(functionName, names, checks, (options) => {
      const initializer = make(options);
      const { seed } = options as { readonly seed?: number }; // of those that draw
      return 'seed' in checks && seed === undefined ? withDrawnSeed(initializer) : initializer;
    });
