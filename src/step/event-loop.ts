import { turnsTaken } from '../base/turns';

/** Milliseconds after which work in this thread lets others run: timers are late by as much. */
const MAX_MILLISECONDS_AT_ONCE = 8;

/** Since when this thread's event loop waits for calls of this library. */
export class EventLoopClock {
  private since: number;
  private turn: number;

  /** A test gives other clocks. */
  constructor(
    private readonly now = (): number => performance.now(),
    private readonly turns = turnsTaken,
  ) {
    this.since = now();
    this.turn = turns();
  }

  /**
   * Says that a call begins. Calls of one turn count together, however short each of them is: a program that awaits one after the
   * other would else never let its timers run.
   */
  begin(): void {
    const turn = this.turns();
    if (turn !== this.turn) this.restart(turn);
  }

  /** Says that the event loop has gone round. */
  restart(turn = this.turns()): void {
    this.turn = turn;
    this.since = this.now();
  }

  /** Milliseconds that timers, signals and other work have waited. */
  get waited(): number {
    return this.now() - this.since;
  }

  /** Whether they have waited long enough. */
  isDue(milliseconds = MAX_MILLISECONDS_AT_ONCE): boolean {
    return this.waited >= milliseconds;
  }
}

/** One for all calls of this thread. */
const clock = new EventLoopClock();

/** Milliseconds that timers, signals and other work have waited since the event loop has gone round. */
export const millisecondsWaited = (): number => {
  clock.begin();
  return clock.waited;
};

/** Milliseconds after which others run before the next part of a trace, which may take several times as long. */
const MAX_MILLISECONDS_BEFORE_A_PART = 3;

/** Milliseconds more for each variable: others see its own value, which is put in the place of the trace's, and back. */
const MILLISECONDS_OF_A_VARIABLE = 0.01;

/** Whether others are to run before the next part of a trace with so many variables. */
export const isPartDue = (variables: number): boolean =>
  clock.isDue(MAX_MILLISECONDS_BEFORE_A_PART + MILLISECONDS_OF_A_VARIABLE * variables);

const immediate = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Lets timers, signals and other work run. */
export const yieldToEventLoop = async (): Promise<void> => {
  const turn = turnsTaken();
  await immediate();
  // Who was called back by another thread is called in the same turn again, before timers run.
  if (turnsTaken() === turn) await immediate();
  clock.restart();
};

/** Lets timers, signals and other work run while a call is at work, not more often than they need. */
export class EventLoopYielder {
  constructor() {
    clock.begin();
  }
  isDue(): boolean {
    return clock.isDue();
  }
  yieldToEventLoop(): Promise<void> {
    return yieldToEventLoop();
  }
}
