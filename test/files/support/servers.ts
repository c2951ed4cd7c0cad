/** Servers on loopback: files with ranges, over HTTP or HTTPS, and proxies that note what they are asked for. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

/** A certificate of one's own for loopback, `data.example.test` and `mirror.example.test`: its own authority. */
export const CERTIFICATE = join(__dirname, 'loopback.pem');
const credentials = {
  cert: readFileSync(CERTIFICATE),
  key: readFileSync(join(__dirname, 'loopback-key.pem')),
};

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

const listen = async (server: net.Server): Promise<Listening> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port, // a server on a port has one
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

/** A server of connections that are handled byte by byte. */
export const startSocketServer = (onConnection: (socket: Socket) => void): Promise<Listening> =>
  listen(net.createServer(onConnection));

export const startHttp = (handler: http.RequestListener): Promise<Listening> =>
  listen(http.createServer(handler));

export const startHttps = (handler: http.RequestListener): Promise<Listening> =>
  listen(https.createServer(credentials, handler));

/** What a proxy was asked for. */
export interface ProxyRequest {
  /** `CONNECT`, or the method of a request without encryption. */
  readonly method: string;
  readonly target: string;
  readonly authorization: string | undefined;
}

export interface ProxyOptions {
  /** Whether the proxy itself is spoken to over TLS. */
  readonly secure?: boolean;
  /** `user:password` that is asked for. */
  readonly user?: string;
  /** The status that a tunnel is refused with. */
  readonly refuse?: number;
  /** Never answers. */
  readonly silent?: boolean;
  /** Breaks each tunnel off after this many bytes from the server. */
  readonly cutAfter?: number;
  /** The port on loopback that each host stands for. */
  readonly hosts?: Readonly<Record<string, number>>;
}

export interface Proxy extends Listening {
  readonly requests: ProxyRequest[];
}

const tunnel = (client: Socket, port: number, cutAfter = Infinity): void => {
  const server = net.connect(port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    client.pipe(server);
    let passed = 0;
    server.on('data', (data) => {
      passed += data.length;
      client.write(data);
      if (passed > cutAfter) client.destroy();
    });
    server.on('end', () => client.end());
  });
  server.on('error', () => client.destroy());
  client.on('error', () => server.destroy()).on('close', () => server.destroy());
};

/** A proxy on loopback: tunnels by CONNECT, and requests with a whole address. */
export const startProxy = async (options: ProxyOptions = {}): Promise<Proxy> => {
  const requests: ProxyRequest[] = [];
  const { secure = false, user, refuse, silent = false, cutAfter, hosts = {} } = options;
  const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  const note = (request: http.IncomingMessage): number => {
    const authorization = request.headers['proxy-authorization'];
    requests.push({ method: request.method ?? '', target: request.url ?? '', authorization });
    if (wanted !== undefined && authorization !== wanted) return 407;
    return refuse ?? 200;
  };
  const portOf = ({ hostname, port, protocol }: URL): number =>
    hosts[hostname] ?? Number(port || (protocol === 'https:' ? 443 : 80));

  const onRequest: http.RequestListener = (request, response) => {
    const status = note(request);
    if (silent) return;
    if (status !== 200) {
      response.writeHead(status).end();
      return;
    }
    const target = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = http.request(
      { host: '127.0.0.1', port: portOf(target), method: request.method, path: target.pathname, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    onward.end();
  };
  const server = secure ? https.createServer(credentials, onRequest) : http.createServer(onRequest);
  server.on('connect', (request: http.IncomingMessage, client: Socket) => {
    client.on('error', () => undefined);
    const status = note(request);
    if (silent) return;
    if (status === 200) tunnel(client, portOf(new URL(`https://${request.url ?? ''}`)), cutAfter);
    else client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
  });
  return { ...(await listen(server)), requests };
};
