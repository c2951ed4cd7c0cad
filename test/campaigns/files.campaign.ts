import { runBatches } from './batches';
import type { Campaign } from './campaign';
import { mutation } from './mutations';

const CASES = 12_000;
const QUICK_CASES = 450;
const MAX_SECONDS = 5;
const MAX_MEGABYTES = 1500;

export const campaign: Campaign = {
  name: 'files',
  description:
    'damaged data files (zip, npy, npz, pickle, json) load or are a KerasFileError, within 5 s and 1.5 GB',
  run: async (options) =>
    runBatches(
      {
        program: 'files-child.ts',
        cases: options.quick ? QUICK_CASES : CASES,
        casesInProcess: 3000,
        maxSeconds: MAX_SECONDS,
        maxMegabytes: MAX_MEGABYTES,
        describe: (seed, index) => mutation(seed, index).dataset,
      },
      options,
    ),
};
