/** A file of Keras's public data sets: where it is published and how it is recognised. */
export interface KerasFile {
  /** Its name, in the cache too. */
  readonly name: string;
  /** Its length in bytes. */
  readonly bytes: number;
  /** The SHA-256 of the file that Keras publishes. */
  readonly sha256: string;
  /** SHA-256 of other files that were checked to hold the same arrays. */
  readonly sameContent: readonly string[];
}

/** The folder from which Keras itself downloads. */
export const KERAS_ADDRESS = 'https://storage.googleapis.com/tensorflow/tf-keras-datasets/';

/** Files as Keras's sources pin them. */
export const KERAS_FILES = {
  mnist: {
    name: 'mnist.npz',
    bytes: 11_490_434,
    sha256: '731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1',
    // The same arrays, compressed again by a newer NumPy: the zip differs, the digits are MNIST's byte for byte.
    sameContent: ['5380ae5e862d614a357a1f3c7ab0a919a4adb62b8c4f92186836177715325f0a'],
  },
  imdb: {
    name: 'imdb.npz',
    bytes: 17_464_789,
    sha256: '69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f',
    // The same reviews in the same order, pickled again by Python 3 and a newer NumPy.
    sameContent: ['2157f3d2afcb8a8ce95445b5e185c0f7c68fe1eb45adab50cd7f904f79a99b80'],
  },
  imdbWordIndex: {
    name: 'imdb_word_index.json',
    bytes: 1_641_221,
    // Keras pins the MD5 of this file, bfafd718b763782e994055a2d397834f; this is the SHA-256 of the file that has it.
    sha256: '027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6',
    sameContent: [],
  },
  bostonHousing: {
    name: 'boston_housing.npz',
    bytes: 57_026,
    sha256: 'f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5',
    sameContent: [],
  },
} as const satisfies Record<string, KerasFile>;
