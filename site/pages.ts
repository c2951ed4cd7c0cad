/** The pages of the site, in the order of its navigation. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../test/docs/extract';

/** A page of the site. */
export interface Page {
  /** Its source, from the project's folder, with forward slashes. */
  readonly file: string;
  /** Its heading. */
  readonly title: string;
  /** What is on it, in a line. */
  readonly about: string;
}

/** The page that the site begins with. */
export const START = 'site/guides/start.md';

/** What is on each page that has a place of its own in the order. */
const ABOUT: Readonly<Record<string, string>> = {
  [START]: '',
  'site/guides/lecture.md': 'The lecture, section by section, with the plots that its code draws',
  'site/guides/from-r.md': 'Every function of R keras by its R name, and what is different',
  'site/guides/from-python.md': 'Keras’s models, calls and files, and what they are here',
  'site/guides/from-tfjs.md': 'What stays, what changes, and what is gained',
  'site/guides/cookbook.md': 'Thirty recipes: a block of code each',
  'site/guides/plots.md': 'Plots, diagrams of models, the live page, TensorBoard',
  'docs/own-parts.md': 'Layers, models, losses, metrics, callbacks and loops of your own',
  'site/guides/errors.md': 'The kinds of errors, what causes them, and what helps',
  'site/guides/memory.md': 'Who frees what, and how to see it',
  'site/guides/speed.md': 'What makes training quick, and how to measure it',
  'docs/scale.md': 'More data and larger models',
  'docs/onnx.md': 'What of a model goes into an ONNX file',
  'docs/backend.md': 'R’s `k_*` functions as operations of `tf`',
  'docs/coverage.md': 'What of R keras is left out, and why',
  'docs/libraries.md': 'Where TensorFlow’s versions differ in their numbers',
  'bench/README.md': 'What is measured, and how',
  'datasets/README.md': 'Where the samples come from, and their licenses',
  'CHANGELOG.md': 'What is new',
};

export const readSource = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const headingOf = (file: string): string => {
  const heading = /^# (.*)$/m.exec(readSource(file))?.[1];
  if (heading === undefined) throw new Error(`${file} has no heading`);
  return heading;
};

let known: readonly Page[] | undefined;

/** All pages: those of the list that are there, and what else is in `docs/` and `site/guides/`. */
export const pages = (): readonly Page[] => (known ??= findPages());

const findPages = (): Page[] => {
  const found = ['docs', 'site/guides'].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  );
  const listed = Object.keys(ABOUT).filter((file) => existsSync(path.join(root, file)));
  const others = found.filter((file) => !(file in ABOUT)).sort();
  return [...listed, ...others].map((file) => ({
    file,
    title: headingOf(file),
    about: ABOUT[file] ?? '',
  }));
};

/** The guides: their blocks of code are run when the site is built, and what they print and draw is shown. */
export const guides = (): string[] =>
  pages()
    .map(({ file }) => file)
    .filter((file) => file.startsWith('site/guides/'));
