/** Columns of categories together as one. */
import { describeShape, KerasShapeError } from '../../base/errors';
import { crossHashed } from '../../ops/cross-hashed';
import { KerasLayer } from '../../tfjs/keras-layer';
import { register, type Shape } from '../../tfjs/layer-classes';
import { tf, type Tensor } from '../../tfjs/tensorflow';
import { categoryShape, encoded, type CategoryMode } from './categorical-output';

interface CrossingFields {
  readonly numBins: number;
  readonly outputMode: Extract<CategoryMode, 'int' | 'one_hot'>;
  readonly sparse: false;
}

export class HashedCrossing extends KerasLayer<CrossingFields> {
  static readonly className: string = 'HashedCrossing';

  constructor(args: object) {
    super(args, { numBins: 1, outputMode: 'int', sparse: false });
    this.supportsMasking = false;
  }

  /** The type that Keras has it compute in. */
  get kerasDtype(): string {
    return this.own.outputMode === 'int' ? 'int64' : 'float32';
  }

  private checkShapes(shapes: readonly Shape[]): Shape {
    const [first = []] = shapes;
    const isColumn = first.length === 1 || (first.length === 2 && first[1] === 1);
    if (
      isColumn &&
      shapes.every(
        (shape) => shape.slice(1).join() === first.slice(1).join() && shape.length === first.length,
      )
    )
      return first;
    throw new KerasShapeError({
      layer: this.name,
      expected: `layer '${this.name}' takes columns of one category in each row: shape [batch, 1], or [batch]`,
      received: shapes.map(describeShape).join(' and '),
      advice: 'Give inputs of shape: [1]',
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = this.checkShapes(inputShape as Shape[]); // several
    return categoryShape(this.name, this.own.outputMode, shape, this.own.numBins);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const columns = [inputs].flat();
      const { shape } = columns[0] as Tensor; // there are several
      this.checkShapes(columns.map((column) => column.shape));
      const rows = columns.map((column) =>
        tf.reshape(column.dtype === 'string' ? column : tf.cast(column, 'int32'), [-1, 1]),
      );
      const { numBins, outputMode } = this.own;
      const bins = tf.reshape(crossHashed(rows, numBins), shape);
      return outputMode === 'int' ? bins : encoded(bins, outputMode, numBins);
    });
  }
}
register(HashedCrossing);
