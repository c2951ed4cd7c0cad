/**
 * Runs campaigns: `npm run campaigns -- [--quick] [--seed N] [--part PART] [name …]`, all of them unless some are named. A long one may
 * have parts, of which one can be run by itself.
 *
 * A campaign is a file `NAME.campaign.ts` in this folder that exports `campaign`. Each ends with a line
 * `NAME: N cases, N problems`; the exit code is 1 if there are any problems.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Campaign } from './campaign';

const ENDING = '.campaign.ts';
const MAX_SHOWN = 20;

/** The names of all campaigns. */
export const campaignNames = (folder = __dirname): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();

const load = (name: string, folder: string): Campaign => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which modules there are is known when it runs
  const module = require(path.join(folder, `${name}${ENDING}`)) as { campaign: Campaign };
  return module.campaign;
};

interface Output {
  write(text: string): unknown;
}

/** Runs the campaigns that the parameters name; resolves to the exit code. */
export const runCampaigns = async (
  parameters: readonly string[],
  output: Output,
  folder = __dirname,
): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      part: { type: 'string' },
    },
  });
  const known = campaignNames(folder);
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    output.write(`There is no campaign ${unknown.join(', ')}; there are ${known.join(', ')}.\n`);
    return 2;
  }
  let failed = false;
  for (const name of positionals.length > 0 ? positionals : known) {
    const campaign = load(name, folder);
    const { part } = values;
    if (part !== undefined && campaign.parts?.includes(part) !== true) {
      output.write(`${name} has no part ${part}; it has ${campaign.parts?.join(', ') ?? 'none'}.\n`);
      return 2;
    }
    output.write(`${name}: ${campaign.description}\n`);
    const progress = (text: string): void => void output.write(`  ${text}\n`);
    const result = await campaign.run({ quick: values.quick, seed: Number(values.seed), part, progress });
    for (const problem of result.problems.slice(0, MAX_SHOWN)) output.write(`  PROBLEM ${problem}\n`);
    output.write(`${name}: ${result.cases} cases, ${result.problems.length} problems\n`);
    // A campaign that has nothing to say found nothing out.
    failed ||= result.problems.length > 0 || result.cases === 0;
  }
  return failed ? 1 : 0;
};

if (require.main === module) {
  void runCampaigns(process.argv.slice(2), process.stdout).then((code) => {
    process.exitCode = code;
  });
}
