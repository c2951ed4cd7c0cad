import { readdirSync } from 'node:fs';
import path from 'node:path';
import * as keras from '../../src/index';
import { activations } from '../../src/activations/registry';
import type { Named, Registry } from '../../src/base/registry';
import { constraints } from '../../src/constraints/registry';
import { initializers } from '../../src/initializers/registry';
import { losses } from '../../src/losses/registry';
import { metrics } from '../../src/metrics/registry';
import { optimizers } from '../../src/optimizers/registry';
import { regularizers } from '../../src/regularizers/registry';
import { root } from '../docs/extract';

const families: Readonly<Record<string, Registry<Named & { readonly name: string }>>> = {
  activations,
  constraints,
  initializers,
  losses,
  metrics,
  regularizers,
};
const place = { function: 'f', argument: 'a' };
const exported: Readonly<Record<string, unknown>> = keras;

const isNamed = (value: unknown): value is Named => typeof value === 'function' && 'names' in value;

describe.each(Object.entries(families))('%s', (folder, registry) => {
  test('what any file of the folder defines is in the registry', async () => {
    const files = readdirSync(path.join(root, 'src', folder)).filter((file) => file.endsWith('.ts'));
    const modules = await Promise.all(
      files.map((file) => import(path.join(root, 'src', folder, file)) as Promise<Record<string, unknown>>),
    );
    const defined = new Set(modules.flatMap((one) => Object.values(one).filter(isNamed)));
    expect(registry.members.length).toBeGreaterThan(2);
    expect(new Set(registry.members)).toEqual(defined);
  });

  // Exports have docs and an example, which runs: test/docs sees to that.
  test.each(registry.members.map((member) => [member.name, member] as const))(
    '%s is exported under its name',
    (name, member) => {
      expect(name).toMatch(/^(activation|constraint|initializer|loss|metric|regularizer)[A-Z]/);
      expect(exported[name]).toBe(member);
    },
  );

  test.each(registry.members.map((member) => [member.names[0], member] as const))(
    '%s: Keras writes it in snake_case, and every name leads to it',
    (name, member) => {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      for (const spelling of member.names) expect(registry.get(spelling, place)).toBe(member);
      expect(registry.get(member, place)).toBe(member);
    },
  );

  test('names that objects have anyway are none', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'name', 'names', '']) {
      expect(registry.find(name)).toBeUndefined();
      expect(() => registry.get(name, place)).toThrow(keras.KerasArgumentError);
    }
  });
});

/** What Keras has and this library has not, and so what nobody is to be led away from. */
const elsewhere: readonly (readonly [Registry<Named>, readonly string[]])[] = [
  [activations, ['crelu']],
  [initializers, ['stft']],
];

test.each(elsewhere.flatMap(([registry, names]) => names.map((name) => [name, registry] as const)))(
  '%s is not mended to another of Keras',
  (name, registry) => {
    expect(registry.find(name)).toBeUndefined();
    const all = `Use one of: '${registry.names[0] ?? ''}'`;
    expect(registry.advice(name)).toMatch(/^This library has no '\w+' yet\. Use one of: /);
    expect(registry.advice('a name that is near to nothing')).toMatch(/^Use one of: /);
    expect(registry.advice(name)).toContain(all);
  },
);

test.each([
  ...['f1_score', 'r2_score', 'mean_io_u', 'precision_at_recall'].map((name) => [name, metrics] as const),
  ...['leaky_relu', 'celu', 'hard_tanh', 'hard_swish', 'log_sigmoid', 'sparsemax'].map(
    (name) => [name, activations] as const,
  ),
  ['orthogonal', regularizers] as const,
])('%s, which Keras has, is here', (name, registry: Registry<Named>) => {
  expect(registry.find(name)?.names).toContain(name);
});

test('what is neither here nor in Keras leads to what is near', () => {
  expect(metrics.advice('f1')).toBe("Did you mean 'f1_score'?");
  expect(metrics.advice('precison')).toBe("Did you mean 'precision'?");
});

test('an optimizer that Keras has is not mended to another', () => {
  for (const name of ['nadam', 'lamb', 'adafactor', 'muon']) expect(optimizers.find(name)).toBeDefined();
  expect(optimizers.advice('schedule_free_adamw')).not.toMatch(/^Did you mean 'adamw'/);
  expect(optimizers.advice('adm')).toMatch(/^Did you mean 'adam'/);
});
