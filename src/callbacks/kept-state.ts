import { describe, KerasFileError } from '../base/errors';
import { tf, type Tensor } from '../tfjs/tensorflow';
import type { CallbackState } from '../training/callback-list';

const foreign = (functionName: string, expected: string, value: unknown): KerasFileError =>
  new KerasFileError({
    function: functionName,
    argument: 'backup',
    expected: `what the backup has of ${functionName} must be ${expected}`,
    received: describe(value),
    advice: 'Delete the backup; the training then begins again',
  });

/** What a callback kept as an object, field by field. */
export class KeptState {
  private readonly fields: { readonly [name: string]: CallbackState };

  constructor(
    private readonly functionName: string,
    state: CallbackState,
  ) {
    if (typeof state !== 'object' || state === null || Array.isArray(state) || state instanceof tf.Tensor)
      throw foreign(functionName, 'an object', state);
    this.fields = state as typeof this.fields; // what is no list and no tensor
  }

  private get(name: string): CallbackState | undefined {
    return Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }

  number(name: string): number {
    const value = this.get(name);
    if (typeof value === 'number') return value;
    throw foreign(this.functionName, `an object with the number ${name}`, value);
  }

  flag(name: string): boolean {
    return this.number(name) !== 0;
  }

  /** A number, or null. */
  maybeNumber(name: string): number | undefined {
    return this.get(name) === null ? undefined : this.number(name);
  }

  /** A list, or null. */
  private maybeList<T extends CallbackState>(
    name: string,
    is: (value: CallbackState) => value is T,
  ): T[] | undefined {
    const value = this.get(name);
    if (value === null) return undefined;
    if (Array.isArray(value) && (value as CallbackState[]).every(is)) return [...(value as T[])]; // as just seen
    throw foreign(this.functionName, `an object with the list ${name}`, value);
  }

  maybeTensors(name: string): Tensor[] | undefined {
    return this.maybeList(name, (value): value is Tensor => value instanceof tf.Tensor);
  }

  maybeTexts(name: string): string[] | undefined {
    return this.maybeList(name, (value): value is string => typeof value === 'string');
  }
}
