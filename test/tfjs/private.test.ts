import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PRIVATE_FIELDS } from '../../src/tfjs/private';
import { PATCHES } from '../../src/tfjs/install';
import { binding } from '../../src/tfjs/binding';
import { tf, type Tensor, type Tensor1D } from '../../src/tfjs/tensorflow';

describe('the private fields of tfjs that this library uses', () => {
  it.each(PRIVATE_FIELDS.map((entry) => [`${entry.of}: ${entry.fields.join(', ')}`, entry] as const))(
    'are there in %s',
    (_, { make, fields, use }) => {
      const made = make();
      const missing = fields.filter((field) => !(field in made));
      // The use says what breaks.
      expect({ use, missing }).toEqual({ use, missing: [] });
    },
  );

  it("are read and written in tfjs's room only", () => {
    const root = path.join(__dirname, '../../src');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.startsWith(`tfjs${path.sep}`),
    );
    const telling =
      /tf\.engine\(|tf\.backend\(|registerClass|registerKernel|getPrototypeOf\(tf|in tfjs's types/;
    const elsewhere = files.filter((file) => telling.test(readFileSync(path.join(root, file), 'utf8')));
    expect(files.length).toBeGreaterThan(100);
    expect(elsewhere).toEqual([]);
  });
});

describe('the changes that this library makes to tfjs', () => {
  it('say what they change, and why', () => {
    expect(PATCHES.map(({ of }) => of)).toEqual([
      'the gradient of abs',
      'the gradient of relu6',
      'the gradient of selu',
      'the gradients of maximum and minimum',
      'the gradient of the gradient of elu',
      'the gradient of the gradient of conv3d',
      'the gradients of comparisons',
      'the gradient of GatherV2',
      'Layer.apply',
      'Container.call',
      'Layer.setMaskMetadata',
      'Container.trainable',
      'the map of names, and LayerVariable.dispose',
      "the engine's record of variables",
      "the engine's addTapeNode and customGrad",
      'what console.log shows of a tensor',
      'what console.log shows of a layer and of a symbolic tensor',
      'randomNormal and the others that draw',
    ]);
    for (const { why } of PATCHES) expect(why).toMatch(/\w+ \w+/);
  });

  it('gather: indices are not read into JavaScript', () => {
    const read = jest.spyOn(tf.backend(), 'readSync');
    const gathered = tf.gather(tf.tensor1d([10, 20, 30]), tf.tensor1d([2, 0], 'int32'));
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    expect([...gathered.dataSync()]).toEqual([30, 10]);
  });

  it('gather: its gradient of rows is not copied, and those of other axes are as they were', () => {
    const gradient = (x: Tensor, indices: Tensor, axis: number): Tensor =>
      tf.grad((table) => tf.sum(tf.mul(tf.gather(table, indices as Tensor1D, axis), [[1, 2]])))(x);
    const transpose = jest.spyOn(binding(), 'executeOp');
    const x = tf.ones([3, 2]);
    const rows = gradient(x, tf.tensor1d([2, 0, 2], 'int32'), 0);
    expect(transpose.mock.calls.map(([name]) => name)).not.toContain('Transpose');
    transpose.mockRestore();
    expect(rows.arraySync()).toEqual([
      [1, 2],
      [0, 0],
      [2, 4],
    ]);
    const columns = gradient(x, tf.tensor1d([1, 1], 'int32'), 1);
    expect(columns.arraySync()).toEqual([
      [0, 3],
      [0, 3],
      [0, 3],
    ]);
  });

  it('apply: a layer whose input has no mask does not get the mask of an earlier layer', () => {
    const masks: unknown[] = [];
    class Spy extends tf.layers.Layer {
      static className = 'MaskSpy';
      override call(inputs: unknown, options: Record<string, unknown>) {
        masks.push(options['mask'] ?? null);
        return Array.isArray(inputs) ? (inputs[0] as never) : (inputs as never);
      }
    }
    const input = tf.input({ shape: [3] });
    const embedded = tf.layers
      .embedding({ inputDim: 4, outputDim: 2, maskZero: true })
      .apply(input) as typeof input;
    const lstm = tf.layers.lstm({ units: 2 }).apply(embedded) as typeof input;
    const output = new Spy({}).apply(lstm) as typeof input;
    const model = tf.model({ inputs: input, outputs: output });
    masks.length = 0;
    model.predict(tf.tensor2d([[1, 2, 0]]));
    expect(masks).toEqual([null]);
  });
});
