import type { Always } from '../base/call-styles';
import { boolean, checkOptions, nonEmptyString, oneOf, optional, type OptionChecks } from '../base/checks';
import { modelFunction, type ModelStep } from '../models/call-styles';
import { layerRange, type LayerRange } from '../models/layer-range';
import { builtModel } from '../models/model';
import type { Shown } from './internal/diagram-box';
import { diagramColors } from './internal/diagram-colors';
import { layoutOf, RANK_DIRECTIONS, type RankDirection } from './internal/diagram-layout';
import { diagramSvg } from './internal/diagram-svg';
import { dotOf, graphText, mermaidOf } from './internal/diagram-text';
import { readModel } from './internal/model-graph';
import { themeNames, type ThemeName } from './internal/theme';
import { Picture, type PictureFormats } from './picture';

/** Options of {@link plotModel}. */
export interface PlotModelOptions {
  /** A file to write it to, as {@link ModelDiagram.save} does: `.svg`, `.png`, `.html`, `.mmd` or `.dot`. */
  readonly file?: string | undefined;
  /** Whether the shapes are shown of what goes into each layer, and comes out. Default true. */
  readonly showShapes?: boolean | undefined;
  /** Whether the type is shown of what comes out. Default true. */
  readonly showDtype?: boolean | undefined;
  /** Whether the layers' names are shown, beside their classes. Default true. */
  readonly showLayerNames?: boolean | undefined;
  /** Whether it is shown how many parameters each layer has. Default true. */
  readonly showParams?: boolean | undefined;
  /** Whether activations are shown. Default false. */
  readonly showLayerActivations?: boolean | undefined;
  /** Whether it is said of each layer with weights if it is trained. Default false: of frozen ones only. */
  readonly showTrainable?: boolean | undefined;
  /** Whether models that are layers are open, and show what is in them. Default true. */
  readonly expandNested?: boolean | undefined;
  /** From the top to the bottom, `'TB'`, as by default; or `'BT'`, `'LR'`, `'RL'`. */
  readonly rankdir?: RankDirection | undefined;
  /** The first and the last of the layers to show; all by default. */
  readonly layerRange?: LayerRange | undefined;
  /** `'dark'` for dark pages; the others are light. Default `'gray'`. */
  readonly theme?: ThemeName | undefined;
  /** Whether it is drawn in the terminal, too, by `console.log`. Default false. */
  readonly terminal?: boolean | undefined;
  /** What it is, for those who hear it, and for a page's title. By default, the model's name. */
  readonly title?: string | undefined;
}

const checks = {
  file: optional(nonEmptyString),
  showShapes: optional(boolean, true),
  showDtype: optional(boolean, true),
  showLayerNames: optional(boolean, true),
  showParams: optional(boolean, true),
  showLayerActivations: optional(boolean, false),
  showTrainable: optional(boolean, false),
  expandNested: optional(boolean, true),
  rankdir: optional(oneOf(...RANK_DIRECTIONS), 'TB'),
  layerRange: optional(layerRange),
  theme: optional(oneOf(...themeNames), 'gray'),
  terminal: optional(boolean, false),
  title: optional(nonEmptyString),
} satisfies OptionChecks<PlotModelOptions>;

/** What a diagram says in the languages of others. */
interface DiagramTexts {
  readonly mermaid: string;
  readonly dot: string;
  readonly text: (width: number) => string;
}

/**
 * The diagram of a model: a picture, which is there as text for Mermaid and for Graphviz, too.
 *
 * @example
 * const model = pipe(kerasModelSequential({ name: 'small' }), layerDense({ units: 1, inputShape: [2] }))
 * const diagram = plotModel(model)
 * assert.ok(diagram.mermaid.startsWith('flowchart TB'))
 * assert.ok(diagram.dot.startsWith('digraph "small" {'))
 */
export class ModelDiagram extends Picture {
  /** The diagram as Mermaid draws it: in Markdown on GitHub, and elsewhere. */
  readonly mermaid: string;
  /** The diagram as Graphviz's programs draw it. */
  readonly dot: string;

  constructor(title: string, svg: string, { mermaid, dot, text }: DiagramTexts) {
    super(title, svg, text);
    this.mermaid = mermaid;
    this.dot = dot;
  }

  /** @internal */
  protected override formats(): PictureFormats {
    return { ...super.formats(), '.mmd': () => this.mermaid, '.dot': () => this.dot, '.gv': () => this.dot };
  }
}

/**
 * Draws a model: a box for each layer, with its class, the shapes and types of what goes in and comes out, and how many parameters it has;
 * models that are layers are open. A layer that is shared is there once, with the calls at its lines; frozen ones have a dashed frame.
 *
 * The picture is SVG. `file` writes it, `console.log(plotModel(model))` or `terminal: true` shows it in the terminal, and in a notebook it
 * shows itself. R and Keras need Graphviz for it, and show names alone unless shapes and the rest are asked for.
 *
 * @throws KerasStateError if the input's shape is not known yet; if the file is a PNG, and `@resvg/resvg-js` is not installed.
 * @throws KerasArgumentError if `layerRange` names no layers of the model, or the file has another ending.
 * @throws KerasFileError if the file cannot be written.
 * @example
 * const model = pipe(
 *   kerasModelSequential(),
 *   layerDense({ units: 16, activation: 'relu', inputShape: [8] }),
 *   layerDense({ units: 1 }),
 * )
 * plotModel(model, { file: 'model.svg' })
 * pipe(model, plotModel({ rankdir: 'LR', showShapes: false }))
 * assert.ok(plotModel(model).svg.includes('144 parameters'))
 * @see R keras `plot.keras.engine.training.Model`; Keras `plot_model`
 */
export const plotModel: ModelStep<PlotModelOptions, Always<ModelDiagram>> = modelFunction({
  name: 'plotModel',
  optionNames: Object.keys(checks),
  checkOptions: (options) => checkOptions('plotModel', options, checks),
  run: (model, _, { file, rankdir, layerRange: range, theme, terminal, title = model.name, ...shown }) => {
    const graph = readModel(builtModel(model).tf, range);
    const what: Shown = shown;
    const svg = diagramSvg(graph, layoutOf(graph, what, rankdir), title, diagramColors(theme));
    const diagram = new ModelDiagram(title, svg, {
      mermaid: mermaidOf(graph, what, rankdir),
      dot: dotOf(graph, what, rankdir),
      text: (width) => graphText(graph, what, width),
    });
    if (file !== undefined) diagram.write(file);
    // eslint-disable-next-line no-console -- a program's standard output is where it is asked to be drawn
    if (terminal) console.log(diagram.toText(process.stdout.columns));
    return diagram;
  },
});
