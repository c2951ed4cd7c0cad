/**
 * How much more work it is to forget what comes of a thing than to dispose it: both by turns in this one process, so that what else
 * the machine does is in both, and each after all was collected and as many were done that are not timed. Arguments: a scenario, how
 * often a turn does it at least, and how many turns each has. Writes the ratios of processors' time, one for each two turns, as a line
 * of JSON.
 */
import { tf } from '../../src/index';
import { collectAll, processorMilliseconds } from './memory-common';
import { SCENARIOS, type Style } from './memory-scenarios';

/** Where V8 finds nothing of what is forgotten, a turn ends after so many times the cases that it has at least. */
const MAX_LENGTH = 8;

interface Turn {
  /** How often it was done. */
  readonly done: number;
  /** Milliseconds of processors for one. */
  readonly each: number;
}

const main = async (): Promise<void> => {
  const [name = '', least = '', turns = ''] = process.argv.slice(2);
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const works = { forget: scenario.prepare('forget'), dispose: scenario.prepare('dispose') };

  /** Does it so often, and on until some of what was forgotten has just been found. */
  const repeat = async (style: Style, count: number): Promise<Turn> => {
    const begun = processorMilliseconds();
    let done = 0;
    for (let [tensors, isFound] = [Infinity, false]; done < count || !isFound; done++) {
      const pending = works[style](done);
      if (pending !== undefined) await pending;
      const { numTensors } = tf.memory();
      isFound = style === 'dispose' || numTensors < tensors || done >= MAX_LENGTH * count;
      tensors = numTensors;
    }
    return { done, each: (processorMilliseconds() - begun) / done };
  };
  const turn = async (style: Style, count: number): Promise<Turn> => {
    await collectAll();
    // After a collection of all objects V8 has little room for young ones: all is dearer until it has given them more.
    await repeat(style, count);
    return repeat(style, count);
  };

  const { done } = await turn('forget', Number(least));
  await turn('dispose', done);
  const ratios: number[] = [];
  for (let number = 0; number < Number(turns); number++) {
    // Which comes first changes from turn to turn.
    const before = number % 2 === 0 ? await turn('dispose', done) : undefined;
    const forgotten = await turn('forget', Number(least));
    const disposed = before ?? (await turn('dispose', done));
    ratios.push(forgotten.each / disposed.each);
  }
  process.stdout.write(`${JSON.stringify(ratios)}\n`);
};
void main();
