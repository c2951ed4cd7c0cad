import path from 'node:path';
import { currentState, tryAddon, tryJavaScript } from '../../src/setup/check';
import { tfjsNode } from '../../src/setup/pinned';
import { addonPath, packageRoot, javascriptPackages } from '../../src/native/runtime';
import { makeProject, removeFolders, temporaryFolder, tryText, write } from './support/project';

afterEach(removeFolders);

const [installed] = javascriptPackages(packageRoot);

describe('native parts', () => {
  it('of this repository compute', async () => {
    const trial = await tryAddon(addonPath(installed?.directory ?? ''));
    expect(trial).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  it('that are no library', async () => {
    const addon = path.join(temporaryFolder(), 'tfjs_binding.node');
    write(addon, 'rubbish '.repeat(1000));
    expect(await tryAddon(addon)).toEqual({
      reason: expect.stringContaining('tfjs_binding.node: invalid ELF header'),
    });
  });

  it('that are not there', async () => {
    const addon = path.join(temporaryFolder(), 'tfjs_binding.node');
    expect(await tryAddon(addon)).toEqual({
      reason: expect.stringContaining(`Cannot find module '${addon}'`),
    });
  });

  // JavaScript takes the place of a library here: what counts is how its process ends.
  it.each([
    [
      'process.kill(process.pid, "SIGILL")',
      'it needs instructions that this processor does not have (SIGILL)',
    ],
    ['process.kill(process.pid, "SIGSEGV")', 'it crashes (SIGSEGV)'],
    [
      `module.exports = {
        createTensor: () => 1, executeOp: () => [{ id: 2 }], tensorDataSync: () => [1, 2], TF_Version: '9.9.9'
      }`,
      'TensorFlow computed 1,2 for the negatives of 1 and -2',
    ],
  ])('that do %s', async (program, reason) => {
    const addon = path.join(temporaryFolder(), 'addon.js');
    write(addon, program);
    expect(await tryAddon(addon)).toEqual({ reason });
  });
});

describe('the JavaScript of tfjs-node', () => {
  it('of this repository is whole', () => {
    expect(tryJavaScript(installed?.directory ?? '', tfjsNode.version)).toEqual({});
  });

  it('of another version', () => {
    expect(tryJavaScript(makeProject().runtime, '4.21.0')).toEqual({ reason: 'it is version 4.22.0' });
  });

  it('without what it requires', () => {
    const folder = path.join(temporaryFolder(), 'tfjs-node');
    write(path.join(folder, 'package.json'), '{ "version": "4.22.0" }');
    write(path.join(folder, 'index.js'), '');
    expect(tryJavaScript(folder, '4.22.0').reason).toMatch(/Cannot find module '@tensorflow\/tfjs'/);
  });
});

describe('the state', () => {
  it('of a project without anything', async () => {
    const { root } = makeProject({ withRuntime: false }).options;
    expect(await currentState(root, '4.22.0', tryText)).toEqual({
      working: undefined,
      reason: 'it is not installed',
    });
  });

  it('of a project whose native parts do not run', async () => {
    const { options, runtime } = makeProject();
    write(addonPath(runtime), 'rubbish');
    const state = await currentState(options.root, '4.22.0', tryText);
    expect(state).toEqual({ working: undefined, reason: `${addonPath(runtime)}: invalid ELF header` });
  });
});
