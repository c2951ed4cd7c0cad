/** Texts as TensorFlow has them: bytes, here as texts of a character for each byte, which compare and hash as the bytes do. */
import { bytesOfTexts } from '../../tfjs/binding';
import { tf, type Tensor } from '../../tfjs/tensorflow';

/** A text that has a character, from U+0000 to U+00FF, for each byte. */
export type ByteText = string;

const ASCII = /^[\u0000-\u007F]*$/;

/** The bytes of a text in UTF-8. */
export const bytesOf = (text: string): ByteText =>
  ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');

/** The text whose bytes in UTF-8 these are. */
export const textOf = (bytes: ByteText): string =>
  ASCII.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');

/** The texts of a tensor. */
export const readTexts = (x: Tensor): ByteText[] =>
  bytesOfTexts(x).map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('latin1'),
  );

/** A tensor of texts. */
export const textsTensor = (texts: readonly ByteText[], shape: readonly number[]): Tensor =>
  tf.tensor(
    texts.map((text) => Buffer.from(text, 'latin1')),
    [...shape],
    'string',
  );
