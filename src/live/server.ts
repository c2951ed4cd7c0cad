import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../base/causes';
import { describe, KerasStateError } from '../base/errors';
import { commandIn, type Command } from './commands';
import type { Feed } from './feed';
import { livePage } from './page';

/** The only interface that is listened on: this machine's own. */
const HOST = '127.0.0.1';

/** Bytes of a command. */
const MAX_BODY = 1024;

/** Milliseconds after which connections are cut that have not ended by themselves. */
const CLOSING = 500;

/** What a request is answered with, besides what it asks for: nothing is kept, framed, guessed or passed on. */
const headersOf = (policy: string): Readonly<Record<string, string>> => ({
  'cache-control': 'no-store',
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});

/** What the server serves. */
export interface Served {
  readonly feed: Feed;
  /** Does what a button asks for; gives the reason if it cannot be done. */
  readonly obey: (command: Command) => string | undefined;
}

/** Paths may be anything that a program sends. */
const urlOf = (request: IncomingMessage): URL | undefined => {
  const [path, base] = [request.url ?? '', `http://${HOST}`];
  return URL.canParse(path, base) ? new URL(path, base) : undefined;
};

const isSame = (given: string, secret: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** What a request has as its body; undefined if that is longer than any command, or if it breaks off. */
const bodyOf = (request: IncomingMessage): Promise<string | undefined> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= MAX_BODY) parts.push(part);
      else resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });

const refused = (port: number, cause: unknown): KerasStateError =>
  new KerasStateError({
    argument: 'view',
    expected:
      port === 0
        ? 'the page needs a port on 127.0.0.1 to be served from'
        : `the port ${port} on 127.0.0.1 must be free, for the page to be served from`,
    received: messageOf(cause),
    advice:
      port === 0
        ? 'Leave `view` out'
        : 'Choose another one, or leave `port` out: then one is taken that is free',
    cause,
  });

/**
 * Serves a page and what happens to those who have its address: on this machine only, where others may have programs, too, and where a
 * page from elsewhere may ask for the same address. Hence the token, and hence only this machine's own names are answered to.
 */
export class LiveServer {
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #token = randomBytes(16).toString('hex');
  readonly #page = livePage();
  readonly #headers = headersOf(this.#page.policy);
  #port = 0;

  private constructor(private readonly served: Served) {}

  /** @throws KerasStateError if the port is not free. */
  static async open(port: number, served: Served): Promise<LiveServer> {
    const live = new LiveServer(served);
    try {
      await listening(live.#server, port);
    } catch (cause) {
      throw refused(port, cause);
    }
    live.#port = (live.#server.address() as AddressInfo).port; // of a server that listens on a port
    // What goes wrong with a connection is that connection's end.
    live.#server.on('clientError', (_, socket) => socket.destroy());
    return live;
  }

  get address(): string {
    return `http://${HOST}:${this.#port}/?token=${this.#token}`;
  }

  /** Ends. What pages have been sent arrives, if they take it now. */
  close(): void {
    this.served.feed.end();
    this.#server.close();
    this.#server.closeIdleConnections();
    setTimeout(() => this.#server.closeAllConnections(), CLOSING).unref();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => undefined);
    const url = urlOf(request);
    const refusal = this.#refusal(request, url);
    if (refusal !== undefined) {
      this.#reply(response, 403, `${refusal}\n`, { connection: 'close' });
      return;
    }
    const route = `${request.method ?? ''} ${url?.pathname ?? ''}`;
    if (route === 'GET /') {
      this.#reply(response, 200, this.#page.html, { 'content-type': 'text/html; charset=utf-8' });
    } else if (route === 'GET /events') this.#follow(response);
    else if (route === 'POST /command') void this.#command(request, response);
    else this.#reply(response, 404, 'There is nothing here.\n', { connection: 'close' });
  }

  #reply(
    response: ServerResponse,
    status: number,
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      ...this.#headers,
      ...headers,
    });
    response.end(body);
  }

  /** Why a request is not answered, if it is not. */
  #refusal({ headers }: IncomingMessage, url: URL | undefined): string | undefined {
    // A name of elsewhere that has come to mean this machine: a page from there would else read what is here.
    const names = [`${HOST}:${this.#port}`, `localhost:${this.#port}`];
    if (headers.host === undefined || !names.includes(headers.host.toLowerCase()))
      return `This page is ${names.map((name) => `http://${name}`).join(' or ')}, and answers to no other name or port. Where the port is forwarded from another machine, give it the same number here.`;
    const { origin } = headers;
    if (origin !== undefined && !names.some((name) => origin === `http://${name}`))
      return 'Pages from elsewhere are not answered.';
    if (!isSame(url?.searchParams.get('token') ?? '', this.#token))
      return `The address needs the token with which the program printed it: http://${HOST}:${this.#port}/?token=…`;
    return undefined;
  }

  #follow(response: ServerResponse): void {
    const { feed } = this.served;
    if (feed.isFull) this.#reply(response, 503, 'Too many pages are open.\n');
    else feed.add(response, this.#headers);
  }

  async #command(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers['content-type'] !== 'application/json') {
      this.#reply(response, 415, 'Commands are JSON.\n', { connection: 'close' });
      return;
    }
    const body = await bodyOf(request);
    if (body === undefined) {
      this.#reply(response, 413, 'This is longer than any command.\n', { connection: 'close' });
      return;
    }
    const command = commandIn(body);
    if (command === undefined) {
      this.#reply(response, 400, `No such command: ${describe(body)}.\n`);
      return;
    }
    const reason = this.served.obey(command);
    if (reason === undefined) this.#reply(response, 204, '');
    else this.#reply(response, 409, `${reason}\n`);
  }
}
