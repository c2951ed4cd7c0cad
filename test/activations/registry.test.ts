import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  getLayer,
  kerasModelSequential,
  KerasArgumentError,
  layerActivation,
  layerDense,
  pipe,
  tf,
  type ActivationLike,
  type Layer,
  type Tensor,
} from '../../src/index';
import { activations } from '../../src/activations/registry';
import { apply, distance } from '../layers/support';
import { tensorCount } from '../support/tensors';

const layerOf = (activation: ActivationLike): Layer =>
  getLayer(pipe(kerasModelSequential({ inputShape: [7] }), layerActivation({ activation })), { index: 0 });

const x = tf.keep(tf.tensor2d([[-3.5, -1.2, -0.4, 0, 0.3, 1.7, 6.5]]));

// Values, and gradients of the values' sum weighted by 1 to 7, by PyTorch. `hard_sigmoid` is Keras's, which is another
// than PyTorch's, and so is the gradient of `selu` at 0.
//
// import torch, torch.nn.functional as F
// x = torch.tensor([-3.5, -1.2, -0.4, 0.0, 0.3, 1.7, 6.5], dtype=torch.float64)
// def show(name, f):
//     t = x.clone().requires_grad_(); y = f(t); (y * torch.arange(1, 8)).sum().backward()
//     print(f"  {name}: [{[round(float(v), 6) for v in y]}, {[round(float(v), 6) for v in t.grad]}],")
// show('elu', F.elu)
// show('exponential', torch.exp)
// show('gelu', F.gelu)
// show('hard_sigmoid', lambda t: torch.clamp(0.2 * t + 0.5, 0, 1))
// show('linear', lambda t: t + 0)
// show('log_softmax', lambda t: F.log_softmax(t, 0))
// show('mish', F.mish)
// show('relu', F.relu)
// show('relu6', F.relu6)
// show('selu', F.selu)
// show('sigmoid', torch.sigmoid)
// show('softmax', lambda t: F.softmax(t, 0))
// show('softplus', F.softplus)
// show('softsign', F.softsign)
// show('swish', F.silu)
// show('tanh', torch.tanh)
const references: Readonly<Record<string, readonly [number[], number[]]>> = {
  elu: [
    [-0.969803, -0.698806, -0.32968, 0.0, 0.3, 1.7, 6.5],
    [0.030197, 0.602388, 2.01096, 4.0, 5.0, 6.0, 7.0],
  ],
  exponential: [
    [0.030197, 0.301194, 0.67032, 1.0, 1.349859, 5.473947, 665.141633],
    [0.030197, 0.602388, 2.01096, 4.0, 6.749294, 32.843684, 4655.991431],
  ],
  gelu: [
    [-0.000814, -0.138084, -0.137831, 0.0, 0.185373, 1.624239, 6.5],
    [-0.002822, -0.235907, 0.591811, 2.0, 3.661639, 6.691908, 7.0],
  ],
  hard_sigmoid: [
    [0.0, 0.26, 0.42, 0.5, 0.56, 0.84, 1.0],
    [0.0, 0.4, 0.6, 0.8, 1.0, 1.2, 0.0],
  ],
  linear: [
    [-3.5, -1.2, -0.4, 0.0, 0.3, 1.7, 6.5],
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
  ],
  log_softmax: [
    [-10.013181, -7.713181, -6.913181, -6.513181, -6.213181, -4.813181, -0.013181],
    [0.998745, 1.987487, 2.972152, 3.958455, 4.94392, 5.772585, -20.633343],
  ],
  mish: [
    [-0.104096, -0.308836, -0.188916, 0.0, 0.208001, 1.620768, 6.499971],
    [-0.07276, -0.004018, 1.042718, 2.4, 3.914136, 6.505544, 7.000378],
  ],
  relu: [
    [0.0, 0.0, 0.0, 0.0, 0.3, 1.7, 6.5],
    [0.0, 0.0, 0.0, 0.0, 5.0, 6.0, 7.0],
  ],
  relu6: [
    [0.0, 0.0, 0.0, 0.0, 0.3, 1.7, 6.0],
    [0.0, 0.0, 0.0, 0.0, 5.0, 6.0, 0.0],
  ],
  selu: [
    [-1.705009, -1.22857, -0.57961, 0.0, 0.31521, 1.786192, 6.829556],
    [0.05309, 1.059059, 3.535468, 4.202804, 5.253505, 6.304206, 7.354907],
  ],
  sigmoid: [
    [0.029312, 0.231475, 0.401312, 0.5, 0.574443, 0.845535, 0.998499],
    [0.028453, 0.355789, 0.720782, 1.0, 1.222292, 0.783634, 0.010493],
  ],
  softmax: [
    [4.5e-5, 0.000447, 0.000995, 0.001484, 0.002003, 0.008122, 0.986905],
    [-0.000268, -0.002224, -0.003955, -0.004417, -0.00396, -0.007935, 0.022759],
  ],
  softplus: [
    [0.02975, 0.263282, 0.513015, 0.693147, 0.854355, 1.867786, 6.501502],
    [0.029312, 0.46295, 1.203937, 2.0, 2.872213, 5.073208, 6.989492],
  ],
  softsign: [
    [-0.777778, -0.545455, -0.285714, 0.0, 0.230769, 0.62963, 0.866667],
    [0.049383, 0.413223, 1.530612, 4.0, 2.95858, 0.823045, 0.124444],
  ],
  swish: [
    [-0.102593, -0.27777, -0.160525, 0.0, 0.172333, 1.437409, 6.490242],
    [-0.070273, 0.036004, 0.915624, 2.0, 3.2389, 6.405387, 7.057693],
  ],
  tanh: [
    [-0.998178, -0.833655, -0.379949, 0.0, 0.291313, 0.935409, 0.999995],
    [0.003641, 0.61004, 2.566916, 4.0, 4.575685, 0.750059, 6.3e-5],
  ],
};

