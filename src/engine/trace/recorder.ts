import { bound, type Binding } from '../../tfjs/binding';
import { layerBeingApplied } from '../../tfjs/layer-apply';
import type { RecordedConstant, RecordedOp } from './recording';

/** Where ops are recorded at the moment. */
export class Recorder {
  readonly constants = new Map<number, RecordedConstant>();
  readValues = false;
  ops: RecordedOp[] | undefined = [];

  /** The object that stands in the binding's place. */
  readonly binding: Binding;

  constructor(real: Binding) {
    this.binding = {
      ...bound(real),
      executeOp: (name, attributes, inputs, outputs) => {
        const made = real.executeOp(name, attributes, inputs, outputs);
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
        const id = real.createTensor(shape, dtype, values);
        if (this.ops !== undefined)
          this.constants.set(id, { shape: [...shape], dtype, values: values.slice() });
        return id;
      },
      tensorDataSync: (id) => {
        this.readValues = true;
        return real.tensorDataSync(id);
      },
    };
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
