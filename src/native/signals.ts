import type { CMemory, Scratch } from './c-memory';
import type { Koffi } from './koffi';

/** Linux's numbers of what to do with a mask, and of signals that tell of a fault of the thread itself, which are never held back. */
const BLOCK = 0;
const SET = 2;
const FAULTS: readonly number[] = [
  4, // SIGILL
  5, // SIGTRAP
  6, // SIGABRT
  7, // SIGBUS
  8, // SIGFPE
  11, // SIGSEGV
  31, // SIGSYS
];

/** Words of 64 bits in a set of signals. */
const WORDS = 16;

/**
 * Holds signals back from a thread while it runs a graph. Some of oneDNN's products use the register of the stack for memory of the heap
 * meanwhile, in TensorFlow 2.21's release of it at least; the system writes a signal's frame below where that points, and so into what
 * belongs to somebody else. A signal waits until the run is over, as it would for JavaScript to handle it. A thread that is begun
 * meanwhile holds signals back for good. Threads of Node.js's pool do not hold them back: the system gives a process's signals to its main
 * thread, but while that holds them back itself.
 */
export class SignalMask {
  private readonly mask: (how: number, set: number, before: number) => number;
  private readonly all: Scratch;
  private readonly before: Scratch;

  private constructor(koffi: Koffi, memory: CMemory) {
    this.mask = koffi
      .load(null)
      .func('pthread_sigmask', 'int', ['int', 'uintptr_t', 'uintptr_t']) as SignalMask['mask']; // by its declaration
    this.all = memory.scratch(WORDS);
    this.before = memory.scratch(WORDS);
    this.all.bytes.fill(0xff);
    for (const signal of FAULTS) {
      const place = (signal - 1) >> 3;
      this.all.bytes[place] = (this.all.bytes[place] as number) & ~(1 << ((signal - 1) & 7)); // of the few that there are
    }
  }

  /** None where there is no oneDNN, or where the system is told in another way. */
  static for(koffi: Koffi, memory: CMemory, version: string): SignalMask | undefined {
    if (process.platform !== 'linux' || process.arch !== 'x64' || version.startsWith('1.')) return undefined;
    return new SignalMask(koffi, memory);
  }

  /** Runs something meanwhile. */
  holding<T>(run: () => T): T {
    this.mask(BLOCK, this.all.address, this.before.address);
    try {
      return run();
    } finally {
      this.mask(SET, this.before.address, 0);
    }
  }
}
