/** An input that only waits for a node, of which one output may be named. */
export const controlOn = (value: string): string => `^${value.replace(/:\d+$/, '')}`;
