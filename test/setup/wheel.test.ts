import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tensorflowWheels } from '../../src/native/pinned';
import { libraryMembers } from '../../src/setup/wheel';

/** A wheel of TensorFlow's as Python's index gives it: some of the names in it, all those of libraries and licenses among them. */
interface Listing {
  readonly file: string;
  readonly os: string;
  readonly sha256: string;
  /** How many members it has. */
  readonly members: number;
  readonly names: readonly string[];
}

const listings = JSON.parse(
  readFileSync(path.join(__dirname, 'support', 'wheel-listings.json'), 'utf8'),
) as Listing[]; // as it is beside this file

const LINUX = ['tensorflow/libtensorflow_framework.so.2', 'tensorflow/libtensorflow_cc.so.2'];
const MACOS = ['tensorflow/libtensorflow_framework.2.dylib', 'tensorflow/libtensorflow_cc.2.dylib'];
const NOTICES = 'tensorflow/THIRD_PARTY_NOTICES.txt';

test.each([
  ['tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl', [...LINUX, NOTICES]],
  [
    'tensorflow_cpu-2.13.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    [...LINUX, 'tensorflow_cpu-2.13.1.dist-info/LICENSE'],
  ],
  ['tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl', [...LINUX, NOTICES]],
  ['tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl', [...MACOS, NOTICES]],
  ['tensorflow-2.16.2-cp311-cp311-macosx_10_15_x86_64.whl', [...MACOS, NOTICES]],
  // Its libraries export nothing.
  ['tensorflow-2.21.0-cp311-cp311-win_amd64.whl', []],
  // Nothing but a dependency on another wheel.
  ['tensorflow-2.13.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl', []],
])('what is taken of %s', (file, expected) => {
  const listing = listings.find((each) => each.file === file);
  expect(libraryMembers(listing?.names ?? [], listing?.os ?? '')).toEqual(expected);
});

test.each(
  tensorflowWheels.map((wheel) => [`${wheel.name} ${wheel.version} for ${wheel.tag}`, wheel] as const),
)('the wheel that is pinned, %s, has the library in it', (_, { name, version, tag, platform, sha256 }) => {
  const listing = listings.find((each) => each.sha256 === sha256);
  expect(listing?.file).toMatch(new RegExp(`^${name}-${version}-cp311-cp311-${tag}\\b`));
  expect(listing?.os).toBe(platform.os);
  expect(libraryMembers(listing?.names ?? [], platform.os).length).toBeGreaterThanOrEqual(2);
});
