/** What of R keras 2.13 is here: each function and each argument of it, or the reason in docs/coverage.md. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as keras from '../src/index';
import type * as checksModule from '../src/base/checks';
import { root } from './docs/extract';
import { rows } from './layers/table';
import { camelCase, defaultOf, matches, sameDefault, type Left } from './support/r-keras';

jest.mock('../src/base/checks', () => {
  const actual = jest.requireActual<typeof checksModule>('../src/base/checks');
  const seen = new Map<string, checksModule.OptionChecks>();
  type Check = (functionName: string, options: unknown, checks: checksModule.OptionChecks) => unknown;
  const recorded =
    (check: Check): Check =>
    (functionName, options, checks) => {
      seen.set(functionName, checks);
      return check(functionName, options, checks);
    };
  return {
    ...actual,
    seen,
    checkOptions: recorded(actual.checkOptions),
    checkBareOptions: recorded(actual.checkBareOptions),
  };
});

/** The checks of the options of each function that has been called: rows of layers do so as they are loaded. */
const { seen: mockSeen } = jest.requireMock<{ readonly seen: Map<string, checksModule.OptionChecks> }>(
  '../src/base/checks',
);

const read = (file: string): unknown =>
  JSON.parse(readFileSync(path.join(__dirname, 'reference/r-keras', file), 'utf8'));
const names = read('exports.json') as string[];
/** Arguments and their defaults as R writes them; null where there is none. */
const formals = read('formals.json') as Record<string, Record<string, string | null>>;

const exported: Record<string, unknown> = { ...keras };
const isHere = (name: string): boolean => camelCase(name) in exported;

/** The table of what is left out: function, argument, what stands here instead, reason. */
const left: Left[] = readFileSync(path.join(root, 'docs/coverage.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .map(([, name = '', argument = '', instead = '', reason = '']) => ({
    name: name.replaceAll('`', ''),
    argument: argument.replaceAll('`', ''),
    instead: instead.replaceAll('`', ''),
    reason,
  }));
const leftFunctions = left.filter(({ argument }) => argument === '');
const leftOf = (name: string, argument: string): Left | undefined =>
  left.find((row) => row.argument === argument && matches(row.name, name));

describe("R keras's functions", () => {
  test('are here, or left out for a reason', () => {
    const missing = names.filter(
      (name) => !isHere(name) && !leftFunctions.some((row) => matches(row.name, name)),
    );
    expect(names.length).toBeGreaterThan(540);
    expect(missing).toEqual([]);
  });

  test('are not listed once they are here, nor twice, nor without being R’s', () => {
    const listed = leftFunctions.map(({ name }) => name);
    expect(listed.filter((name) => isHere(name))).toEqual([]);
    expect(listed.filter((name) => !names.some((candidate) => matches(name, candidate)))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
    expect(left.filter(({ reason }) => reason.length <= 5)).toEqual([]);
  });
});

/** What comes before the options: what a function is about. */
const SUBJECTS = [
  'object',
  'inputs',
  'outputs',
  'x',
  'y',
  'y_true',
  'y_pred',
  'sequences',
  'name',
  'metric_fn',
  'json',
  'filepath',
  'predictions',
  'targets',
  'variables',
  'model',
  'config',
  'objects',
  'expr',
  'tokenizer',
  'texts',
  'text',
  'input_text',
  'directory',
  'filename',
  'generator',
  'data',
  'sequence',
  'size',
  'path',
  'img',
  'dataframe',
];

/** Calls a function in vain, so that it checks options. */
const callInVain = async (call: (...parameters: unknown[]) => unknown): Promise<void> => {
  const probe = { probeOfOptions: true };
  for (const parameters of [[probe], [[[1]], probe], [[[1]], [1], probe], []]) {
    try {
      await call(...parameters);
    } catch {
      // The probe is no option of anything.
    }
  }
};

const functionsHere = Object.entries(formals).flatMap(([name, theirs]) => {
  const call = exported[camelCase(name)];
  return typeof call === 'function' ? [{ name, theirs, call: call as (...p: unknown[]) => unknown }] : [];
});

const optionsOf = (name: string): checksModule.OptionChecks => mockSeen.get(camelCase(name)) ?? {};

describe("R keras's arguments", () => {
  beforeAll(async () => {
    for (const { call } of functionsHere) await callInVain(call);
  });

  const lacking = (name: string, theirs: Record<string, string | null>): string[] =>
    Object.entries(theirs)
      .filter(
        ([argument, byDefault]) =>
          !(camelCase(argument) in optionsOf(name)) &&
          !(SUBJECTS.includes(argument) && (byDefault === null || byDefault === 'NULL')) &&
          leftOf(name, argument)?.instead !== 'left out',
      )
      .map(([argument]) => argument);

  test('are options here, or left out for a reason', () => {
    const lack = functionsHere.flatMap(({ name, theirs }) =>
      lacking(name, theirs).map((argument) => `${name}: ${argument}`),
    );
    expect(functionsHere.length).toBeGreaterThan(100);
    expect(lack).toEqual([]);
  });

  test('that are left out are R’s, and are not here', () => {
    const rowsOfArguments = left.filter(({ argument }) => argument !== '');
    const wrong = rowsOfArguments.filter(
      ({ name, argument, instead }) =>
        !functionsHere.some(
          (one) =>
            matches(name, one.name) &&
            argument in one.theirs &&
            camelCase(argument) in optionsOf(one.name) === (instead !== 'left out'),
        ),
    );
    expect(wrong).toEqual([]);
  });

  test('have R’s defaults', () => {
    const differing = functionsHere.flatMap(({ name, theirs, call }) =>
      Object.entries(theirs).flatMap(([argument, byDefault]) => {
        const key = camelCase(argument);
        const option = optionsOf(name)[key];
        if (option === undefined) return [];
        const theirsHere = leftOf(name, argument)?.instead ?? byDefault;
        const row = rows.find(
          ({ functionName, options }) => functionName === camelCase(name) && !(key in options),
        );
        const here = defaultOf(key, option, call, { theirs: theirsHere, row });
        return sameDefault(theirsHere, here)
          ? []
          : [`${name}: ${argument}: R ${byDefault}, here ${JSON.stringify(here)}`];
      }),
    );
    expect(differing).toEqual([]);
  });
});
