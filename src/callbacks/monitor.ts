import { checkThat, oneOf, optional, nonEmptyString, type OptionChecks } from '../base/checks';
import { nearest } from '../base/suggestions';
import type { Logs } from '../training/callback-list';

/** Options of callbacks that look at a value of the logs. */
export interface MonitorOptions {
  /** The name of the value. Default `'val_loss'`. */
  readonly monitor?: string | undefined;
  /** Whether it is to become small or large; `'auto'`, the default, goes by its name. */
  readonly mode?: 'auto' | 'min' | 'max' | undefined;
  /** 1 to say what is done. Default 0. */
  readonly verbose?: 0 | 1 | undefined;
}

export const monitorChecks = {
  monitor: optional(nonEmptyString, 'val_loss'),
  mode: optional(oneOf('auto', 'min', 'max'), 'auto'),
  verbose: optional(
    checkThat('0 or 1', (value): value is 0 | 1 => value === 0 || value === 1),
    0,
  ),
} satisfies OptionChecks<MonitorOptions>;

/** Other names of a value: `acc` is `accuracy`, and the other way round. */
const otherNames = (name: string): string[] =>
  name.endsWith('accuracy')
    ? [name.replace(/accuracy$/, 'acc')]
    : name.endsWith('acc')
      ? [name.replace(/acc$/, 'accuracy')]
      : [];

/** Says something on standard output, on a line of its own. */
export const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Looks at one value of the logs, and says once that there is none. */
export class Monitor {
  #hasWarned = false;

  constructor(
    private readonly functionName: string,
    private readonly name: string,
  ) {}

  /** The value in the logs of an epoch. */
  of(logs: Readonly<Logs>): number | undefined {
    const found = [this.name, ...otherNames(this.name)].find((name) => Object.hasOwn(logs, name));
    if (found !== undefined) return logs[found];
    this.#warn(Object.keys(logs));
    return undefined;
  }

  #warn(names: readonly string[]): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const near = nearest(this.name, names).map((name) => `'${name}'`);
    const advice =
      this.name.startsWith('val_') && !names.some((name) => name.startsWith('val_'))
        ? 'Values of validation data need `validationData` or `validationSplit` in fit'
        : near.length > 0
          ? `Did you mean ${near.join(' or ')}?`
          : 'Give `monitor` one of them';
    // eslint-disable-next-line no-console -- a warning is for standard error
    console.warn(
      `${this.functionName}: there is no '${this.name}' among ${names.map((name) => `'${name}'`).join(', ')}; nothing is done. ${advice}.`,
    );
  }
}
