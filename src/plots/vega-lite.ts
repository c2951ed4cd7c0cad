// A history makes it by ./internal/vega-lite, which is loaded when it is asked for: see ./on-objects.

/** Options of {@link History.vegaLite}. */
export interface VegaLiteOptions {
  /** The metrics to show, without `val_`: all of the history by default. */
  readonly metrics?: readonly string[] | undefined;
  /** Whether lines are smooth, from ten epochs on. Default true; false: from point to point. */
  readonly smooth?: boolean | undefined;
}

/** A point of a training, or of the smooth line through its points. */
export interface VegaLiteRow {
  readonly epoch: number;
  readonly metric: string;
  readonly data: 'training' | 'validation';
  /** Null where it is no finite number. */
  readonly value?: number | null;
  readonly line?: number;
}

/** A specification of Vega-Lite: plain data, which `JSON.stringify` writes as it is. */
export interface VegaLiteSpecification {
  readonly $schema: string;
  readonly description: string;
  readonly data: { readonly values: readonly VegaLiteRow[] };
  readonly [property: string]: unknown;
}

declare module '../training/history' {
  interface History {
    /**
     * What `plot` shows as a specification of Vega-Lite 5, for pages and notebooks that draw those: a panel for each metric, a point for
     * each epoch, and lines.
     *
     * @throws KerasArgumentError if the history has no epoch, or not that metric.
     * @see https://vega.github.io/vega-lite/
     */
    vegaLite(options?: VegaLiteOptions): VegaLiteSpecification;
  }
}
