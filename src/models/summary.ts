import type { KerasModel as Model, Prediction } from './model';
import { keras2Summary } from './summary-keras2';
import { keras3Summary } from './summary-keras3';
import { summaryTable, type SummaryContent } from './summary-rows';

/** The forms of summaries. */
export const SUMMARY_STYLES = ['keras2', 'keras3'] as const;
/** The form of a summary: R's table, which is Keras 2's, or Keras 3's. */
export type SummaryStyle = (typeof SUMMARY_STYLES)[number];

/** Options of a summary's form. */
export interface SummaryForm extends SummaryContent {
  /** `'keras2'`, R's table, as by default; or `'keras3'`, Keras 3's. */
  readonly style?: SummaryStyle | undefined;
  /**
   * The width of the table, in characters. By default as Keras has it, 65, or 98 with connections, 88 and 108 in Keras 3's, and at most what
   * the terminal has.
   */
  readonly lineLength?: number | undefined;
  /** Whether Keras 3's table has lines of boxes. By default, if the terminal shows these signs. */
  readonly boxes?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a terminal shows the signs of boxes: if its texts are UTF-8, and its font has these signs. */
export const showsBoxes = (env: Environment, platform: string): boolean => {
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false;
  if (platform === 'win32')
    return ['WT_SESSION', 'TERM_PROGRAM', 'ConEmuTask'].some((name) => (env[name] ?? '') !== '');
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (name) => name !== undefined && name !== '',
  );
  return /utf-?8/i.test(locale ?? '');
};

/** Keras's table of a model, at most as wide as a terminal of so many columns, if there is one. */
export const summaryText = (
  model: Model<Prediction>,
  { style = 'keras2', lineLength, boxes, ...content }: SummaryForm = {},
  columns?: number,
): string => {
  // R's own words.
  if (!model.built) return 'Model: <no summary available, model was not built>';
  const table = summaryTable(model, content);
  const { isLinear, showsTrainable } = table;
  if (style === 'keras2') {
    // The column is beside the table, whose width is without it.
    const room = (columns ?? Infinity) - (showsTrainable ? 11 : 0);
    return keras2Summary(model.name, table, lineLength ?? Math.min(isLinear ? 65 : 98, Math.max(1, room)));
  }
  // Keras's own 100 and 120 are not enough for the column's heading.
  const usual = (isLinear ? 88 : 108) + (showsTrainable ? 32 : 0);
  const hasBoxes = boxes ?? showsBoxes(process.env, process.platform);
  return keras3Summary(model.name, table, lineLength ?? Math.min(usual, columns ?? Infinity), hasBoxes);
};
