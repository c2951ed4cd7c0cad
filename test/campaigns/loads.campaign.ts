import { runBatches } from './batches';
import type { Campaign } from './campaign';
import { damagedModel, LOAD_FORMATS, numberOf } from './load-formats';

const CASES = 10_000;
const QUICK_CASES = 150;
/** More than the 30 that the HDF5 library gets for one thing. */
const MAX_SECONDS = 45;
const MAX_MEGABYTES = 1200;

export const campaign: Campaign = {
  name: 'loads',
  description: `damaged model files (${LOAD_FORMATS.map(({ name }) => name).join(', ')}) are a KerasFileError or a right model, within ${MAX_SECONDS} s and ${MAX_MEGABYTES} MB`,
  parts: LOAD_FORMATS.map(({ name }) => name),
  run: async (options) =>
    runBatches(
      {
        program: 'loads-child.ts',
        parameters: options.part === undefined ? [] : [options.part],
        cases: (options.part === undefined ? LOAD_FORMATS.length : 1) * (options.quick ? QUICK_CASES : CASES),
        casesInProcess: 1000,
        maxSeconds: MAX_SECONDS,
        maxMegabytes: MAX_MEGABYTES,
        describe: (seed, index) => damagedModel(seed, numberOf(index, options.part)).format,
      },
      options,
    ),
};
