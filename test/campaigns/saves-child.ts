/**
 * Saves models, one version after the other. Argument: JSON of the function, the place, the versions, how often, and how many bytes a file
 * may have. Says when it begins, and at its end what came of it.
 */
import { spawnSync } from 'node:child_process';
import { KerasFileError } from '../../src/index';
import { modelOf, SAVERS } from './savers';

/** What the child is to do. */
export interface Saving {
  readonly saver: string;
  readonly place: string;
  readonly versions: readonly number[];
  readonly times: number;
  readonly maxBytes?: number;
}

const main = async ({ saver, place, versions, times, maxBytes }: Saving): Promise<void> => {
  const save = SAVERS[saver]?.save;
  if (save === undefined) throw new Error(`there is no ${saver}`);
  const models = versions.map(modelOf);
  if (maxBytes !== undefined) {
    const { status, error } = spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${maxBytes}`]);
    if (status !== 0) throw new Error(`prlimit ended with ${String(status ?? error)}`);
  }
  process.stdout.write('begins\n');
  try {
    for (let time = 0; time < times; time++)
      await save(models[time % models.length] as (typeof models)[number], place); // there is one
    process.stdout.write('saved\n');
  } catch (error) {
    const isRight = error instanceof KerasFileError && error.message.startsWith(`${saver}: `);
    process.stdout.write(
      isRight ? 'refused\n' : `PROBLEM ${error instanceof Error ? String(error.stack) : String(error)}\n`,
    );
  }
};

void main(JSON.parse(process.argv[2] ?? '') as Saving); // as the campaign gives it
