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
  /** Its path under tfjs-node's folder. */
  readonly to: string;
  readonly sha256: string;
}

/** TensorFlow's C library and tfjs-node's addon, inside a package of the npm registry. */
export interface NativeRelease {
  readonly package: PinnedPackage;
  readonly tensorflow: string;
  /** `process.platform`, `process.arch` and C library that it runs on. */
  readonly platform: { readonly os: string; readonly arch: string; readonly libc: string };
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
 * TensorFlow 1.15.0 for linux on x64, as a package made for AWS Lambda carries it. Its addon, built against Node-API
 * version 6, serves tfjs-node 4.22 under the version 8 that tfjs-node looks for: the later versions only add to it.
 * The libraries are placed under the names that the addon asks the dynamic linker for, so that no links are needed.
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
      to: 'deps/LICENSE',
      sha256: '37dbed59a6aef0803f24a7dac146679491c460faa8bc3834974d786acf56a40f',
    },
    {
      from: `${inArchive}/deps/THIRD_PARTY_TF_C_LICENSES`,
      to: 'deps/THIRD_PARTY_TF_C_LICENSES',
      sha256: '5f3562285bfdda7b85c6d44c30db12918eacd9b0fb7defb063d4dd85c5839c6c',
    },
    {
      from: `${inArchive}/deps/lib/libtensorflow.so.1.15.0`,
      to: 'deps/lib/libtensorflow.so.1',
      sha256: '95590cd1cbe4fcd2065e17b2c797a39e2ee31b499d081aff77d3b70a93818daa',
    },
    {
      from: `${inArchive}/deps/lib/libtensorflow_framework.so.1.15.0`,
      to: 'deps/lib/libtensorflow_framework.so.1',
      sha256: '0217782c0ef974979ea371efa2b672622cd4486d2ec2746d24277a5f50d63e09',
    },
    {
      from: `${inArchive}/lib/napi-v6/tfjs_binding.node`,
      to: 'lib/napi-v8/tfjs_binding.node',
      sha256: '49a5197e63982786cfff5af282d5bfefd8b55a728daa04925b031ced6d4dc0c5',
    },
  ],
  bytes: 250_862_790,
};
