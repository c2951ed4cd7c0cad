/** What pictures give to other objects: the package loads it at once, and what draws once that is asked for (see scripts/late-rooms.js). */
import { KerasModel } from '../models/model';
import { History } from '../training/history';
import { jupyterDisplay } from './internal/jupyter';
import type * as VegaLite from './internal/vega-lite';
import type * as Plots from './index';
import type { VegaLiteOptions, VegaLiteSpecification } from './vega-lite';

/* eslint-disable @typescript-eslint/no-require-imports -- `import()` is asynchronous, and does not work under Jest's CommonJS */
const plots = (): typeof Plots => require('./index') as typeof Plots; // which that module is
const vegaLites = (): typeof VegaLite => require('./internal/vega-lite') as typeof VegaLite; // the same
/* eslint-enable @typescript-eslint/no-require-imports */

/** What a notebook shows of an object: its picture, if there is one, and a text. */
type Display = Readonly<Record<string, string>>;

const define = <Owner>(
  prototype: Owner,
  key: PropertyKey,
  value: (this: Owner, ...args: never[]) => unknown,
) => Object.defineProperty(prototype, key, { configurable: true, writable: true, value });

// In a notebook a history is looked at as it is in R: as its plot.
define(History.prototype, jupyterDisplay, function (): Display {
  const hasEpochs = Object.values(this.metrics).some((values) => values.length > 0);
  const text = { 'text/plain': String(this) };
  return hasEpochs ? { ...plots().plot(this)[jupyterDisplay](), ...text } : text;
});

define(
  History.prototype,
  'vegaLite',
  function (options?: VegaLiteOptions, ...surplus: []): VegaLiteSpecification {
    return vegaLites().vegaLite(this, options, surplus);
  },
);

// A model is looked at as what it is drawn as; its summary is for who reads it as text.
define(KerasModel.prototype as KerasModel, jupyterDisplay, function (): Display {
  const text = { 'text/plain': String(this) };
  return this.built && !this.isDisposed ? { 'image/svg+xml': plots().plotModel(this).svg, ...text } : text;
});
