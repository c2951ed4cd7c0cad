import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TYPESCRIPT } from '../../support/programs';

/** The file that is downloaded: larger than any buffer on its way. */
export const CONTENT = Buffer.from(Array.from({ length: 1_500_000 }, (_, index) => (index * index) % 251));
export const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

const MAX_SECONDS = 60;

/** What a process says that downloads {@link CONTENT} from an address, with these variables set and no other proxy. */
export const downloadInProcess = async (
  address: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ said: string; ended: boolean }> => {
  const folder = await mkdtemp(join(tmpdir(), 'keras-pipe-'));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/proxy$/i.test(name) && !['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'].includes(name),
  );
  const child = spawn(
    process.execPath,
    [
      ...TYPESCRIPT,
      join(__dirname, 'download-child.ts'),
      address,
      String(CONTENT.length),
      SHA256,
      join(folder, 'part'),
    ],
    { env: { ...Object.fromEntries(inherited), ...environment } },
  );
  let said = '';
  child.stdout.on('data', (data) => (said += String(data)));
  child.stderr.on('data', (data) => (said += String(data)));
  let ended = true;
  const timer = setTimeout(() => {
    ended = false;
    child.kill('SIGKILL');
  }, MAX_SECONDS * 1000);
  await new Promise((done) => child.on('close', done));
  clearTimeout(timer);
  await rm(folder, { recursive: true, force: true });
  return { said: said.trim(), ended };
};
