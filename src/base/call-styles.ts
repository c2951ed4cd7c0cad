import { isPlainObject, optionsObject } from './checks';
import { describe, KerasArgumentError } from './errors';
import { asFunction } from './function-name';

/**
 * The key under which a function with both call styles says how it takes its arguments. Its type says which family of
 * functions it is of, and so what `keras-pipe/fp` makes of it.
 */
export const callForm: unique symbol = Symbol('callForm');

/** How a function with both call styles takes its arguments. */
export interface CallForm<Family = unknown> {
  /** The function's name. */
  readonly name: string;
  /** The function's family, which is there in types only. */
  readonly family?: Family;
  /** Whether the function gives a promise. */
  readonly givesPromise: boolean;
  /** Whether arguments begin with the subject, or leave it out, as in a pipe. */
  readonly isPlain: (args: readonly unknown[]) => boolean;
}

/** A type as a function of the subject's type: `result` may speak of `this['subject']`. */
export interface TypeFunction {
  readonly subject: unknown;
  readonly result: unknown;
}

/** What a {@link TypeFunction} gives for a subject. */
export type Apply<F extends TypeFunction, Subject> = (F & { readonly subject: Subject })['result'];

/** The result has the subject's own type. */
export interface Itself extends TypeFunction {
  readonly result: this['subject'];
}

/** The result has the same type for every subject. */
export interface Always<Result> extends TypeFunction {
  readonly result: Result;
}

/** Says that options are no subject: a model or a symbolic tensor, which have a `name` as options have. */
export interface WithoutSubject {
  readonly layers?: never;
  readonly sourceLayer?: never;
}

/**
 * A function of data: plain, with the data first, or piped, without them. The step is generic, as all steps are: a pipe would
 * infer what comes before from a plain parameter's type, and mark that as the mistake.
 */
export interface DataFunction<Data, Options, Result> {
  (x: Data, options?: Options): Result;
  (options?: Options): <X extends Data>(x: X) => Result;
  readonly [callForm]: CallForm<['data', Data, [options?: Options], Result]>;
}

/** A function of data, one of whose options is required. */
export interface OptionedDataFunction<Data, Options, Result> {
  (x: Data, options: Options): Result;
  (options: Options): <X extends Data>(x: X) => Result;
  readonly [callForm]: CallForm<['data', Data, [options: Options], Result]>;
}

/** What a function is about: a model, data, what a layer is added to. */
export interface SubjectKind<Subject> {
  /** What it is called in messages. */
  readonly argument: string;
  /** Whether a value is certainly meant as one. */
  readonly is: (value: unknown) => boolean;
  /** Throws if arguments show a mistake that is usual with such subjects. */
  readonly checkArguments?: (functionName: string, args: readonly unknown[]) => void;
  /** The subject in the form used inside, or an error that says what the value is instead. */
  readonly check: (functionName: string, value: unknown) => Subject;
}

/** An option that may be given bare, as the only one that there is. */
export interface BareOption {
  readonly name: string;
  /** Whether a value that stands alone is one, and not the subject. */
  readonly is: (value: unknown) => boolean;
  readonly isRequired?: boolean;
}

/** What {@link callable} makes a function of. */
export interface CallableDefinition<Subject, Data extends readonly unknown[], Options, Result> {
  readonly name: string;
  readonly subject: SubjectKind<Subject>;
  /** What comes between the subject and the options: x, or x and y. */
  readonly data?: { readonly [Index in keyof Data]: string };
  /** Whether a value can be one of those. */
  readonly isData?: (value: unknown) => boolean;
  /** Whether a value stands for all the data at once: the options then come next. */
  readonly isStream?: (value: unknown) => boolean;
  /** The names of the options, those first that an example should show. */
  readonly optionNames?: readonly string[];
  readonly bare?: BareOption;
  /** Throws if the options are wrong. Pure, since a step of a pipe checks them before it is applied. */
  readonly checkOptions: (options: unknown) => Options;
  readonly run: (subject: Subject, data: Data, options: Options) => Result;
  /** Whether `run` gives a promise. Mistakes are rejections then, as soon as there is a subject. */
  readonly givesPromise?: boolean;
  /** Whether the function gives back what it was called with. */
  readonly givesSubject?: boolean;
  /** What a step of a pipe has besides being called. */
  readonly stepFields?: (options: Options) => object;
}

