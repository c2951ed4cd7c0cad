/** The checksum of TensorFlow's files: CRC-32C, Castagnoli's polynomial, and how TensorFlow masks it where it is stored. */

const POLYNOMIAL = 0x82f63b78;

/** How many bytes are taken at once. */
const WIDTH = 8;

/** For each of so many bytes, one after the other, what each of its values does to the checksum. */
const TABLES = ((): readonly Int32Array[] => {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
    first[byte] = sum;
  }
  const tables = [first];
  for (let position = 1; position < WIDTH; position++) {
    const before = tables[position - 1] as Int32Array; // made in the round before
    tables.push(before.map((sum) => (sum >>> 8) ^ (first[sum & 255] ?? 0)));
  }
  return tables;
})();

/** The checksum of bytes, or of those after the ones whose checksum is `before`. */
export const crc32c = (bytes: Uint8Array, before = 0): number => {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ]; // as many as the width
  let sum = ~before;
  let at = 0;
  const whole = bytes.length - (bytes.length % WIDTH);
  // All indices are within the tables, and within the bytes.
  for (; at < whole; at += WIDTH) {
    sum ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    sum =
      (t7[sum & 255] as number) ^
      (t6[(sum >>> 8) & 255] as number) ^
      (t5[(sum >>> 16) & 255] as number) ^
      (t4[sum >>> 24] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ (t0[(sum ^ (bytes[at] as number)) & 255] as number);
  return ~sum >>> 0;
};

const MASK_DELTA = 0xa282ead8;

/** A checksum as it is stored: the checksum of bytes among which checksums are would else be no good one. */
export const maskedCrc32c = (sum: number): number => (((sum >>> 15) | (sum << 17)) + MASK_DELTA) >>> 0;
