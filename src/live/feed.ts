import type { ServerResponse } from 'node:http';
import type { Message } from './messages';
import type { LiveRecord } from './record';

/** Milliseconds between what a page is told: ten times a second looks like all the time. */
const INTERVAL = 100;

/** Pages that look at one fit at once. */
const MAX_VISITORS = 32;

interface Visitor {
  readonly response: ServerResponse;
  /** Whether it was not told something, since it had not taken what it was sent before. */
  hasMissed: boolean;
}

/** Sends pages what is new, by server-sent events. Who comes late is told of the past first, and so is who has fallen behind. */
export class Feed {
  readonly #visitors = new Set<Visitor>();
  #timer: NodeJS.Timeout | undefined;
  #sentAt = -Infinity;
  /** Is called when somebody has come, and was told the past. */
  onVisit: () => void = () => undefined;

  constructor(
    private readonly record: LiveRecord,
    private readonly interval = INTERVAL,
  ) {
    record.onChange = () => this.#schedule();
  }

  get visitors(): number {
    return this.#visitors.size;
  }

  get isFull(): boolean {
    return this.#visitors.size >= MAX_VISITORS;
  }

  add(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
    // What is pending is part of the past that the new one is told.
    this.#flush();
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    const visitor: Visitor = { response, hasMissed: false };
    this.#visitors.add(visitor);
    response.on('close', () => this.#visitors.delete(visitor));
    response.on('error', () => this.#visitors.delete(visitor));
    response.on('drain', () => {
      if (!visitor.hasMissed) return;
      visitor.hasMissed = false;
      response.write(eventOf(this.record.whole()));
    });
    response.write(eventOf(this.record.whole()));
    this.onVisit();
  }

  /** Sends what is still to be sent, and says goodbye. */
  end(): void {
    this.#flush();
    for (const visitor of this.#visitors) {
      // Who has fallen behind learns at least how it ended.
      if (visitor.hasMissed) visitor.response.write(eventOf(this.record.whole()));
      visitor.response.end();
    }
    this.#visitors.clear();
  }

  #schedule(): void {
    if (this.#visitors.size === 0 || this.#timer !== undefined) return;
    const wait = Math.max(0, this.#sentAt + this.interval - performance.now());
    this.#timer = setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sentAt = performance.now();
    const changes = this.record.takeChanges();
    if (this.#visitors.size === 0) return;
    const event = eventOf(changes);
    for (const visitor of this.#visitors) {
      // A page that sleeps in a tab takes nothing: what it is not sent need not be kept for it.
      if (visitor.response.writableNeedDrain) visitor.hasMissed = true;
      else visitor.response.write(event);
    }
  }
}

/** JSON has no line ends in it: one line is one event. */
const eventOf = (message: Message): string => `data: ${JSON.stringify(message)}\n\n`;
