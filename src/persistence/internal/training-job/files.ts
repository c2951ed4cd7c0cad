/** What the files of a job are called. */

/** What the programs read first; it is in all folders of jobs. */
export const JOB = 'job.json';

/** The model, for each version of Keras in a file of its own format. */
export const MODEL = { 2: 'model.h5', 3: 'model.keras' } as const;

/** The programs: they stand beside this file as they are. */
export const PROGRAM = { train: 'train.py', ray: 'train_ray.py' } as const;

/** Where the programs put what comes of the training. */
export const RESULT = 'result';
