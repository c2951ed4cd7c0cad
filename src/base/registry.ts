import { argumentError, didYouMean, type Check } from './checks';

/**
 * A closed set of names: each canonical name with the other spellings of it that people type. Keras's snake_case is
 * canonical, tfjs's camelCase is accepted too.
 */
export type NameTable = Readonly<Record<string, readonly string[]>>;

/** Every spelling that a table accepts. */
export type NameOf<Table extends NameTable> = (keyof Table & string) | Table[keyof Table][number];

/** The canonical name of a spelling, or undefined. */
export const canonicalName = (table: NameTable, name: string): string | undefined => {
  if (Object.hasOwn(table, name)) return name;
  return Object.keys(table).find((canonical) => table[canonical]?.includes(name));
};

/** A check that takes any spelling of a table and returns the canonical name. */
export const nameIn =
  <Table extends NameTable>(what: string, table: Table): Check<keyof Table & string> =>
  (value, place) => {
    const found = typeof value === 'string' ? canonicalName(table, value) : undefined;
    if (found !== undefined) return found;
    const candidates = Object.keys(table);
    const advice =
      typeof value === 'string'
        ? didYouMean(value, candidates)
        : `Use one of: ${candidates.map((name) => `'${name}'`).join(', ')}`;
    throw argumentError(place, what, value, advice);
  };
