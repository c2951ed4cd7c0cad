/** Runs `keras-pipe setup` in a process of its own, on a project and with parameters, both given as JSON. */
import { main, prepareProcess } from '../../../src/setup/cli';
import { koffiLoads, tryText, type PlainOptions } from './project';

const options = JSON.parse(process.argv[2] ?? '') as PlainOptions;
prepareProcess();
void main(JSON.parse(process.argv[3] ?? '["setup"]') as string[], {
  stdout: process.stdout,
  stderr: process.stderr,
  options: { ...options, tryNative: tryText, tryKoffi: koffiLoads },
}).then((code) => {
  process.exitCode = code;
});
