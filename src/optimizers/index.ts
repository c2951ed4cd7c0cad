export { optimizerAdadelta, type AdadeltaOptions } from './adadelta';
export { optimizerAdagrad, type AdagradOptions } from './adagrad';
export { optimizerAdam, optimizerAdamW, type AdamOptions } from './adam';
export { optimizerAdamax, type AdamaxOptions } from './adamax';
export { optimizerFtrl, type FtrlOptions } from './ftrl';
export { optimizerLion, type LionOptions } from './lion';
export { optimizerNadam, type NadamOptions } from './nadam';
export { optimizerRmsprop, type RmspropOptions } from './rmsprop';
export { optimizerSgd, type SgdOptions } from './sgd';
