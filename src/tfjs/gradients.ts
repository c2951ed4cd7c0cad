import type * as Tfjs from '@tensorflow/tfjs';

/**
 * The gradient of `|x|` is the sign of x, 0 at 0. tfjs's own is −1 there: weights that are 0, as those of a bias at first, would
 * be pushed by an L1 penalty.
 */
export const replaceAbsGradient = (tf: typeof Tfjs): void => {
  tf.registerGradient({
    kernelName: 'Abs',
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => {
      const [x] = saved as [Tfjs.Tensor]; // the input, as asked for
      return { x: () => tf.mul(dy as Tfjs.Tensor, tf.sign(tf.cast(x, 'float32'))) }; // of one output
    },
  });
};

/** The gradient of ReLU up to 6 is 0 at 6, too, as TensorFlow's own kernel has it; tfjs's is 1 there. */
export const replaceRelu6Gradient = (tf: typeof Tfjs): void => {
  tf.registerGradient({
    kernelName: 'Relu6',
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => {
      const [x] = saved as [Tfjs.Tensor]; // the input, as asked for
      const passes = tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6));
      return { x: () => tf.mul(dy as Tfjs.Tensor, tf.cast(passes, 'float32')) }; // of one output
    },
  });
};

/**
 * The gradient of SELU at 0 is that of values above, as TensorFlow's own kernel has it; tfjs takes the one of values below, which
 * is another.
 */
export const replaceSeluGradient = (tf: typeof Tfjs): void => {
  const scale = 1.0507009873554805;
  const scaleAlpha = 1.7580993408473768;
  tf.registerGradient({
    kernelName: 'Selu',
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => {
      const [x] = saved as [Tfjs.Tensor]; // the input, as asked for
      const slope = (): Tfjs.Tensor =>
        tf.where(tf.less(x, 0), tf.mul(tf.exp(tf.minimum(x, 0)), scaleAlpha), tf.fill(x.shape, scale));
      return { x: () => tf.mul(dy as Tfjs.Tensor, slope()) }; // of one output
    },
  });
};

/** ELU's gradient, `dy · (y < 0 ? y + 1 : 1)`, has one itself, for gradients of gradients; tfjs's has none. */
export const addEluGradGradient = (tf: typeof Tfjs): void => {
  tf.registerGradient({
    kernelName: 'EluGrad',
    inputsToSave: ['dy', 'y'],
    gradFunc: (gradient, saved) => {
      const [dy, y] = saved as [Tfjs.Tensor, Tfjs.Tensor]; // the inputs, as asked for
      const isBelow = (): Tfjs.Tensor => tf.cast(tf.less(y, 0), 'float32');
      const of = (factor: Tfjs.Tensor): Tfjs.Tensor => tf.mul(gradient as Tfjs.Tensor, factor); // of one output
      return { dy: () => of(tf.add(tf.mul(isBelow(), y), 1)), y: () => of(tf.mul(isBelow(), dy)) };
    },
  });
};

/** The gradient of a convolution of volumes by its input has gradients itself, for gradients of gradients; tfjs's has none. */
export const addConv3dInputGradient = (tf: typeof Tfjs): void => {
  tf.registerGradient({
    kernelName: 'Conv3DBackpropInputV2',
    inputsToSave: ['dy', 'filter'],
    gradFunc: (gradient, saved, attrs) => {
      const [dy, filter] = saved as [Tfjs.Tensor5D, Tfjs.Tensor5D]; // the inputs, as asked for
      const { strides, pad } = attrs as unknown as {
        strides: [number, number, number];
        pad: 'same' | 'valid';
      }; // the kernel's
      const convolve = (kernel: Tfjs.Tensor5D): Tfjs.Tensor5D =>
        tf.conv3d(gradient as Tfjs.Tensor5D, kernel, strides, pad); // of one output
      return {
        dy: () => convolve(filter),
        filter: () => tf.grad((kernel) => convolve(kernel as Tfjs.Tensor5D))(filter, dy),
      };
    },
  });
};

/**
 * The gradients of the larger and the smaller of two. tfjs's own are of the result's shape, so that a formula in which a smaller
 * tensor is spread over a larger one, such as `tf.minimum(x, tf.mean(x))`, cannot be trained. Of two that are equal the first gets it, as in TensorFlow.
 */
export const replaceExtremeGradients = (tf: typeof Tfjs): void => {
  const summed = (gradient: Tfjs.Tensor, { shape }: Tfjs.Tensor): Tfjs.Tensor => {
    const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
    return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
  };
  const register = (kernelName: string, isFirst: (a: Tfjs.Tensor, b: Tfjs.Tensor) => Tfjs.Tensor): void => {
    tf.registerGradient({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, saved) => {
        const [a, b] = saved as [Tfjs.Tensor, Tfjs.Tensor]; // the inputs, as asked for
        const of = (chosen: Tfjs.Tensor, input: Tfjs.Tensor): Tfjs.Tensor =>
          summed(tf.mul(dy as Tfjs.Tensor, tf.cast(chosen, 'float32')), input); // of one output
        return { a: () => of(isFirst(a, b), a), b: () => of(tf.logicalNot(isFirst(a, b)), b) };
      },
    });
  };
  register('Maximum', (a, b) => tf.greaterEqual(a, b));
  register('Minimum', (a, b) => tf.lessEqual(a, b));
};

/** Comparisons of two tensors, and what is asked of one, for which tfjs has no gradient. */
const COMPARISONS = ['Greater', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr'];
const QUESTIONS = ['LogicalNot', 'IsNan', 'IsInf', 'IsFinite'];

/**
 * Comparisons have the gradient 0, as in TensorFlow. Without one, a formula with `tf.where(tf.greater(x, 0), …)` cannot be
 * trained: tfjs asks for the gradient of the condition, too.
 */
export const addComparisonGradients = (tf: typeof Tfjs): void => {
  const zeros = (x: Tfjs.Tensor | undefined) => () => tf.zeros((x as Tfjs.Tensor).shape); // saved, as asked for
  for (const kernelName of COMPARISONS) {
    tf.registerGradient({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (_, [a, b]) => ({ a: zeros(a), b: zeros(b) }),
    });
  }
  for (const kernelName of QUESTIONS) {
    tf.registerGradient({ kernelName, inputsToSave: ['x'], gradFunc: (_, [x]) => ({ x: zeros(x) }) });
  }
};
