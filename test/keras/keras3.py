"""
What is Keras 3's own, and not asked of it: what it computes otherwise is made as it is elsewhere, or left out, and shown to be so; what it
does without end ends with an error. Nothing of it changes Keras 2.
"""
import collections
import contextlib

import keras
import numpy as np
import tensorflow as tf

OLD = keras.__version__.startswith("2.")


def apply_dense(optimizer, grads, *args, **options):
    return apply(optimizer, [tf.convert_to_tensor(gradient) for gradient in grads], *args, **options)


# In TensorFlow, Keras 3 has the gradients of an embedding for each id by itself, and squares those of an id that comes twice one by one, as
# gradients_problem shows. Made dense they are what they are with its other backends, and in Keras 2.13.
if not OLD:
    apply = keras.optimizers.Optimizer.apply
    keras.optimizers.Optimizer.apply = apply_dense


def moved(apply_gradients):
    """How far RMSprop moves a weight of which two gradients of 1 have come for the same id."""
    weight = keras.Variable([[0.0]])
    gradient = tf.IndexedSlices([[1.0], [1.0]], indices=[0, 0], dense_shape=[1, 1])
    apply_gradients(keras.optimizers.RMSprop(0.1, rho=0.9), [gradient], [weight])
    return -float(weight[0, 0])


def sums_penalties(model):
    """Whether the loss of a model has penalties of outputs, of which Keras 3 has the sum over the rows, as penalties_problem shows, and Keras
    2 the mean."""
    return not OLD and any(layer.activity_regularizer is not None for layer in model._flatten_layers())


def penalties_problem():
    """What is wrong with the reason of sums_penalties: nothing if the penalty of four rows of ones is that of all."""
    layer = keras.layers.Activation("linear", activity_regularizer=keras.regularizers.L1(0.5))
    layer(np.ones((4, 3), "float32"))
    [found] = layer.losses
    return None if abs(float(found) - 0.5 * 4 * 3) < 1e-4 else f"a penalty of outputs: {found}"


def gradients_problem():
    """What is wrong with the reason of apply_dense: nothing if it is one. A gradient of 2 moves by 0.1 · 2 / √(0.1 · 2²)."""
    dense, own = moved(apply_dense), moved(apply)
    if abs(dense - 0.2 / 0.4**0.5) < 1e-4 and abs(own - 0.2 / 0.2**0.5) < 1e-4:
        return None
    return f"gradients of one id: by {own}, made dense by {dense}"


# Keras 3 knows the layers of a bidirectional one by where they are in memory, where others are as soon as nobody needs them: then it takes
# one for the other, another one each time.
if not OLD:
    initialize = keras.layers.Bidirectional.__init__
    layers_in_use = []

    def initialize_and_keep(self, layer, *args, **options):
        layers_in_use.append(layer)
        initialize(self, layer, *args, **options)

    keras.layers.Bidirectional.__init__ = initialize_and_keep


tries = collections.Counter()


class EndlessError(RuntimeError):
    """Keras 3 looks for what is not there, and goes on for ever."""


# How often Keras 3 looks for the inputs of an application of a layer at most: as often as there are layers, if they are there.
MOST_TRIES = 1000

if not OLD:
    from keras.src.models import functional

    deserialize_node = functional.deserialize_node

    def deserialize_and_count(node, layers):
        tries[id(node)] += 1
        if tries[id(node)] > MOST_TRIES:
            raise EndlessError(f"the inputs of an application are not found in {MOST_TRIES} tries")
        return deserialize_node(node, layers)

    functional.deserialize_node = deserialize_and_count


def hard_sigmoid(x):
    """Keras 2's function."""
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


@contextlib.contextmanager
def hard_sigmoid_of_keras_2():
    """Gives activations that are called so Keras 2's function."""
    from keras.src.activations import ALL_OBJECTS_DICT

    own = ALL_OBJECTS_DICT["hard_sigmoid"]
    ALL_OBJECTS_DICT["hard_sigmoid"] = hard_sigmoid
    try:
        yield
    finally:
        ALL_OBJECTS_DICT["hard_sigmoid"] = own
