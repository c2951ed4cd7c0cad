/** Prints which files of tfjs's packages an import of this library loads, and what the late ones give when they are looked at. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { tf } from '../../src/index';
import { javascriptPackages, packageRoot } from '../../src/native/runtime';
import { LATE_PARTS } from '../../src/tfjs/late-parts';

const directory = javascriptPackages(packageRoot)[0]?.directory ?? '';
const require = createRequire(path.join(directory, 'package.json'));
const late = createRequire(require.resolve('@tensorflow/tfjs'));

/** Which of the late files are loaded: those whose modules have a list of what they have loaded themselves. */
const loaded = (): string[] =>
  [...Object.keys(LATE_PARTS).map((part) => late.resolve(part)), require.resolve('./dist/proto/api_pb')]
    .filter((file) => (require.cache[file]?.children.length ?? 0) > 0)
    .map((file) => path.basename(file));

const main = async (): Promise<void> => {
  const atOnce = loaded();
  const versions = [tf.version['tfjs-data'], tf.version['tfjs-converter'], tf.version_converter];
  const rows = await tf.data.array([1, 2, 3]).toArray();
  const afterData = loaded();
  const isClass = tf.data.Dataset === (late('@tensorflow/tfjs-data') as typeof tf.data).Dataset;
  const graphModel = tf.GraphModel.name;
  const flag = tf.env().getBool('KEEP_INTERMEDIATE_TENSORS');
  tf.env().set('WEBGL_PACK', false);
  let unknown = '';
  try {
    tf.env().set('NO_SUCH_FLAG', 1);
  } catch (error) {
    unknown = (error as Error).message;
  }
  const afterFlags = loaded();
  const exported = Object.fromEntries(
    Object.keys(LATE_PARTS).map((part) => [part, Object.keys(late(part) as object).sort()]),
  );
  const pack = tf.env().getBool('WEBGL_PACK');
  console.log(
    JSON.stringify({
      atOnce,
      versions,
      rows,
      afterData,
      isClass,
      graphModel,
      flag,
      unknown,
      afterFlags,
      exported,
      pack,
    }),
  );
};

void main();
