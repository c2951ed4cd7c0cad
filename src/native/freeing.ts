import type { CApi } from './c-api';

/** Bytes from which a tensor is freed on another thread: to give them back to the system takes a millisecond. */
const MIN_BYTES = 2 ** 24;

/** Bytes of several tensors that may wait for that at once, and how many: who makes and frees them without a pause would else run out of memory. */
const MAX_WAITING_BYTES = 2 ** 30;
const MAX_WAITING = 16;

/**
 * Frees large tensors on another thread. TensorFlow 1 gives their memory back to the system, which takes 60 ms for a gigabyte; TensorFlow 2 keeps it,
 * for the next ones, and they had better find it at once.
 */
export class Freeing {
  /** Whether TensorFlow gives memory back. */
  private readonly givesBack: boolean;
  private bytes = 0;
  private waiting = 0;

  constructor(
    private readonly api: Pick<CApi, 'TF_DeleteTensor'>,
    version: string,
  ) {
    this.givesBack = version.startsWith('1.');
  }

  /** Whether a tensor of so many bytes takes long to free. */
  takesLong(bytes: number): boolean {
    return bytes >= MIN_BYTES && this.givesBack;
  }

  /** Frees one of which this is so. */
  free(tensor: number, bytes: number): void {
    const isFull =
      this.waiting >= MAX_WAITING || (this.waiting > 0 && this.bytes + bytes > MAX_WAITING_BYTES);
    if (isFull) {
      this.api.TF_DeleteTensor(tensor);
      return;
    }
    this.waiting++;
    this.bytes += bytes;
    this.api.TF_DeleteTensor.async(tensor, () => {
      this.waiting--;
      this.bytes -= bytes;
    });
  }
}
