/** Runs `keras-pipe setup` in a process of its own, on a project given as JSON. */
import { main, prepareProcess } from '../../../src/setup/cli';
import { koffiLoads, tryText, type PlainOptions } from './project';

const options = JSON.parse(process.argv[2] ?? '') as PlainOptions;
prepareProcess();
void main(['setup'], {
  stdout: process.stdout,
  stderr: process.stderr,
  options: { ...options, tryNative: tryText, tryKoffi: koffiLoads },
}).then((code) => {
  process.exitCode = code;
});
