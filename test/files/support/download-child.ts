/** A process that downloads one file, as a user's program does: what it says, and whether it ends, is looked at. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { download } from '../../../src/files/download';

const [address = '', bytes = '', sha256 = '', part = ''] = process.argv.slice(2);
const progress = { update: () => undefined, end: () => undefined };
const wanted = {
  address: new URL(address),
  bytes: Number(bytes),
  hash: { algorithm: 'sha256' as const, hex: sha256 },
};
download(wanted, part, progress, { connect: 1000, idle: 2000 }).then(
  () => console.log(`downloaded ${createHash('sha256').update(readFileSync(part)).digest('hex')}`),
  (error: unknown) => console.log(String(error)),
);
