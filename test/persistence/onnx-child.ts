/**
 * ONNX Runtime, which computes what exportOnnx has written.
 *
 *     tsx onnx-child.ts JOB RESULT
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Plain } from './support/case-models';

export interface Job {
  readonly models: readonly { readonly file: string; readonly inputs: readonly Plain[] }[];
}

export interface Computed {
  readonly error?: string;
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly outputs?: readonly Plain[];
}

const tensorOf = ({ shape, dtype, values, texts }: Plain): Tensor => {
  if (texts !== undefined) return new Tensor('string', [...texts], shape);
  if (dtype === 'int32') return new Tensor('int32', Int32Array.from(values), shape);
  if (dtype === 'bool') return new Tensor('bool', Uint8Array.from(values), shape);
  return new Tensor('float32', Float32Array.from(values), shape);
};

const plain = ({ dims, type, data }: Tensor): Plain =>
  type === 'string'
    ? { shape: dims, dtype: type, values: [], texts: [...(data as string[])] } // by its type
    : { shape: dims, dtype: type, values: Array.from(data as Float32Array, Number) }; // numbers, by their types

const compute = async ({ file, inputs }: Job['models'][number]): Promise<Computed> => {
  try {
    const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
    const { inputNames, outputNames } = session;
    const feeds = Object.fromEntries(
      inputs.map((input, index) => [inputNames[index] ?? '', tensorOf(input)]),
    );
    const made = await session.run(feeds);
    const outputs = outputNames.map((name) => plain(made[name] as Tensor)); // all are there
    return { inputNames, outputNames, outputs };
  } catch (error) {
    return { error: String(error) };
  }
};

const main = async (): Promise<void> => {
  const [jobFile = '', resultFile = ''] = process.argv.slice(2);
  const { models } = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
  const results: Computed[] = [];
  for (const model of models) results.push(await compute(model));
  writeFileSync(resultFile, JSON.stringify(results));
};

void main();
