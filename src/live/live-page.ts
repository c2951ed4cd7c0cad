import type { Command } from './commands';
import { isAttended, openBrowser } from './browser';
import { Feed } from './feed';
import type { ViewSettings } from './options';
import type { LiveRecord } from './record';
import { LiveServer } from './server';

/** Milliseconds that a browser which was asked to open a page is waited for, once there is nothing more to tell it. */
const GRACE = 5000;

/** Pages that have ended, but whose browser may still come: the next one needs their port, perhaps. */
const lingering = new Set<LivePage>();

/** The page of one fit: served while it runs, and told what happens. */
export class LivePage {
  readonly address: string;
  #isBrowserComing = false;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  private constructor(private readonly server: LiveServer) {
    this.address = server.address;
  }

  /** @throws KerasStateError if the port is not free. */
  static async open(
    { open, port, onAddress }: ViewSettings,
    record: LiveRecord,
    obey: (command: Command) => string | undefined,
  ): Promise<LivePage> {
    for (const page of lingering) page.#close();
    const feed = new Feed(record);
    const page = new LivePage(await LiveServer.open(port, { feed, obey }));
    feed.onVisit = () => page.#visited();
    try {
      if (onAddress !== undefined) onAddress(page.address);
      // Standard error, since what a program prints may be read by another one.
      else process.stderr.write(`The training can be watched at ${page.address}\n`);
    } catch (error) {
      page.#close();
      throw error;
    }
    if (open ?? isAttended()) page.#launch();
    return page;
  }

  /** Nothing more is to be told: the page keeps what it has. Then nothing keeps the program from its end. */
  end(): void {
    this.#hasEnded = true;
    if (!this.#isBrowserComing) {
      this.#close();
      return;
    }
    // A fit may take less time than a browser.
    lingering.add(this);
    this.#timer = setTimeout(() => this.#close(), GRACE);
  }

  #launch(): void {
    this.#isBrowserComing = true;
    openBrowser(this.address, () => this.#noBrowser());
  }

  #noBrowser(): void {
    this.#isBrowserComing = false;
    if (this.#hasEnded) this.#close();
  }

  /** Somebody has come, and was told all that there is. */
  #visited(): void {
    this.#isBrowserComing = false;
    if (this.#hasEnded) this.#close();
  }

  #close(): void {
    clearTimeout(this.#timer);
    lingering.delete(this);
    this.server.close();
  }
}
