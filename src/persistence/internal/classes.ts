/** The names of Keras's classes of losses, metrics, optimizers and schedules, and the functions that stand for them here. */
import * as lossFamily from '../../losses';
import * as metricFamily from '../../metrics';
import * as optimizerFamily from '../../optimizers';
import * as scheduleFamily from '../../schedules';

/** What makes objects of a class. */
export type MakerOfClass = (options?: object) => unknown;

/** Classes whose names are not those of the functions in capitals. */
const SPELLINGS = [
  ...['SGD', 'RMSprop', 'AUC', 'IoU', 'BinaryIoU', 'MeanIoU', 'OneHotIoU', 'OneHotMeanIoU', 'KLDivergence'],
  ...['LogCosh', 'LogCoshError', 'CTC', 'R2Score', 'F1Score', 'FBetaScore', 'AdamW'],
];

const spelling = new Map(SPELLINGS.map((name) => [name.toLowerCase(), name]));

/** `lossBinaryCrossentropy` → `BinaryCrossentropy` */
export const classOfFunction = (functionName: string): string => {
  const name = functionName.replace(/^(?:loss|metric|optimizer|learningRateSchedule)/, '');
  return spelling.get(name.toLowerCase()) ?? name;
};

const makers = (prefix: string, family: object): ReadonlyMap<string, MakerOfClass> =>
  new Map(
    Object.entries(family).flatMap(([name, value]): [string, MakerOfClass][] =>
      name.startsWith(prefix) && typeof value === 'function'
        ? [[name.slice(prefix.length).toLowerCase(), value as MakerOfClass]]
        : [],
    ),
  );

/** The families, by what a configuration is of. */
const FAMILIES = {
  loss: makers('loss', lossFamily),
  metric: makers('metric', metricFamily),
  optimizer: makers('optimizer', optimizerFamily),
  schedule: makers('learningRateSchedule', scheduleFamily),
};

/** The function that makes objects of one of Keras's classes. */
export const makerOfClass = (family: keyof typeof FAMILIES, className: string): MakerOfClass | undefined =>
  FAMILIES[family].get(className.replaceAll('_', '').toLowerCase());
