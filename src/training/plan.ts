import type { Tensor } from '../tfjs/tensorflow';
import { metricsOf, outputsOf } from './compile';
import type { Output } from '../step/output';
import { planOf, type StepPlan } from '../step/plan';
import type { KerasModel } from '../models/model';

/** The plan of a model for labels of given shapes; `outputs` are the compiled ones. */
export const planFor = (
  model: KerasModel,
  labels: readonly (Tensor | undefined)[],
  outputs: readonly Output[] = outputsOf(model),
): StepPlan =>
  planOf(
    model,
    outputs,
    outputs.map((output, index) => metricsOf(output, labels[index]?.shape ?? [])),
  );
