/** An ELF file's first bytes, with one segment that is loaded and, for a program, its interpreter. */
export const elf = ({ machine = 62, loaded = 4096, interpreter = '' } = {}): Buffer => {
  const start = Buffer.alloc(512);
  start.writeUInt32BE(0x7f454c46, 0);
  start[4] = 2;
  start.writeUInt16LE(machine, 18);
  start.writeBigUInt64LE(64n, 32);
  start.writeUInt16LE(56, 54);
  start.writeUInt16LE(2, 56);
  start.writeUInt32LE(1, 64);
  start.writeBigUInt64LE(BigInt(loaded), 64 + 32);
  if (interpreter !== '') {
    start.writeUInt32LE(3, 120);
    start.writeBigUInt64LE(256n, 120 + 8);
    start.writeBigUInt64LE(BigInt(interpreter.length + 1), 120 + 32);
    start.write(`${interpreter}\0`, 256, 'latin1');
  }
  return start;
};
