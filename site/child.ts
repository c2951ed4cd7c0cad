/**
 * Runs the programs of the guides, given as JSON on standard input, in the folder that the second argument names, and writes what came of
 * each, a line of JSON, to the file that the first one names. One process for all, since starting TensorFlow takes longer than most of them.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { compile, linesBefore, runSnippet, urlOf } from '../test/docs/run';
import { BLOCK_END, type Outcome, type Program } from './programs';

/** Stacks name the JavaScript that was made of a program: its lines are not those of the page. */
const withOwnLines = (text: string, { snippet }: Program, number: number, folder: string): string => {
  const { map } = compile(snippet);
  // Which folder of the machine it ran in is nobody's business.
  return text
    .replaceAll(`${folder}/`, '')
    .replaceAll(new RegExp(`\\S*${urlOf(number)}:(\\d+)`, 'g'), (_, line: string) => {
      const entry = map.findEntry(Number(line) - 1 - linesBefore, 0);
      return `program.ts:${'originalLine' in entry ? entry.originalLine + 1 : 1}`;
    });
};

/** What a program writes to its standard streams. */
const listen = (): { readonly stop: () => string } => {
  let text = '';
  const hear = (chunk: string | Uint8Array): boolean => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  };
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) Object.defineProperty(stream, 'write', { value: hear, configurable: true });
  return {
    stop: () => {
      // Uncovers the stream's own.
      for (const stream of streams) Reflect.deleteProperty(stream, 'write');
      return text;
    },
  };
};

/** Frees what the program before has left, so that the next one counts its own tensors only. */
const forget = async (): Promise<void> => {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 1));
};

const main = async (results: string, folder: string): Promise<void> => {
  const programs = JSON.parse(readFileSync(0, 'utf8')) as Program[];
  for (const [number, program] of programs.entries()) {
    await forget();
    const started = performance.now();
    const ear = listen();
    const failure = await runSnippet(program.snippet, number, folder);
    const printed = withOwnLines(ear.stop(), program, number, folder).split(`${BLOCK_END}\n`);
    const milliseconds = Math.round(performance.now() - started);
    const outcome: Outcome = { failure, printed, milliseconds };
    appendFileSync(results, `${JSON.stringify(outcome)}\n`);
  }
};

void main(process.argv[2] ?? '', process.argv[3] ?? '');
