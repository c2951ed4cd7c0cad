"""
Prints crossentropies that Keras 2.13 computes of saturated outputs, in training and in evaluation, by what makes the output:
from logits where it knows them, from clipped probabilities elsewhere.

    npm run reference -- saturated
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
ONE = np.array([[30.0]], dtype="float32")
TWO = np.array([[30.0, -30.0]], dtype="float32")


def dense(kernel, **options):
    return L.Dense(kernel.shape[1], use_bias=False, kernel_initializer=K.initializers.Constant(kernel), **options)


def case(make, loss, labels, metric=None, x=((1.0,),)):
    """Loss and metric of one input, before and after one step of SGD(1), and the kernel after it."""
    x, labels = np.array(x, dtype="float32"), np.array(labels, dtype="float32")
    inputs = L.Input(x.shape[1:])
    model = K.Model(inputs, make(inputs))
    model.compile(K.optimizers.SGD(1.0), loss, metrics=[metric or loss])
    before = model.evaluate(x, labels, verbose=0)
    trained = model.train_on_batch(x, labels)
    return {
        "loss": loss,
        "labels": labels.tolist(),
        "evaluated": [float(value) for value in before],
        "trained": [float(value) for value in trained],
        "kernel": model.get_weights()[0].tolist(),
    }


def sequential(*layers, shape=(1,)):
    return K.Sequential([L.Input(shape), *layers])


BINARY, CATEGORICAL, SPARSE = "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"
then = lambda layer: lambda x: layer(dense(ONE)(x))
then2 = lambda layer: lambda x: layer(dense(TWO)(x))

sequences = np.array([[[1.0], [1.0]]])
convolution = lambda **options: L.Conv1D(
    2, 1, use_bias=False, kernel_initializer=K.initializers.Constant(TWO[None]), **options
)

cases = {
    "sigmoid": case(dense(ONE, activation="sigmoid"), BINARY, [[0.0]]),
    "sigmoid, right": case(dense(ONE, activation="sigmoid"), BINARY, [[1.0]]),
    "sigmoid, smoothed": case(dense(ONE, activation="sigmoid"), BINARY, [[0.1]]),
    "sigmoid as a layer": case(then(L.Activation("sigmoid")), BINARY, [[0.0]]),
    "sigmoid, then linear": case(
        lambda x: L.Activation("linear")(L.Activation("sigmoid")(dense(ONE)(x))), BINARY, [[0.0]]
    ),
    "sigmoid, then dropout": case(lambda x: L.Dropout(0.0)(dense(ONE, activation="sigmoid")(x)), BINARY, [[0.0]]),
    "sigmoid, then reshape": case(lambda x: L.Reshape((1,))(dense(ONE, activation="sigmoid")(x)), BINARY, [[0.0]]),
    "sigmoid in a model": case(sequential(dense(ONE, activation="sigmoid")), BINARY, [[0.0]]),
    "sigmoid in a model in a model": case(
        sequential(sequential(dense(ONE, activation="sigmoid"))), BINARY, [[0.0]]
    ),
    "own activation": case(then(L.Activation(lambda x: 1 / (1 + tf.exp(-x)))), BINARY, [[0.0]]),
    "softmax": case(dense(TWO, activation="softmax"), CATEGORICAL, [[0.0, 1.0]]),
    "softmax, smoothed": case(dense(TWO, activation="softmax"), CATEGORICAL, [[0.2, 0.8]]),
    "softmax as a layer": case(then2(L.Activation("softmax")), CATEGORICAL, [[0.0, 1.0]]),
    "Softmax": case(then2(L.Softmax()), CATEGORICAL, [[0.0, 1.0]]),
    "softmax in a model": case(sequential(dense(TWO, activation="softmax")), CATEGORICAL, [[0.0, 1.0]]),
    "softmax, class numbers": case(dense(TWO, activation="softmax"), SPARSE, [1.0]),
    "Softmax, class numbers": case(then2(L.Softmax()), SPARSE, [[1.0]]),
    "softmax of sequences": case(dense(TWO, activation="softmax"), CATEGORICAL, [[[0.0, 1.0], [1.0, 0.0]]], x=sequences),
    "softmax of sequences, class numbers": case(dense(TWO, activation="softmax"), SPARSE, [[1.0, 0.0]], x=sequences),
    "Softmax along another axis": case(then2(L.Softmax(axis=1)), CATEGORICAL, [[[0.0, 1.0], [1.0, 0.0]]], x=sequences),
    "softmax of a convolution": case(
        convolution(activation="softmax"), CATEGORICAL, [[[0.0, 1.0], [1.0, 0.0]]], x=sequences
    ),
    "softmax with the binary loss": case(dense(TWO, activation="softmax"), BINARY, [[0.0, 1.0]]),
    "Softmax with the binary loss": case(then2(L.Softmax()), BINARY, [[0.0, 1.0]]),
    "sigmoid with the categorical loss": case(dense(TWO, activation="sigmoid"), CATEGORICAL, [[0.0, 1.0]]),
    "sigmoid with class numbers": case(dense(TWO, activation="sigmoid"), SPARSE, [1.0]),
}
print(json.dumps(cases))
