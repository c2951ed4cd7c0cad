/**
 * A model that is served while it trains on: an HTTP server on this machine answers with what the model predicts at the moment, and
 * compiled steps run on a thread of their own meanwhile. At the end the model is exported for other servers of TensorFlow's.
 *
 * What it is asked is what TensorFlow Serving is asked, too: `curl -d '{"instances": [[0.5, -0.5]]}'` and the address that is printed.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  compile,
  exportSavedmodel,
  fit,
  kerasModelSequential,
  layerDense,
  loadModelTf,
  pipe,
  predict,
  setRandomSeed,
  tf,
  type KerasModel,
  type ServedModel,
} from 'keras-pipe';
import { runAsProgram, type ExampleOptions } from './support';

const ROWS = 2000;
/** What a client may send at the most. */
const MAX_BYTES = 1e6;

/** Whether points lie in a circle. */
const inCircle = (points: readonly (readonly number[])[]): number[][] =>
  points.map(([x = 0, y = 0]) => [Number(x * x + y * y < 0.5)]);

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += (part as Buffer).length;
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString();
};

/** Answers with predictions, or with what is wrong with the question. */
const serve = async (model: KerasModel, port: number): Promise<Server> => {
  const server = createServer((request, response) => {
    const answer = async (): Promise<unknown> => {
      const question = JSON.parse(await bodyOf(request)) as { instances?: number[][] } | null;
      const instances = question?.instances;
      if (instances === undefined) throw new Error('ask with {"instances": [[x, y], …]}');
      const output = await predict(model, instances); // what does not fit is an error that says so
      const predictions = await output.array();
      output.dispose();
      return { predictions };
    };
    answer().then(
      (content) => response.setHeader('content-type', 'application/json').end(JSON.stringify(content)),
      (error: unknown) => {
        response.statusCode = 400;
        response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
};

/** What a server says of points. */
const ask = async (
  address: string,
  instances: unknown,
): Promise<{ predictions?: number[][]; error?: string }> => {
  const response = await fetch(`${address}/v1/models/circle:predict`, {
    method: 'POST',
    body: JSON.stringify({ instances }),
  });
  return (await response.json()) as { predictions?: number[][]; error?: string };
};

export const main = async ({ seed = 1, epochs = 60, verbose = 0 }: ExampleOptions = {}) => {
  setRandomSeed(seed);
  const model = pipe(
    kerasModelSequential(),
    layerDense({ units: 32, activation: 'relu', inputShape: [2] }),
    layerDense({ units: 32, activation: 'relu' }),
    layerDense({ units: 1, activation: 'sigmoid' }),
    compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] }),
  );
  const points = tf.tidy(() => tf.randomUniform([ROWS, 2], -1, 1, 'float32', seed).arraySync() as number[][]);
  const server = await serve(model, 0);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(`Answers at ${address}/v1/models/circle:predict`);

  // It trains and answers at the same time.
  const training = fit(model, points, inCircle(points), { epochs, batchSize: 32, verbose });
  let [isTraining, answers] = [true, 0];
  void training.finally(() => (isTraining = false)).catch(() => undefined);
  const probes = [
    [0, 0],
    [0.9, 0.9],
  ];
  const seen: number[] = [];
  while (isTraining) {
    const { predictions } = await ask(address, probes);
    seen.push(predictions?.[0]?.[0] ?? NaN);
    answers++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const accuracy = (await training).metrics['accuracy']?.at(-1) ?? NaN;
  console.log(`${answers} answers while it trained: the middle is in the circle with a probability of`);
  console.log(
    [seen[0], seen[Math.floor(seen.length / 2)], seen.at(-1)].map((one) => one?.toFixed(3)).join(' … '),
  );
  const wrong = (await ask(address, [[1, 2, 3]])).error ?? '';
  console.log(`A question that does not fit is answered, too: ${wrong}`);
  const last = (await ask(address, probes)).predictions ?? [];
  await new Promise((resolve) => server.close(resolve));

  // For servers that know TensorFlow only.
  const folder = await mkdtemp(path.join(tmpdir(), 'keras-pipe-serve-'));
  try {
    const exported = await exportSavedmodel(model, folder, { versioned: true });
    const served = await loadModelTf<ServedModel>(exported);
    const output = (await served.predict(probes)) as tf.Tensor;
    const again = output.arraySync() as number[][];
    output.dispose();
    served.dispose();
    const difference = Math.max(
      ...again.flat().map((one, index) => Math.abs(one - (last.flat()[index] ?? NaN))),
    );
    console.log(
      `Exported as version ${path.basename(exported)}, it gives the same: ${difference < 1e-5 ? 'yes' : 'no'}`,
    );
    return { answers, accuracy, wrong, difference, last };
  } finally {
    model.dispose();
    await rm(folder, { recursive: true });
  }
};

void runAsProgram(module, main);
