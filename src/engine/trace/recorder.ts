import { bound, type Binding, type NativeTensor } from '../../tfjs/binding';
import { layerBeingApplied } from '../../tfjs/layer-apply';
import type { RecordedConstant, RecordedOp } from './recording';
import { StandInRead, type StandIns } from './stand-ins';

/** Where ops are recorded at the moment. */
export class Recorder {
  readonly constants = new Map<number, RecordedConstant>();
  readValues = false;
  ops: RecordedOp[] | undefined = [];

  /** The object that stands in the binding's place. */
  readonly binding: Binding;

  /** With stand-ins, little is computed. */
  constructor(
    real: Binding,
    private readonly standIns?: StandIns,
  ) {
    this.binding = {
      ...bound(real),
      executeOp: (name, attributes, inputs, outputs) => {
        const made =
          standIns?.outputsOf(name, attributes, inputs) ??
          real.executeOp(name, attributes, standIns?.inputsOf(inputs) ?? inputs, outputs);
        for (const { id, shape } of made) standIns?.know(id, shape);
        standIns?.follow(inputs, made);
        this.ops?.push({
          name,
          attributes,
          layer: layerBeingApplied(),
          inputs: [...inputs],
          outputs: made.map(({ id, dtype, shape }) => ({ id, dtype, shape: [...shape] })),
        });
        return made;
      },
      createTensor: (shape, dtype, values) => {
        const id = standIns?.constantOf(shape, dtype) ?? real.createTensor(shape, dtype, values);
        standIns?.know(id, shape, values);
        if (this.ops !== undefined)
          this.constants.set(id, { shape: [...shape], dtype, values: values.slice() });
        return id;
      },
      tensorDataSync: (id) => {
        this.readValues = true;
        if (standIns?.isBehind(id) === true) throw new StandInRead();
        return real.tensorDataSync(id);
      },
    };
  }

  /** A tensor of zeros that is not recorded; undefined where all is computed. */
  zeros(shape: readonly number[]): NativeTensor | undefined {
    const tensor = this.standIns?.reserve(shape);
    if (tensor !== undefined) this.standIns?.know(tensor.id, shape);
    return tensor;
  }

  /** Runs something with ops going elsewhere: into a list of their own, or nowhere. */
  into<T>(ops: RecordedOp[] | undefined, run: () => T): T {
    const outer = this.ops;
    this.ops = ops;
    try {
      return run();
    } finally {
      this.ops = outer;
    }
  }
}
