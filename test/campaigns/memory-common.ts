import { setImmediate as rest } from 'node:timers/promises';

const collect = (globalThis as { gc?: () => void }).gc;

/** Has V8 find everything, which takes it several rounds: what is freed may hold on to more. */
export const collectAll = async (): Promise<void> => {
  for (let round = 0; round < 6; round++) {
    collect?.();
    await rest();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** Milliseconds that processors have worked for this program. */
export const processorMilliseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
