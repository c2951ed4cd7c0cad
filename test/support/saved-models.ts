/** Models that Keras 2.13 saved (test/reference/keras_savedmodel.py), and the data that they are tried on. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

export type Files = Readonly<Record<string, string>>;

export interface Case {
  readonly name: string;
  readonly optimizer: string;
  readonly inputs: readonly number[][];
  readonly outputs: readonly number[][];
  readonly config: string;
  readonly files: Files;
  readonly checkpoint: Files;
  readonly predicted: readonly number[][];
  readonly losses: readonly number[];
}

export const { cases, module: served } = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/keras_savedmodel.json'), 'utf8'),
) as { cases: Case[]; module: Files };

/** Writes files below a folder. */
export const unpack = (folder: string, files: Files, name = 'keras'): string => {
  for (const [file, content] of Object.entries(files)) {
    const at = path.join(folder, name, file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, gunzipSync(Buffer.from(content, 'base64')));
  }
  return path.join(folder, name);
};
