/**
 * Weather: the temperature of tomorrow from the last five days, against common sense.
 *
 * The book takes ten years of the weather station at Jena. Here the series is made up, with what matters of it: seasons, days, and a
 * pressure that tells what comes the day after. Common sense says that tomorrow at this hour it is as warm as now; a network that cannot do
 * better has learned nothing. The windows are cut while the network trains.
 */
import {
  compile,
  evaluate,
  fit,
  kerasModelSequential,
  layerDense,
  layerGru,
  optimizerAdam,
  pipe,
  setRandomSeed,
  timeseriesGenerator,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const HOURS_AHEAD = 24;
const DAY = 24;
const YEAR = 365 * DAY;

/** Numbers between −1 and 1, the same each time. */
const noiseFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return (2 * state) / 2_147_483_647 - 1;
  };
};

/** Temperature and pressure, hour by hour: the pressure of now is the temperature's turn in a day. */
const makeWeather = (hours: number, seed: number): { temperature: number[]; pressure: number[] } => {
  const noise = noiseFrom(seed + 1);
  const pressure: number[] = [];
  for (let hour = 0; hour < hours + HOURS_AHEAD; hour++) {
    pressure.push(0.96 * (pressure[hour - 1] ?? 0) + noise());
  }
  const temperature = Array.from({ length: hours }, (_, hour) => {
    const season = 10 - 8 * Math.cos((2 * Math.PI * hour) / YEAR);
    const day = -4 * Math.cos((2 * Math.PI * hour) / DAY);
    return season + day - 2 * (pressure[hour] ?? 0) + 0.3 * noise();
  });
  return { temperature, pressure: pressure.slice(HOURS_AHEAD) };
};

const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;

/** Minus the mean, divided by the standard deviation, both of the first rows only; and that deviation. */
const standardized = (
  values: readonly number[],
  rows: number,
): { readonly numbers: number[]; readonly deviation: number } => {
  const known = values.slice(0, rows);
  const center = mean(known);
  const deviation = Math.sqrt(mean(known.map((value) => (value - center) ** 2)));
  return { numbers: values.map((value) => (value - center) / deviation), deviation };
};

export const main = async ({
  quick = false,
  seed = 1,
  epochs = quick ? 3 : 10,
  verbose = 0,
}: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const hours = quick ? 4000 : 20_000;
  const { temperature, pressure } = makeWeather(hours, seed);
  const split = Math.floor(0.75 * hours);
  const degrees = standardized(temperature, split);
  const pressures = standardized(pressure, split);
  const data = degrees.numbers.map((degree, hour) => [degree, pressures.numbers[hour] ?? 0]);
  // The target of a window that ends before an hour is the temperature a day after the window's end.
  const usable = hours - HOURS_AHEAD;
  const targets = degrees.numbers.map((_, hour) => degrees.numbers[hour + HOURS_AHEAD - 1] ?? 0);
  const windows = { targets, length: 5 * DAY, samplingRate: 6, batchSize: 64 };
  const training = timeseriesGenerator(data, { ...windows, endIndex: split - HOURS_AHEAD, shuffle: true });
  const validation = timeseriesGenerator(data, { ...windows, startIndex: split, endIndex: usable });

  const errors = temperature
    .slice(split + windows.length - 1, usable)
    .map((now, index) =>
      Math.abs(now - (temperature[split + windows.length - 1 + index + HOURS_AHEAD] ?? now)),
    );
  const commonSense = mean(errors);
  console.log(`Common sense: off by ${commonSense.toFixed(2)} degrees`);

  const model = pipe(
    kerasModelSequential(),
    layerGru({ units: 16, inputShape: [null, 2] }),
    layerDense({ units: 1 }),
    compile({ optimizer: optimizerAdam({ learningRate: 0.01 }), loss: 'mse', metrics: ['mae'] }),
  );
  await fit(model, training, { epochs, verbose, validationData: validation });
  const evaluated = await evaluate(model, validation, { verbose: 0 });
  const mae = (evaluated['mae'] ?? NaN) * degrees.deviation;
  console.log(`The network: off by ${mae.toFixed(2)} degrees`);
  model.dispose();
  return { commonSense, mae };
};

void runAsProgram(module, main);
