import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chance } from './campaign';
import { mutation } from './mutations';
import { campaignNames, runCampaigns } from './run';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** The parts of a campaign of this name. */
const PARTS: Readonly<Record<string, string>> = { divided: "['one', 'two']" };

/** A folder with campaigns that report what is given, and what running them says. */
const runIn = async (
  campaigns: Readonly<Record<string, string>>,
  ...parameters: string[]
): Promise<{ code: number; said: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'keras-pipe-'));
  folders.push(folder);
  mkdirSync(folder, { recursive: true });
  for (const [name, result] of Object.entries(campaigns)) {
    const parts = PARTS[name] ?? 'undefined';
    const program = `exports.campaign = { description: 'made up', parts: ${parts}, run: async (options) => (${result}) };`;
    writeFileSync(join(folder, `${name}.campaign.ts`), program);
  }
  let said = '';
  const code = await runCampaigns(parameters, { write: (text) => (said += text) }, folder);
  return { code, said };
};

test('says how many cases and problems there were, and fails if there was one', async () => {
  const good = '{ cases: 3, problems: [] }';
  const bad = "{ cases: 2, problems: ['case 1: no'] }";
  expect(await runIn({ good })).toEqual({ code: 0, said: 'good: made up\ngood: 3 cases, 0 problems\n' });
  expect(await runIn({ good, bad })).toEqual({
    code: 1,
    said: 'bad: made up\n  PROBLEM case 1: no\nbad: 2 cases, 1 problems\ngood: made up\ngood: 3 cases, 0 problems\n',
  });
  expect(await runIn({ good, bad }, 'good')).toMatchObject({ code: 0 });
  expect(await runIn({ none: '{ cases: 0, problems: [] }' })).toMatchObject({ code: 1 });
  expect(await runIn({ good }, 'other')).toEqual({
    code: 2,
    said: 'There is no campaign other; there are good.\n',
  });
});

test('hands on the seed, and whether it should be quick', async () => {
  const told = '{ cases: 1, problems: [`${options.quick} ${options.seed}`] }';
  expect((await runIn({ told }, '--quick', '--seed', '7')).said).toContain('PROBLEM true 7\n');
  expect((await runIn({ told })).said).toContain('PROBLEM false 1\n');
});

test('runs one part of those that have some', async () => {
  const folder = { told: '{ cases: 1, problems: [String(options.part)] }' };
  expect((await runIn(folder)).said).toContain('PROBLEM undefined\n');
  expect(await runIn(folder, '--part', 'one')).toEqual({
    code: 2,
    said: 'told has no part one; it has none.\n',
  });
  const divided = { divided: '{ cases: 1, problems: [String(options.part)] }' };
  expect((await runIn(divided, '--part', 'two')).said).toContain('PROBLEM two\n');
  expect(await runIn(divided, '--part', 'three')).toEqual({
    code: 2,
    said: 'divided has no part three; it has one, two.\n',
  });
});

test('finds the campaigns of this folder', () => {
  expect(campaignNames()).toEqual(expect.arrayContaining(['calls', 'files', 'kills', 'proxies']));
});

test('chance is the same for a seed, and spread', () => {
  const draw = (seed: number, index: number): number[] => {
    const chance = new Chance(seed, index);
    return Array.from({ length: 1000 }, () => chance.fraction());
  };
  expect(draw(1, 2)).toEqual(draw(1, 2));
  expect(draw(1, 2)).not.toEqual(draw(1, 3));
  expect(draw(1, 2)).not.toEqual(draw(2, 2));
  const mean = draw(3, 4).reduce((a, b) => a + b, 0) / 1000;
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
});

test('damaged files differ, and are the same for a seed', () => {
  const made = Array.from({ length: 90 }, (_, index) => mutation(1, index).content.toString('latin1'));
  expect(new Set(made).size).toBeGreaterThan(80);
  expect(mutation(1, 17)).toEqual(mutation(1, 17));
});
