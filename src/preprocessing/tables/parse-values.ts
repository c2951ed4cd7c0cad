/** Texts as numbers, truth values and dates. */
const DAY = 86_400_000;

const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A text as a number; undefined if it is none. Spaces around it do not count. */
export const numberOf = (text: string): number | undefined => {
  const value = Number(text);
  if (Number.isNaN(value)) return undefined;
  // Of nothing but spaces JavaScript makes 0.
  return value === 0 && text.trim() === '' ? undefined : value;
};

/** A text as 0 or 1; undefined if it is neither true nor false. */
export const booleanOf = (text: string): number | undefined => {
  const plain = text.trim().toLowerCase();
  if (plain === 'true' || plain === 't') return 1;
  return plain === 'false' || plain === 'f' ? 0 : undefined;
};

const zoneOf = (zone: string | undefined): number => {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
};

/** A date as the days since the beginning of 1970 in UTC. */
export const daysOf = (date: Date): number => date.getTime() / DAY;

/** A text of ISO 8601, with or without a time, as days since the beginning of 1970; undefined if it is no date. Without a zone it is UTC's. */
export const dateOf = (text: string): number | undefined => {
  const found = DATE.exec(text.trim());
  if (found === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', part = '0', zone] = found;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isThere =
    new Date(date).getUTCDate() === Number(day) && new Date(date).getUTCMonth() === Number(month) - 1;
  if (!isThere || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const minutes = Number(hour) * 60 + Number(minute) - zoneOf(zone);
  return (date + minutes * 60_000 + (Number(second) + Number(part)) * 1000) / DAY;
};
