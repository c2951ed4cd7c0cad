/** What learns from data before the training: layers, and steps that make such layers. */
import type { SubjectKind } from '../../base/call-styles';
import { describe, KerasArgumentError } from '../../base/errors';
import { isAdaptive, learnedOf, type Learned } from '../../layers/internal/learned';
import type { AdaptiveStep } from '../../layers/internal/adaptive-layer';
import { isLayer, type Layer } from '../../layers/internal/target';
import { Vocabulary } from '../../layers/internal/vocabulary';

/** A layer that learns from data, or the step that makes it. */
export type Adaptable = AdaptiveStep | Layer;

const wrong = (functionName: string, value: unknown, expected: string, example: string): KerasArgumentError =>
  new KerasArgumentError({
    function: functionName,
    argument: 'layer',
    expected: `\`layer\` must be ${expected}`,
    received: isLayer(value) ? `the layer '${value.name}' of class ${value.getClassName()}` : describe(value),
    advice: `Write ${functionName}(layerTextVectorization(), ${example}), or give a layer of a model: getLayer(model, name)`,
  });

/** What {@link adapt} is about. */
export const adaptable: SubjectKind<Adaptable> = {
  argument: 'layer',
  is: (value) => isAdaptive(value) || isLayer(value),
  check: (functionName, value) => {
    if (isAdaptive(value)) return value as Adaptable; // one of the two
    throw wrong(functionName, value, 'a layer that learns from data, or a step that makes one', 'data');
  },
};

/** What a layer, or a step, learns. */
export const learnedBy = (subject: Adaptable): Learned => (subject as AdaptiveStep)[learnedOf]; // a layer has it, too, as is checked

/** What functions of vocabularies are about. */
export const withVocabulary: SubjectKind<Adaptable> = {
  ...adaptable,
  check: (functionName, value) => {
    if (isAdaptive(value) && value[learnedOf] instanceof Vocabulary) return value as Adaptable; // one of the two
    throw wrong(functionName, value, 'a layer with a vocabulary, or a step that makes one', '…');
  },
};

/** The vocabulary of a layer, or a step. */
export const vocabularyOf = (subject: Adaptable): Vocabulary => learnedBy(subject) as Vocabulary; // as is checked
