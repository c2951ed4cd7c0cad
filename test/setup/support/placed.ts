import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { choiceFile, locateLibrary } from '../../../src/native/locate';
import { leftovers, releaseContents, type Project, type Run } from './project';

/** Where setup puts a version, in a project. */
export const folderOf = (project: Project, version = '1.15.0'): string =>
  path.join(project.options.root, 'native', `tensorflow-${version}-linux-x64`);
export const libraryOf = (project: Project): string => path.join(folderOf(project), 'libtensorflow.so.1');
const inner = 'node_modules/@tensorflow/tfjs-node';

export const expectNothingLeft = (project: Project): void => {
  expect(leftovers(project.options.root)).toEqual([]);
  expect(leftovers(project.options.cache)).toEqual([]);
};

/** What a program of the project would load. */
export const located = ({ options }: Project, env: NodeJS.ProcessEnv = {}): string | undefined =>
  locateLibrary({
    root: options.root,
    cwd: options.cwd,
    env: { KERAS_PIPE_CACHE: options.cache, ...env },
    os: 'linux',
    arch: 'x64',
  })?.folder;

export const expectInPlace = (project: Project): void => {
  expect(located(project)).toBe(folderOf(project));
  expect(readFileSync(libraryOf(project), 'utf8')).toBe(
    releaseContents[`${inner}/deps/lib/libtensorflow.so.1.15.0`],
  );
  expect(readFileSync(path.join(folderOf(project), 'LICENSE'), 'utf8')).toBe('Apache');
};

/** What setup says when a library is in place: where it is, and why it is that one. */
export const inPlace = (
  project: Project,
  version = '1.15.0',
  source = 'TensorFlow 1.15.0 from the npm package releases@1.0.0',
): string =>
  `  in ${folderOf(project, version)}: setup has put it in place, from ${source}\nTensorFlow ${version} is in place and works.\n`;

/** Nothing was put in place, and nothing is left. */
export const expectUntouched = ({ options, runtime }: Project): void => {
  expect(existsSync(path.join(runtime, 'deps'))).toBe(false);
  expect(existsSync(choiceFile(options.root))).toBe(false);
  expect(readdirSync(options.root).filter((name) => name !== 'native')).toEqual(['package.json']);
  for (const folder of [options.root, runtime, options.cache]) expect(leftovers(folder)).toEqual([]);
};

/** Setup said why it failed, in these words. */
export const expectFailure = ({ code, stdout, stderr }: Run, ...texts: (string | RegExp)[]): void => {
  expect(code).toBe(1);
  expect(stdout).not.toContain('in place and works');
  expect(stderr).toContain("keras-pipe setup: TensorFlow's C library could not be put in place.");
  for (const text of texts) expect(stderr).toMatch(text);
};
