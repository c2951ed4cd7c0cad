/** Fits that are watched. */
import { setTimeout as wait } from 'node:timers/promises';
import {
  compile,
  fit,
  kerasModelSequential,
  layerDense,
  optimizerSgd,
  pipe,
  type FitOptions,
  type History,
  type KerasModel,
} from '../../../src/index';
import type { Message } from '../../../src/live/messages';
import { Visitor } from '../../live/support/visitor';

export const ROWS = 640;
export const data = () => {
  const x = Array.from({ length: ROWS }, (_, row) => [Math.sin(row), Math.cos(row), (row % 7) / 7]);
  return { x, y: x.map(([a = 0, b = 0, c = 0]) => a - 2 * b + c) };
};

export const small = (optimizer = optimizerSgd({ learningRate: 0.01 })): KerasModel =>
  pipe(
    kerasModelSequential(),
    layerDense({ units: 4, activation: 'relu', inputShape: [3] }),
    layerDense({ units: 1 }),
    compile({ optimizer, loss: 'mse', metrics: ['mae'] }),
  );

/** Begins a fit that is watched. */
export const watched = async (
  model: KerasModel,
  options: FitOptions,
): Promise<{ readonly address: string; readonly visitor: Visitor; readonly fitted: Promise<History> }> => {
  const { x, y } = data();
  let address = '';
  const fitted = fit(model, x, y, {
    batchSize: 32,
    verbose: 0,
    view: { open: false, onAddress: (one) => void (address = one) },
    ...options,
  });
  fitted.catch(() => undefined);
  while (address === '') await wait(1);
  return { address, visitor: new Visitor(address), fitted };
};

/** What a page has in the end. */
export const joined = (messages: readonly Message[]) =>
  messages.reduce<Message | undefined>(
    (before, message) =>
      before === undefined || message.isWhole
        ? message
        : {
            ...message,
            epochs: [...before.epochs, ...message.epochs],
            steps: [...before.steps, ...message.steps],
            layers: message.layers ?? before.layers,
          },
    undefined,
  );

/** Lets every epoch take a while. */
export const slow: FitOptions = { callbacks: { onEpochEnd: () => wait(20) } };
