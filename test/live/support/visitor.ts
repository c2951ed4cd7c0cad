/** A visitor of a live page that is no browser: what the server sends and answers. */
import { request, type IncomingHttpHeaders } from 'node:http';
import type { Message } from '../../../src/live/messages';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks the server of an address; the path is that of the address unless another one is given, with the same query. */
export const ask = (address: string, { method = 'GET', path, headers, body }: Asked = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = new URL(address);
    const target =
      path === undefined ? `${pathname}${search}` : path.includes('?') ? path : `${path}${search}`;
    const asked = request({ hostname, port, method, path: target, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });

export const command = (address: string, value: unknown): Promise<Answer> =>
  ask(address, {
    method: 'POST',
    path: '/command',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });

/** Follows the events of an address. */
export class Visitor {
  readonly messages: Message[] = [];
  isOver = false;
  readonly #listeners = new Set<() => void>();
  readonly #request;

  constructor(address: string) {
    const { hostname, port, search } = new URL(address);
    this.#request = request({ hostname, port, path: `/events${search}`, agent: false }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) this.messages.push(JSON.parse(event.replace(/^data: /, '')) as Message); // what the server sends
        this.#tell();
      });
      response.on('error', () => this.#end());
      response.on('close', () => this.#end());
    });
    this.#request.on('error', () => this.#end());
    this.#request.end();
  }

  /** Waits until what came satisfies a condition, and gives the last message. */
  async until(holds: (last: Message, all: readonly Message[]) => boolean): Promise<Message> {
    for (;;) {
      const last = this.messages.at(-1);
      if (last !== undefined && holds(last, this.messages)) return last;
      if (this.isOver) throw new Error(`the events ended before, after ${JSON.stringify(last)}`);
      await this.#next();
    }
  }

  async untilOver(): Promise<void> {
    while (!this.isOver) await this.#next();
  }

  leave(): void {
    this.#request.destroy();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const listener = (): void => {
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }

  #end(): void {
    this.isOver = true;
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
