/**
 * A table with columns of all kinds: who is about to cancel a subscription?
 *
 * The table is made up here: numbers, texts, codes and dates whose effects are known. What a column is, is said once; the feature space
 * learns what there is to learn from the training rows, and is part of the model, which takes raw values from then on.
 */
import {
  compile,
  evaluate,
  featureSpace,
  fit,
  kerasModel,
  layerDense,
  layerDropout,
  parseCsv,
  pipe,
  predict,
  setRandomSeed,
  tf,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const CITIES = ['Bern', 'Köln', 'Oslo', 'Rome'] as const;
const DEVICES = ['phone', 'tablet', 'computer'] as const;
/** Codes of offers, as a company may have them. */
const OFFERS = [1001, 1002, 2044, 7310] as const;

/** Numbers in [0, 1), the same ones each time: a table that others can make, too. */
const sequence = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
};

/** Rows of a table, as a company might export them. Some effects are in one column, one is in two together. */
const makeCsv = (rows: number, seed: number): string => {
  const random = sequence(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // below its length
  const lines = Array.from({ length: rows }, () => {
    const [city, device, offer] = [pick(CITIES), pick(DEVICES), pick(OFFERS)];
    const age = 18 + Math.floor(random() * 60);
    const months = Math.floor(random() * 48);
    const hours = random() * 40;
    const atRisk =
      (months < 6 ? 1.5 : -0.5) +
      (offer === 7310 ? 1.5 : -0.5) +
      (hours < 5 ? 1.5 : -0.5) +
      (city === 'Oslo' && device === 'phone' ? 3 : 0) +
      (age > 30 && age < 45 ? -1 : 0);
    const cancels = random() < 1 / (1 + Math.exp(-2 * atRisk)) ? 1 : 0;
    return [city, device, offer, age, months, hours.toFixed(1), cancels].join(',');
  });
  return ['city,device,offer,age,months,hours,cancels', ...lines].join('\n');
};

export const main = async ({
  quick = false,
  seed = 1,
  epochs = quick ? 8 : 30,
  verbose = 0,
}: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const training = parseCsv(makeCsv(quick ? 1500 : 6000, 42));
  const test = parseCsv(makeCsv(1000, 4242));
  console.log(`The table is made up by this program: ${String(training)}`);

  const space = featureSpace({
    features: {
      city: 'string_categorical',
      device: 'string_categorical',
      offer: 'integer_categorical',
      age: { type: 'float_discretized', numBins: 8 },
      months: { type: 'float_discretized', numBins: 8 },
      hours: 'float_normalized',
    },
    crosses: [{ featureNames: ['city', 'device'], crossingDim: 32 }],
  });
  await space.adapt(training);

  const output = pipe(
    space.encodedFeatures,
    layerDense({ units: 32, activation: 'relu' }),
    layerDropout({ rate: 0.2 }),
    layerDense({ units: 1, activation: 'sigmoid' }),
  );
  const model = kerasModel(space.inputs, output);
  pipe(model, compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }));

  const [x, xTest] = [space.columns(training), space.columns(test)];
  const [y, yTest] = [training, test].map((table) => Array.from(table.column('cancels').values, Number)) as [
    number[],
    number[],
  ];
  await pipe(model, fit(x, y, { epochs, verbose }));
  const { accuracy } = await pipe(model, evaluate(xTest, yTest, { verbose: 0 }));

  const stays = yTest.filter((cancels) => cancels === 0).length / yTest.length;
  const baseline = Math.max(stays, 1 - stays);
  console.log(`Right on 1000 rows that it has not seen: ${((accuracy ?? NaN) * 100).toFixed(1)} %`);
  console.log(`Who always says the more frequent: ${(baseline * 100).toFixed(1)} %`);

  // The model takes the columns as they are, and cities that it has never met.
  const someone = {
    city: ['Oslo', 'Atlantis'],
    device: ['phone', 'tablet'],
    offer: [7310, 1001],
    age: [25, 40],
    months: [1, 40],
    hours: [0.5, 20],
  };
  const columns = space.columns(someone);
  const predicted = await pipe(model, predict(columns));
  const [atRisk, safe] = predicted.dataSync();
  console.log(
    `Cancels: ${atRisk?.toFixed(2)} for a new customer in Oslo by phone, ${safe?.toFixed(2)} for an old one in Atlantis`,
  );

  tf.dispose([x, xTest, columns, predicted]);
  model.dispose();
  return { accuracy: accuracy ?? NaN, baseline, atRisk: atRisk ?? NaN, safe: safe ?? NaN };
};

void runAsProgram(module, main);