type AnyDefinition = CallableDefinition<unknown, readonly unknown[], unknown, unknown>;

/** `name(model, x, y)` and `pipe(model, name(x, y))`, with the options that an example should show. */
const examples = ({ name, subject, data = [], bare, optionNames = [] }: AnyDefinition): string => {
  const named = optionNames.slice(0, 2).map((option) => `${option}: …`);
  const options = named.length === 0 ? [] : [`{ ${named.join(', ')} }`];
  const parameters = [...data, ...options];
  const forms = [
    `${name}(${[subject.argument, ...parameters].join(', ')})`,
    ...(bare === undefined ? [] : [`${name}(${[subject.argument, bare.name].join(', ')})`]),
    `pipe(${subject.argument}, ${name}(${parameters.join(', ')}))`,
  ];
  return `${forms.slice(0, -1).join(', ')} or ${forms.at(-1) ?? ''}`;
};

const isPrimitive = (value: unknown): boolean =>
  value !== undefined && value !== null && typeof value !== 'object' && typeof value !== 'function';

/** Whether a value is an object that has options in it, and nothing else. */
const hasOptionsOnly = (definition: AnyDefinition, value: unknown): boolean => {
  if (!isPlainObject(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => definition.optionNames?.includes(name) === true);
};

/**
 * Whether arguments begin with the subject. Something else in the subject's place counts as one wherever it can be told, so
 * that it is an error: taken for a step of a pipe, `fit(notAModel, x, y)` would do nothing, and say nothing.
 */
const isPlain = (definition: AnyDefinition, args: readonly unknown[]): boolean => {
  const { subject, data = [], isData, bare, optionNames = [] } = definition;
  const [first] = args;
  if (args.length === 0) return false;
  if (args.length > data.length + 1) return true;
  if (data.length === 0) {
    if (optionNames.length === 0) return true;
    if (bare?.is(first) === true) return false;
    return subject.is(first) || (!isPrimitive(first) && first !== undefined && !isPlainObject(first));
  }
  if (subject.is(first) || isData?.(args[data.length]) === true) return true;
  return typeof first === 'object' && first !== null && isData?.(first) !== true && !isPlainObject(first);
};

const checkArguments = (definition: AnyDefinition, args: readonly unknown[]): void => {
  const { name, subject, data = [], optionNames = [] } = definition;
  subject.checkArguments?.(name, args);
  const maxArguments = data.length + (optionNames.length === 0 ? 1 : 2);
  const positional = data.length === 0 && args.length > 1 && isPrimitive(args[0]) && !subject.is(args[0]);
  if (args.length <= maxArguments && !positional) return;
  throw new KerasArgumentError({
    function: name,
    argument: 'options',
    expected:
      optionNames.length === 0
        ? `${name}() takes ${maxArguments === 1 ? 'one argument' : `${maxArguments} arguments`}`
        : 'the options must be given by their names, in one object',
    received: args.map(describe).join(', '),
    advice: `Write ${examples(definition)}`,
  });
};

/** The arguments with null for the data that a stream stands for. */
const withStream = ({ data = [], isStream }: AnyDefinition, args: readonly unknown[]): readonly unknown[] => {
  const [first, second] = args;
  const isShort = args.length === 1 || (args.length === 2 && (second === undefined || isPlainObject(second)));
  return isShort && isStream?.(first) === true ? [first, ...data.slice(1).map(() => null), second] : args;
};

/** The data and the options, from the arguments without the subject; `isStep` says that there was none. */
const parse = (
  definition: AnyDefinition,
  given: readonly unknown[],
  isStep: boolean,
): { readonly data: readonly unknown[]; readonly options: unknown } => {
  const { name, data: names = [], bare } = definition;
  const args = withStream(definition, given);
  const data = args.slice(0, names.length);
  // With a subject, `run` says what is wrong with the data, in words of its own.
  const isMissing = (index: number): boolean =>
    (isStep && data[index] === undefined) ||
    // Options in its place: `fit(x, { epochs: 5 })`.
    (index === args.length - 1 && hasOptionsOnly(definition, data[index]));
  const missing = names.findIndex((_, index) => isMissing(index));
  if (missing !== -1) {
    throw new KerasArgumentError({
      function: name,
      argument: names[missing] ?? 'x',
      expected: `${names.length > 1 ? 'data and labels' : 'data'} must be given`,
      received: names
        .map((argument, index) => `${argument}: ${isMissing(index) ? 'undefined' : describe(data[index])}`)
        .join(', '),
      advice: `Write pipe(model, ${name}(${names.join(', ')})), or ${name}(model, ${names.join(', ')})`,
    });
  }
  const optionsArgument = args[names.length];
  if (optionsArgument === undefined && bare?.isRequired === true) {
    throw new KerasArgumentError({
      function: name,
      argument: bare.name,
      expected: `\`${bare.name}\` must be given`,
      received: 'undefined',
      advice: `Write ${examples(definition)}`,
    });
  }
  if (optionsArgument === undefined || bare !== undefined || isPlainObject(optionsArgument)) {
    return { data, options: definition.checkOptions(optionsObject(optionsArgument, bare?.name)) };
  }
  throw new KerasArgumentError({
    function: name,
    argument: 'options',
    expected: 'the options must be an object',
    received: describe(optionsArgument),
    advice: `Write ${examples(definition)}`,
  });
};

/**
 * Makes both call styles of a function: plain, with the subject first, and piped, without it, which gives a step. After
 * the subject come data, if the function takes any, then one object of options, or a bare one.
 *
 * The options of a step are checked at once, so that a misspelt one is an error at the line that has it.
 */
export const callable = <Subject, Data extends readonly unknown[], Options, Result>(
  definition: CallableDefinition<Subject, Data, Options, Result>,
): ((...args: readonly unknown[]) => unknown) & { readonly [callForm]: CallForm } => {
  // `parse` gives what the definition's own checks made, which the general type does not know.
  const general = definition as unknown as AnyDefinition;
  const { name, givesPromise = false, givesSubject = false } = general;
  const apply = (subject: unknown, parsed: () => ReturnType<typeof parse>): unknown => {
    const checked = general.subject.check(name, subject);
    const { data, options } = parsed();
    const result = general.run(checked, data, options);
    return givesSubject ? subject : result;
  };
  const start = (run: () => unknown): unknown => (givesPromise ? (async () => await run())() : run());
  const callNamed = (args: readonly unknown[]): unknown => {
    if (isPlain(general, args)) {
      return start(() => {
        checkArguments(general, args);
        return apply(args[0], () => parse(general, args.slice(1), false));
      });
    }
    checkArguments(general, args);
    const parsed = parse(general, args, true);
    const step = (subject: unknown): unknown =>
      asFunction(name, () => start(() => apply(subject, () => parsed)));
    // What a message says of a step that was left without its subject.
    Object.defineProperty(step, 'name', { value: `${name}(…)` });
    return Object.assign(step, general.stepFields?.(parsed.options));
  };
  const call = (...args: readonly unknown[]): unknown => asFunction(name, () => callNamed(args));
  Object.defineProperty(call, 'name', { value: name });
  const form: CallForm = { name, givesPromise, isPlain: (args) => isPlain(general, args) };
  return Object.assign(call, { [callForm]: form });
};
