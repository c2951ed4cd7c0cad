/**
 * Builds the documentation as a static site: `npm run docs`, or with a folder, `npm run docs -- --out FOLDER`.
 *
 * The programs of the guides are run first, and what they print and draw goes into the pages.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as keras from '../src/index';
import { root } from '../test/docs/extract';
import { guides } from './pages';
import { programsOf, runPrograms, type Outcome } from './programs';
import { openSite } from './reference';
import { stagePages } from './stage';
import { summaries } from './summaries';

/** What came of a build. */
export interface Built {
  /** What came of each program of the guides. */
  readonly outcomes: readonly Outcome[];
  /** What TypeDoc does not like, such as links that lead nowhere. */
  readonly warnings: readonly string[];
}

/** Builds the site into a folder. */
export const buildSite = async (out: string): Promise<Built> => {
  const staged = mkdtempSync(path.join(tmpdir(), 'keras-pipe-site-'));
  try {
    const programs = guides().flatMap(programsOf);
    const exported = new Set(Object.keys(keras));
    // Side by side: the programs are a process of their own.
    const running = runPrograms(programs, path.join(staged, 'site', 'guides'));
    running.catch(() => undefined);
    const sentences = summaries();
    const site = await openSite(staged, exported);
    const outcomes = await running;
    const runs = outcomes.flatMap((outcome, index) => {
      const program = programs[index];
      return program === undefined ? [] : [{ program, outcome }];
    });
    stagePages(staged, { exported, sentences, runs });
    const warnings = await site.write(out);
    return { outcomes, warnings };
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { out: { type: 'string' }, report: { type: 'string' } } });
  const out = path.resolve(values.out ?? path.join(root, 'build', 'docs'));
  const started = performance.now();
  const built = await buildSite(out);
  for (const warning of built.warnings) console.warn(warning);
  const failures = built.outcomes.flatMap(({ failure }) => failure ?? []);
  for (const failure of failures) console.error(failure);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${path.join(out, 'index.html')}: ${built.outcomes.length} programs run, ${seconds} s`);
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(built));
  if (failures.length > 0) process.exitCode = 1;
};

if (require.main === module) void main();
