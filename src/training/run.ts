import { KerasStateError } from '../base/errors';
import type { Tensor } from '../tfjs/tensorflow';
import { metricsOf, outputsOf } from './compile';
import type { Output } from '../step/output';
import { planOf, type StepPlan } from '../step/plan';
import type { KerasModel } from '../models/model';

/** Throws if somebody has disposed a model while a call works with it. */
export const checkAlive = (verb: string, model: KerasModel): void => {
  if (!model.isDisposed) return;
  throw new KerasStateError({
    function: verb,
    expected: `a model must not be disposed before ${verb}() is done`,
    received: `the model '${model.name}', disposed in the middle of ${verb}()`,
    advice: `Await the promise that ${verb}() returned before dispose()${verb === 'fit' ? '; to stop earlier, set model.stopTraining = true' : ''}`,
  });
};

/** The plan of a model for labels of given shapes; `outputs` are the compiled ones. */
export const planFor = (
  verb: string,
  model: KerasModel,
  labels: readonly Tensor[],
  outputs: readonly Output[] = outputsOf(verb, model),
): StepPlan =>
  planOf(
    model,
    outputs,
    outputs.map((output, index) => metricsOf(output, labels[index]?.shape ?? [])),
  );
