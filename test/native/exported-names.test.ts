import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportedOf } from '../../src/native/exported-names';
import { elf } from './elf';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('what a program exports is found, and nothing else', () => {
  const there = ['napi_create_object', 'napi_get_value_int32', 'uv_loop_init', 'node_module_register'];
  const notThere = ['napi_create_objec', 'napi_create_objects', 'no_such_function', ''];
  expect(exportedOf(process.execPath, [...notThere, ...there])).toEqual(there);
});

onLinux('of a library, what it needs of others does not count', () => {
  const { resolve } = createRequire(__filename);
  const other = path.join(path.dirname(resolve('koffi')), '..', '@koromix', `koffi-linux-${process.arch}`);
  const addon = path.join(other, `linux_${process.arch}`, 'koffi.node');
  expect(exportedOf(addon, ['napi_create_object', 'napi_register_module_v1'])).toEqual([
    'napi_register_module_v1',
  ]);
});

test('a file without such tables exports nothing; one that is cut off is an error', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'keras-pipe-test-'));
  const file = path.join(folder, 'library.so');
  writeFileSync(file, elf());
  expect(exportedOf(file, ['malloc'])).toEqual([]);
  writeFileSync(file, elf().subarray(0, 100));
  expect(() => exportedOf(file, ['malloc'])).toThrow(/library\.so ends before \d+/);
  rmSync(folder, { recursive: true });
});
