import type http from 'node:http';
import { serve } from '../datasets/support';
import { CONTENT, downloadInProcess, SHA256 } from '../files/support/download';
import {
  CERTIFICATE,
  startHttps,
  startProxy,
  startSocketServer,
  type Listening,
  type ProxyOptions,
} from '../files/support/servers';
import { Chance, type Campaign } from './campaign';

const CASES = 150;
const QUICK_CASES = 12;
const HOST = 'data.example.test';

/** A proxy of one kind, and whether a download gets through it. */
interface Way {
  readonly what: string;
  readonly works: boolean;
  readonly proxy?: ProxyOptions;
  /** In place of a proxy: what is said to whoever connects. */
  readonly says?: string;
  readonly user?: string;
}

const WAYS: readonly [Way, ...Way[]] = [
  { what: 'a proxy', works: true },
  { what: 'a proxy over TLS', works: true, proxy: { secure: true } },
  {
    what: 'a proxy with a user',
    works: true,
    proxy: { user: 'me:p@ss:word/é' },
    user: 'me:p%40ss%3Aword%2F%C3%A9@',
  },
  { what: 'a proxy with a token', works: true, proxy: { user: 'token:' }, user: 'token@' },
  { what: 'a proxy that breaks off', works: true, proxy: { cutAfter: 700_000 } },
  { what: 'a proxy over TLS with a user', works: true, proxy: { secure: true, user: 'a:b' }, user: 'a:b@' },
  { what: 'a proxy that wants a user', works: false, proxy: { user: 'me:pass' } },
  { what: 'a proxy that wants another user', works: false, proxy: { user: 'me:pass' }, user: 'me:wrong@' },
  { what: 'a proxy that refuses', works: false, proxy: { refuse: 403 } },
  { what: 'a proxy without a way on', works: false, proxy: { refuse: 502 } },
  { what: 'a proxy that is silent', works: false, proxy: { silent: true } },
  { what: 'a proxy that talks nonsense', works: false, says: 'SSH-2.0-OpenSSH_9.6\r\n' },
  { what: 'a proxy that hangs up', works: false, says: '' },
  { what: 'a proxy that stops half way', works: false, says: 'HTTP/1.1 200 Connec' },
  {
    what: 'a proxy that is a web server',
    works: false,
    says: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno',
  },
];

/** What the server does that the proxy leads to. */
interface Server {
  readonly what: string;
  readonly works: boolean;
  readonly handler: http.RequestListener;
}
const SERVERS: readonly [Server, ...Server[]] = [
  { what: 'a server', works: true, handler: serve(CONTENT) },
  { what: 'a server', works: true, handler: serve(CONTENT) },
  {
    what: 'a server that redirects',
    works: true,
    handler: (request, response) => {
      if (request.url === '/file.npz') response.writeHead(307, { location: '/moved.npz' }).end();
      else serve(CONTENT)(request, response);
    },
  },
  {
    what: 'a server that redirects to a place without encryption',
    works: false,
    handler: (_, response) => response.writeHead(302, { location: `http://${HOST}/file.npz` }).end(),
  },
  {
    what: 'a server without the file',
    works: false,
    handler: (_, response) => response.writeHead(404).end(),
  },
  {
    what: 'a server with another file',
    works: false,
    handler: (_, response) => response.end('<html>log in</html>'),
  },
];

/** Values of NO_PROXY, and whether they take the server out. The name leads nowhere but through a proxy. */
const NO_PROXIES: readonly (readonly [value: string, excludes: boolean])[] = [
  ['', false],
  ['localhost', false],
  ['ata.example.test', false],
  [`${HOST}:80`, false],
  ['example.test.', false],
  ['*', true],
  ['localhost *', true],
  [HOST, true],
  [HOST.toUpperCase(), true],
  ['.example.test', true],
  ['*.example.test', true],
  ['example.test', true],
  [`localhost, ${HOST}:443`, true],
];

const startWay = async (way: Way, port: number): Promise<Listening> =>
  way.says === undefined
    ? startProxy({ hosts: { [HOST]: port }, ...way.proxy })
    : startSocketServer((socket) => socket.once('data', () => socket.end(way.says ?? '')));

const oneCase = async (chance: Chance): Promise<string | undefined> => {
  const [way, server] = [chance.pick(WAYS), chance.pick(SERVERS)];
  // Most cases go through the proxy, and trust the certificate.
  const [noProxy, excludes] = NO_PROXIES[chance.fraction() < 0.6 ? 0 : chance.below(NO_PROXIES.length)] ?? [
    '',
    false,
  ];
  const trusts = chance.fraction() < 0.85;
  const variable = chance.pick(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY']);
  const files = await startHttps(server.handler);
  const proxy = await startWay(way, files.port);
  const scheme = way.proxy?.secure === true ? 'https://localhost' : 'http://127.0.0.1';
  const address = `${scheme.replace('://', `://${way.user ?? ''}`)}:${proxy.port}`;
  const began = performance.now();
  const { said, ended } = await downloadInProcess(`https://${HOST}/file.npz`, {
    [variable]: address,
    NO_PROXY: noProxy,
    ...(trusts ? { NODE_EXTRA_CA_CERTS: CERTIFICATE } : {}),
  });
  const seconds = (performance.now() - began) / 1000;
  await proxy.close();
  await files.close();
  const works = way.works && server.works && trusts && !excludes;
  const expected = works ? said === `downloaded ${SHA256}` : said.startsWith('DownloadError: ');
  const told = `${variable}: ${way.what}, ${server.what}, NO_PROXY '${noProxy}', trusted: ${trusts}`;
  if (!ended) return `${told}: the process does not end`;
  if (!expected) return `${told}: ${said}`;
  return seconds > 30 ? `${told}: takes ${seconds.toFixed(0)} s` : undefined;
};

export const campaign: Campaign = {
  name: 'proxies',
  description:
    'downloads behind proxies of all kinds: the whole file comes, or a DownloadError; the process ends',
  run: async ({ quick, seed, progress }) => {
    const cases = quick ? QUICK_CASES : CASES;
    const problems: string[] = [];
    for (let index = 0; index < cases; index++) {
      const problem = await oneCase(new Chance(seed, index));
      if (problem !== undefined) problems.push(`seed ${seed}, case ${index}: ${problem}`);
      if ((index + 1) % 50 === 0) progress(`${index + 1} of ${cases}, ${problems.length} problems`);
    }
    return { cases, problems };
  },
};
