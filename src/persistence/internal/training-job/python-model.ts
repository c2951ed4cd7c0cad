/** Whether Python's Keras can train a model: it must know all that the model is made of by its name. */
import { activations } from '../../../activations/registry';
import { KerasArgumentError } from '../../../base/errors';
import { isConfig, isList, type Config } from '../../../models/config/forms';
import { layerObject } from '../../../models/config/write-model';
import type { KerasModel } from '../../../models/model';
import { outputsOf, compilationOf } from '../../../training/outputs';
import { withOwnSteps } from '../../../training/own-steps';
import { compileConfig } from '../keras3/compile-config';
import { kerasVersionsOf } from './keras-versions';

/** A class or a function that a model is made of, and where. */
interface Ingredient {
  readonly name: string;
  readonly kind: 'class' | 'function';
  readonly isOfKeras: boolean;
  readonly place: string;
}

const refused = (received: string, advice: string, cause?: unknown): KerasArgumentError =>
  new KerasArgumentError({
    argument: 'model',
    expected: 'Python’s Keras must know all that the model is made of: it trains it',
    received,
    advice,
    ...(cause === undefined ? {} : { cause }),
  });

const INSTEAD = 'Use what Keras has, or train the model here with fit()';

/** All classes and functions in a configuration of Keras 3's form. */
const ingredientsOf = (value: unknown, place: string, key = ''): Ingredient[] => {
  if (isList(value)) return value.flatMap((one) => ingredientsOf(one, place, key));
  if (typeof value === 'string' && /(?:^|_)activation$/.test(key)) {
    return [{ name: value, kind: 'function', isOfKeras: activations.find(value) !== undefined, place }];
  }
  if (!isConfig(value)) return [];
  const { class_name: className, module, config } = value;
  if (typeof className !== 'string') {
    return Object.entries(value).flatMap(([name, one]) => ingredientsOf(one, place, name));
  }
  if (className === 'function') return [{ name: String(config), kind: 'function', isOfKeras: false, place }];
  const name = isConfig(config) && typeof config['name'] === 'string' ? config['name'] : undefined;
  const isOfKeras = typeof module === 'string' && module.startsWith('keras') && className !== 'Lambda';
  const isLayer = module === 'keras.layers' || module === null;
  const within = name !== undefined && isLayer && place !== 'compile' ? `the layer '${name}'` : place;
  return [{ name: className, kind: 'class', isOfKeras, place: within }, ...ingredientsOf(config, within)];
};

/** How a model is compiled; what has no name cannot be known by one. */
const compiledAs = (model: KerasModel): Config => {
  try {
    return compileConfig(model, compilationOf(model));
  } catch (error) {
    if (!(error instanceof KerasArgumentError)) throw error;
    throw refused(error.received ?? 'a function of its own', INSTEAD, error);
  }
};

const modelConfig = (model: KerasModel): Config => {
  try {
    return layerObject(model.tf, 3);
  } catch (error) {
    if (!(error instanceof KerasArgumentError)) throw error;
    throw refused(error.received ?? 'a function of its own', INSTEAD, error);
  }
};

/** Names of losses and metrics, which stand there without their classes. */
const namesIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return isList(value) ? value.flatMap(namesIn) : [];
};

const objectivesIn = ({ loss, metrics, weighted_metrics: weighted }: Config): Ingredient[] =>
  [loss, metrics, weighted].flatMap(namesIn).map((name) => ({
    name,
    kind: 'function',
    isOfKeras: true,
    place: 'compile',
  }));

/** Throws if a model cannot be trained by Keras; says which versions of Keras know all that it is made of. */
export const kerasVersionsFor = (model: KerasModel): readonly (2 | 3)[] => {
  if (withOwnSteps(model) !== undefined)
    throw refused(`the model '${model.name}', whose training steps are its own`, 'Train it here with fit()');
  const untrained = outputsOf(model).find(({ loss }) => loss === undefined);
  if (untrained !== undefined) {
    throw new KerasArgumentError({
      argument: 'model',
      expected: 'each output must have a loss',
      received: `the output '${untrained.name}', which has none`,
      advice: 'Export a model of the outputs that are trained: kerasModel(inputs, outputs)',
    });
  }
  const compiled = compiledAs(model);
  const ingredients = [
    ...ingredientsOf(modelConfig(model), 'the model'),
    ...ingredientsOf(compiled, 'compile'),
    ...objectivesIn(compiled),
  ];
  const own = ingredients.find(({ isOfKeras }) => !isOfKeras);
  if (own !== undefined) throw refused(`the ${own.kind} ${own.name} of ${placeName(own)}`, INSTEAD);
  const known = ingredients.map((one) => ({ ...one, versions: kerasVersionsOf(one.name) }));
  const [old, late] = [2, 3].map((version) =>
    known.find(({ versions }) => !versions.includes(version as 2 | 3)),
  );
  if (old !== undefined && late !== undefined) {
    throw refused(
      `${old.name}, which Keras 2 does not know, beside ${late.name}, which Keras 3 does not know`,
      INSTEAD,
    );
  }
  return ([2, 3] as const).filter((version) => (version === 2 ? old : late) === undefined);
};

const placeName = ({ place }: Ingredient): string =>
  place === 'compile' ? 'what compile() was given' : place;
