/** Files of data sets, damaged by chance: in the archive, in an array, in a pickle, in text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npy, pickledLists, zip } from '../../datasets/build/npz-writer';
import { Chance } from './campaign';

/** A damaged file: whose it is, and what was done to it. */
export interface Mutation {
  readonly dataset: 'datasetMnist' | 'datasetImdb' | 'datasetImdbWordIndex' | 'datasetBostonHousing';
  readonly what: string;
  readonly content: Buffer;
}

const pixels = (rows: number): Uint8Array =>
  Uint8Array.from({ length: rows * 784 }, (_, at) => (at * 7) % 256);
const labels = (...numbers: number[]): Buffer => npy('|u1', [numbers.length], Uint8Array.from(numbers));
const longLabels = (...numbers: number[]): Buffer =>
  npy('<i8', [numbers.length], new Uint8Array(BigInt64Array.from(numbers.map(BigInt)).buffer));
const TEXTS = [[1, 300, 70_000], [2], [], Array.from({ length: 300 }, (_, at) => at)];

/** A pickle of protocol 4 as Python 3 writes it: `[[1, 300, 70000], [2]]`, NumPy 1.24. */
const PROTOCOL_4 = Buffer.from(
  '8004959c000000000000008c156e756d70792e636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b02859468038c0564747970659493948c024f3894898887945294284b038c017c944e4e4e4affffffff4affffffff4b3f749462895d94285d94284b014d2c014a70110100655d944b0261657494622e',
  'hex',
);

type Members = Readonly<Record<string, Buffer>>;
const DIGITS: Members = {
  'x_train.npy': npy('|u1', [2, 28, 28], pixels(2)),
  'y_train.npy': labels(3, 9),
  'x_test.npy': npy('|u1', [1, 28, 28], pixels(1)),
  'y_test.npy': longLabels(7),
};
const HOUSES: Members = Object.fromEntries(
  Object.entries({ x: [4, 13], y: [4] }).map(([name, shape]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return [
      `${name}.npy`,
      npy('<f8', shape, new Uint8Array(Float64Array.from({ length }, (_, at) => at / 3).buffer)),
    ];
  }),
);
/** The parts of a file of texts, of which `damage` changes the pickles. */
const texts = (damage: (pickle: Buffer) => Buffer = (pickle) => pickle): Members => ({
  'x_train.npy': npy('|O', [TEXTS.length], damage(pickledLists(TEXTS))),
  'y_train.npy': labels(1, 0, 1, 0),
  'x_test.npy': npy('|O', [2], damage(PROTOCOL_4)),
  'y_test.npy': longLabels(0, 1),
});
const WORDS = JSON.stringify({
  the: 1,
  and: 2,
  'a "quoted" one': 3,
  ünïcödé: 4,
  __proto__x: 5,
  constructor: 6,
});

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x28, 0x5d, 0x65, 0x2e, 0x93, 0x62, 0x52] as const;

/** Damages bytes: in one place or a few, by flips, other values, pieces cut out, doubled, moved or made up. */
const damage = (content: Buffer, chance: Chance): Buffer => {
  let bytes = Buffer.from(content);
  const times = 1 + chance.below(chance.fraction() < 0.7 ? 2 : 12);
  for (let time = 0; time < times; time++) {
    const at = chance.below(bytes.length + 1);
    const length = 1 + chance.below(Math.min(64, bytes.length));
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (chance.below(9)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = chance.pick(INTERESTING);
        break;
      case 2:
        bytes = Buffer.concat([before, after.subarray(length)]);
        break;
      case 3:
        bytes = Buffer.concat([before, before.subarray(-length), after]);
        break;
      case 4:
        bytes = Buffer.concat([before, Buffer.from(Array.from({ length }, () => chance.below(256))), after]);
        break;
      case 5:
        bytes = Buffer.concat([before, Buffer.alloc(length * 100, chance.pick(INTERESTING)), after]);
        break;
      case 6:
        bytes = Buffer.from(chance.fraction() < 0.2 ? before : bytes);
        break;
      case 7:
        if (at + 4 <= bytes.length)
          bytes.writeUInt32LE(chance.pick([0, 0xffffffff, 0x7fffffff, 0x80000000, 65_536]), at);
        break;
      default: {
        const from = chance.below(bytes.length);
        bytes = Buffer.concat([before, bytes.subarray(from, from + length), after]);
      }
    }
  }
  return bytes;
};

const damageMember = (members: Members, chance: Chance): Buffer => {
  const chosen = chance.below(Object.keys(members).length);
  return zip(
    Object.fromEntries(
      Object.entries(members).map(([name, content], index) => [
        name,
        index === chosen ? damage(content, chance) : content,
      ]),
    ),
  );
};

const VALUES = [
  '0',
  '-1',
  '1.5',
  '1e999',
  'null',
  'true',
  '"1"',
  '[1]',
  '{"a": 1}',
  '9007199254740993',
] as const;

/** Damages JSON: its text, or a value that stays JSON. */
const damageJson = (text: string, chance: Chance): Buffer => {
  if (chance.fraction() < 0.5) return damage(Buffer.from(text), chance);
  const numbers = [...text.matchAll(/\d+/g)];
  const { 0: number = '', index = 0 } = numbers[chance.below(numbers.length)] ?? {};
  return Buffer.from(`${text.slice(0, index)}${chance.pick(VALUES)}${text.slice(index + number.length)}`);
};

/** The samples of the package: real files, compressed by others. */
const sample = (name: string): Buffer => readFileSync(join(__dirname, '..', '..', 'datasets', name));

const KINDS: readonly [(chance: Chance) => Mutation, ...((chance: Chance) => Mutation)[]] = [
  (chance) => ({ dataset: 'datasetMnist', what: 'zip', content: damage(zip(DIGITS), chance) }),
  (chance) => ({ dataset: 'datasetMnist', what: 'npy', content: damageMember(DIGITS, chance) }),
  (chance) => ({ dataset: 'datasetBostonHousing', what: 'npy', content: damageMember(HOUSES, chance) }),
  (chance) => ({
    dataset: 'datasetBostonHousing',
    what: 'npz',
    content: damage(sample('boston_housing.npz'), chance),
  }),
  (chance) => ({ dataset: 'datasetImdb', what: 'zip', content: damage(zip(texts()), chance) }),
  (chance) => ({ dataset: 'datasetImdb', what: 'npy', content: damageMember(texts(), chance) }),
  (chance) => ({
    dataset: 'datasetImdb',
    what: 'pickle',
    content: zip(texts((pickle) => (chance.fraction() < 0.5 ? damage(pickle, chance) : pickle))),
  }),
  (chance) => ({
    dataset: 'datasetImdb',
    what: 'pickle',
    content: zip(texts((pickle) => damage(pickle, chance))),
  }),
  (chance) => ({ dataset: 'datasetImdbWordIndex', what: 'json', content: damageJson(WORDS, chance) }),
];

/** The mutation of a number: always the same for a seed. */
export const mutation = (seed: number, index: number): Mutation => {
  const chance = new Chance(seed, index);
  return (KINDS[index % KINDS.length] ?? KINDS[0])(chance);
};