test.each(Object.entries(references))('%s: values and gradient', (name, [values, gradient]) => {
  const layer = layerOf(name as ActivationLike);
  const weights = tf.range(1, 8);
  // Values reach into the hundreds, six decimals of which are more than a float32 has.
  const scale = Math.max(1, ...values, ...gradient) * 2e-6;
  expect(distance(apply(layer, x), values)).toBeLessThan(scale);
  const slope = tf.grad((input) => tf.sum(tf.mul(apply(layer, input), weights)))(x);
  expect(distance(slope, gradient)).toBeLessThan(scale);
});

test('every activation has a row', () => {
  // Those that only Keras 3 has are in keras3.test.ts.
  const further = readFileSync(path.join(__dirname, '../reference/keras3/activations.json'), 'utf8');
  const rows = (JSON.parse(further) as { readonly activations: readonly { readonly name: string }[] })
    .activations; // as its program prints it
  const ofKeras3 = rows.map(({ name }) => name).filter((name) => activations.find(name) !== undefined);
  expect([...new Set([...Object.keys(references), ...ofKeras3])].sort()).toEqual(activations.names);
});

test.each(activations.members.map((member) => [member.name, member] as const))(
  '%s: the function gives the values that the layer gives by name, and by function',
  (_name, call) => {
    const ofLayer = [...apply(layerOf(call.names[0] as ActivationLike), x).dataSync()];
    const [values = ofLayer] = references[call.names[0]] ?? [];
    const scale = Math.max(1, ...values) * 2e-6;
    const before = tensorCount();
    const output = call(x);
    expect(distance(output, values)).toBeLessThan(scale);
    output.dispose();
    expect(tensorCount()).toBe(before);
    const nested = call([[-3.5, -1.2, -0.4, 0, 0.3, 1.7, 6.5]]);
    expect(distance(nested, values)).toBeLessThan(scale);
    nested.dispose();
    expect(tensorCount()).toBe(before);
    const config = (activation: ActivationLike): unknown => layerOf(activation).getConfig()['activation'];
    expect(config(call)).toEqual(config(call.names[0] as ActivationLike));
    expect(() => (call as (input?: unknown) => Tensor)()).toThrow(`${call.name}: \`x\` must be data`);
  },
);

test.each(activations.members.map((member) => [member.names[0], member] as const))(
  '%s: a layer that tfjs saved comes back with it',
  (name, call) => {
    const config = layerOf(name as ActivationLike).getConfig();
    const copy = tf.layers.activation({ activation: config['activation'] as 'relu' }); // what it saves is a name
    const values = references[name]?.[0] ?? [...call(x).dataSync()];
    expect(distance(apply(copy, x), values)).toBeLessThan(Math.max(1, ...values) * 2e-6);
    for (const spelling of call.names)
      expect(layerOf(spelling).getConfig()['activation']).toBe(config['activation']);
  },
);

test.each([
  ['hardSigmoid', 'hard_sigmoid'],
  ['logSoftmax', 'log_softmax'],
  ['silu', 'swish'],
] as const)('%s is another name of %s', (alias, name) => {
  expect(distance(apply(layerOf(alias), x), references[name]?.[0] ?? [])).toBeLessThan(1e-5);
});

test('a function of a tensor is an activation, too', () => {
  const model = pipe(
    kerasModelSequential({ inputShape: [1] }),
    layerDense({ units: 1, kernelInitializer: 'ones', activation: (input) => tf.square(input) }),
  );
  expect(distance(apply(getLayer(model, { index: 0 }), tf.tensor2d([[3], [-2]])), [9, 4])).toBe(0);
});

test.each([
  ['rellu', "Received: 'rellu'. Did you mean 'relu' or 'celu' or 'elu'?"],
  ['nothing like it', "Use one of: 'celu', 'elu', 'exponential'"],
  ['leaky_rellu', "Did you mean 'leaky_relu'?"],
  ['crelu', "This library has no 'crelu' yet. Use one of: 'celu', 'elu'"],
  ['__proto__', "Use one of: 'celu'"],
  ['constructor', "Use one of: 'celu'"],
  [null, "Received: null. Leave it out, or write 'linear'."],
  [3, "Received: 3. Use one of: 'celu', 'elu'"],
  [{}, "`activation` must be an activation's name or a function of a tensor. Received: {}."],
])('%p is refused with the names that are near', (wrong, message) => {
  expect(() => layerOf(wrong as ActivationLike)).toThrow(KerasArgumentError);
  expect(() => layerOf(wrong as ActivationLike)).toThrow(message);
});
