import type { Platform } from './platform';

/** A package of the npm registry, at one version whose contents are known. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** The tarball's hash, as npm writes it: `sha512-` and base64. */
  readonly integrity: string;
  /** The tarball's size in bytes. */
  readonly bytes: number;
}

/** One file of a {@link NativeRelease}. */
export interface ReleaseFile {
  /** Its path in the inner archive. */
  readonly from: string;
  /** Its name in the library's folder. */
  readonly to: string;
  readonly sha256: string;
}

/** TensorFlow's C library, inside a package of the npm registry. */
export interface NativeRelease {
  readonly package: PinnedPackage;
  readonly tensorflow: string;
  /** `process.platform`, `process.arch` and C library that it runs on. */
  readonly platform: Platform;
  /** The inner archive, a tar compressed with brotli, as a path in the package's tarball. */
  readonly archive: string;
  readonly files: readonly ReleaseFile[];
  /** The size of the files unpacked, in bytes. */
  readonly bytes: number;
}

/** tfjs-node: its JavaScript, without native parts. */
export const tfjsNode: PinnedPackage = {
  name: '@tensorflow/tfjs-node',
  version: '4.22.0',
  integrity:
    'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
  bytes: 228_166,
};

const inArchive = 'node_modules/@tensorflow/tfjs-node';

/**
 * TensorFlow 1.15.0 for linux on x64, as a package made for AWS Lambda carries it. The libraries are placed under the names
 * that they ask the dynamic linker for, so that no links are needed.
 */
export const tensorflow115: NativeRelease = {
  package: {
    name: 'tfjs-node-lambda-releases',
    version: '1.6.1',
    integrity:
      'sha512-D275PZpxsKenTuiPnvIE5T+D5JrT4aU9M3EDCedBQKlP0hUB7011Yzg8CAJ6MBIog9Lq90aaEair4yrBBlk61w==',
    bytes: 194_920_996,
  },
  tensorflow: '1.15.0',
  platform: { os: 'linux', arch: 'x64', libc: 'glibc' },
  archive: 'package/nodejs12.x-tf2.7.0.br',
  files: [
    {
      from: `${inArchive}/deps/LICENSE`,
      to: 'LICENSE',
      sha256: '37dbed59a6aef0803f24a7dac146679491c460faa8bc3834974d786acf56a40f',
    },
    {
      from: `${inArchive}/deps/THIRD_PARTY_TF_C_LICENSES`,
      to: 'THIRD_PARTY_TF_C_LICENSES',
      sha256: '5f3562285bfdda7b85c6d44c30db12918eacd9b0fb7defb063d4dd85c5839c6c',
    },
    {
      from: `${inArchive}/deps/lib/libtensorflow.so.1.15.0`,
      to: 'libtensorflow.so.1',
      sha256: '95590cd1cbe4fcd2065e17b2c797a39e2ee31b499d081aff77d3b70a93818daa',
    },
    {
      from: `${inArchive}/deps/lib/libtensorflow_framework.so.1.15.0`,
      to: 'libtensorflow_framework.so.1',
      sha256: '0217782c0ef974979ea371efa2b672622cd4486d2ec2746d24277a5f50d63e09',
    },
  ],
  bytes: 250_779_582,
};

/** TensorFlow's wheel for Python, which has the C library in it. */
export interface PinnedWheel {
  /** Its name and version in Python's index. */
  readonly name: string;
  readonly version: string;
  readonly platform: Platform;
  /** What Python calls the oldest system that it is for. */
  readonly tag: string;
  readonly sha256: string;
  /** How large it is, and the library in it. */
  readonly bytes: { readonly packed: number; readonly unpacked: number };
}

/** Python's version in the wheels' names; the C library in them is the same for all. */
export const WHEEL_PYTHON = '3.11';

const LINUX_X64: Platform = { os: 'linux', arch: 'x64', libc: 'glibc' };
const LINUX_ARM64: Platform = { os: 'linux', arch: 'arm64', libc: 'glibc' };

/**
 * The wheels that serve, newest first for each system; an older one is for older systems. Those for Windows do not serve, since their
 * libraries do not export the C API, nor do older ones for Linux on arm64, which are empty or need a library of their own beside.
 */
export const tensorflowWheels: readonly PinnedWheel[] = [
  {
    name: 'tensorflow_cpu',
    version: '2.21.0',
    platform: LINUX_X64,
    tag: 'manylinux_2_27_x86_64',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    bytes: { packed: 273_829_956, unpacked: 853_308_936 },
  },
  {
    name: 'tensorflow_cpu',
    version: '2.13.1',
    platform: LINUX_X64,
    tag: 'manylinux_2_17_x86_64',
    sha256: '87be6e61314b2c0fa062f71e26e41d6a17e162ffe4da72c820fe8f1fc94d97fe',
    bytes: { packed: 186_594_601, unpacked: 560_777_048 },
  },
  {
    name: 'tensorflow',
    version: '2.21.0',
    platform: LINUX_ARM64,
    tag: 'manylinux_2_27_aarch64',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    bytes: { packed: 281_828_020, unpacked: 883_062_208 },
  },
  {
    name: 'tensorflow',
    version: '2.21.0',
    platform: { os: 'darwin', arch: 'arm64', libc: '' },
    tag: 'macosx_12_0_arm64',
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    bytes: { packed: 223_405_849, unpacked: 740_805_624 },
  },
  {
    name: 'tensorflow',
    version: '2.16.2',
    platform: { os: 'darwin', arch: 'x64', libc: '' },
    tag: 'macosx_10_15_x86_64',
    sha256: 'ec06570d57bfa0e2be804405e3cdc2960e94887e7619ffb6bc053e9775b695aa',
    bytes: { packed: 259_588_062, unpacked: 735_388_648 },
  },
];
