/** Numbers of 16 bits, which JavaScript's arrays do not have. */

/** What the bits of a float16 say: a sign, five bits of exponent, ten of fraction. */
export const fromFloat16 = (bits: number): number => {
  const [sign, exponent, fraction] = [bits >>> 15 ? -1 : 1, (bits >>> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
};

/** The numbers of bfloat16s: the upper halves of float32s. */
export const fromBfloat16 = (bits: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(bits, (half) => half * 65_536).buffer);
