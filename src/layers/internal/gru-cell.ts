import { tf } from '../../tfjs/tensorflow';
import { buildingCellView } from '../../tfjs/private';
import { classOf, register, type LayerConfig, type Shape } from '../../tfjs/layer-classes';

/** The arguments of a GRU that its cell and its layer share. */
export interface GruArguments {
  readonly units?: number;
  readonly resetAfter?: boolean;
  readonly dropout?: number | undefined;
  readonly recurrentDropout?: number | undefined;
  readonly activityRegularizer?: unknown;
}

const TfjsGruCell = classOf(tf.layers.gruCell({ units: 1 }));

/**
 * The weights of a GRU, with `resetAfter`, the form that Keras uses by default, on which tfjs's cell throws. What it
 * computes is in the layer, which runs all steps.
 */
export class GruCell extends TfjsGruCell {
  static readonly className: string = 'GRUCell';
  readonly resetAfter: boolean;

  constructor({ resetAfter, ...args }: GruArguments) {
    super(args as never); // `classOf` cannot know the factory's arguments
    this.resetAfter = resetAfter ?? false;
  }

  override build(inputShape: Shape | Shape[]): void {
    const cell = buildingCellView(this);
    if (!this.resetAfter || !cell.useBias) {
      super.build(inputShape);
      return;
    }
    Object.assign(this, { useBias: false });
    super.build(inputShape);
    Object.assign(this, { useBias: true });
    // One bias for the input's product, one for the state's.
    const { biasInitializer, biasRegularizer, biasConstraint } = cell;
    const shape = [2, cell.units * 3];
    cell.bias = cell.addWeight('bias', shape, null, biasInitializer, biasRegularizer, true, biasConstraint);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), resetAfter: this.resetAfter };
  }
}
register(GruCell);
