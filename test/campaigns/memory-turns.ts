/**
 * How much more work it is to forget what comes of a thing than to dispose it: both by turns in this one process, so that what else
 * the machine does is in both. Arguments: a scenario, how often a turn does it at least, and how many turns each has. Writes the
 * ratios of processors' time, one for each two turns, as a line of JSON.
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
  const forget = async (count: number): Promise<Turn> => {
    // Only from one collection to another is it known what one case costs.
    await repeat('forget', Math.ceil(count / MAX_LENGTH));
    const turn = await repeat('forget', count);
    await collectAll();
    return turn;
  };

  const { done } = await forget(Number(least));
  await repeat('dispose', done);
  const ratios: number[] = [];
  for (let turn = 0; turn < Number(turns); turn++) {
    // Which comes first changes from turn to turn.
    const before = turn % 2 === 0 ? await repeat('dispose', done) : undefined;
    const forgotten = await forget(Number(least));
    const disposed = before ?? (await repeat('dispose', done));
    ratios.push(forgotten.each / disposed.each);
  }
  process.stdout.write(`${JSON.stringify(ratios)}\n`);
};
void main();
