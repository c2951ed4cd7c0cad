import { checkOptions, type CheckedOptions, type OptionChecks } from '../base/checks';
import { noteMaker } from '../base/made-by';
import { refuseSurplus } from '../base/function-name';

/** The rate of each step, counted from 0. */
type Rates = (step: number) => number;

/**
 * Defines a function that makes a schedule: its name, the checks of its options, and what is made of them. `Options` is written
 * out, since it has the options' docs; the rest is inferred.
 */
export const defineSchedule =
  <Options extends object>() =>
  <const Checks extends OptionChecks<Options> & OptionChecks>(
    functionName: string,
    checks: Checks,
    make: (options: CheckedOptions<Checks>) => Rates,
  ): ((options: Options) => Rates) => {
    const call = (options: Options, ...surplus: []): Rates => {
      refuseSurplus(functionName, ['options'], surplus);
      const checked = checkOptions(functionName, options, checks);
      return noteMaker(make(checked), functionName, checked);
    };
    Object.defineProperty(call, 'name', { value: functionName });
    return call;
  };
