/** Fits with a backup. Arguments: the fit, as JSON. Says when it is about to begin, and at its end what there is to see of it. */
import { backedUpFit, type BackedUpFit } from '../persistence/support/backed-up-fit';

const what = JSON.parse(process.argv[2] ?? '') as BackedUpFit; // as the campaign gives it
/** Of steps that take next to no time only the middle would be met. */
const PAUSE_MILLISECONDS = 20;

process.stdout.write('begins\n');
void backedUpFit(what, [
  { onEpochEnd: () => new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS)) },
]).then((seen) => process.stdout.write(`${JSON.stringify(seen)}\n`));
