"""
Prints models that Keras 2.13 saved in its HDF5 format (packed by gzip, in base64), what they predict, and the losses of the next
five steps of training.

    npm run reference -- keras_hdf5
"""
import base64
import gzip
import json
import os
import tempfile

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers


def grid(shape, seed):
    """Numbers in [-1, 1), as test/layers/reference/cases.ts makes them."""
    index = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1 + 1009 * seed)
    hashed = (index * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    hashed ^= hashed >> np.uint64(15)
    hashed = (hashed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    return ((hashed >> np.uint64(16)).astype("float64") / 2**15 - 1).reshape(shape).astype("float32")


def set_weights(model, seed=100):
    values = []
    for index, weight in enumerate(model.get_weights()):
        value = 0.5 * grid(weight.shape, seed + index)
        values.append(np.abs(value) + 0.5 if "variance" in model.weights[index].name else value)
    model.set_weights(values)


def stack():
    return K.Sequential(
        [L.Dense(4, activation="relu", input_shape=(3,)), L.BatchNormalization(), L.Dense(1)], name="stack"
    )


def conv():
    return K.Sequential(
        [
            L.Conv2D(2, 3, activation="relu", kernel_regularizer=K.regularizers.L2(0.01), input_shape=(6, 6, 1)),
            L.MaxPooling2D(),
            L.Flatten(),
            L.Dense(3, activation="softmax", kernel_constraint="max_norm"),
        ]
    )


def shared():
    left, right = L.Input((3,), name="left"), L.Input((3,), name="right")
    encoder = L.Dense(4, activation="tanh", name="encoder")
    a, b = encoder(left), encoder(right)
    joined = L.Concatenate()([b, a])
    return K.Model([left, right], [L.Dense(2, name="out")(joined), L.Dense(1, name="side")(a)], name="shared")


def nested():
    inner = K.Sequential([L.Dense(3, input_shape=(3,)), L.BatchNormalization()], name="inner")
    frozen = K.Sequential([L.Dense(3, input_shape=(3,)), L.BatchNormalization()], name="frozen")
    frozen.trainable = False
    x = L.Input((3,))
    y = inner(x)
    return K.Model(x, L.Add()([frozen(y), inner(y)]), name="nested")


def recurrent():
    x = L.Input((5, 3))
    y = L.LSTM(4, return_sequences=True)(x)
    return K.Model(x, L.Dense(1)(L.GRU(3)(y)))


def attention():
    x, y = L.Input((5, 4)), L.Input((6, 4))
    return K.Model([x, y], L.MultiHeadAttention(2, 3)(x, y, use_causal_mask=True))


def ids():
    return K.Sequential([L.Embedding(10, 3, input_length=5), L.GlobalAveragePooling1D(), L.Dense(1, activation="sigmoid")])


# Nadam runs eagerly: traced, Keras's multiplies its running product once for each weight.
MODELS = [
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.Adam(0.01, clipnorm=1.0), "loss": "mse", "metrics": ["mae"]}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.SGD(0.05, momentum=0.9, nesterov=True), "loss": K.losses.Huber(delta=0.5)}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.SGD(K.optimizers.schedules.ExponentialDecay(0.1, 2, 0.9)), "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.RMSprop(0.01, centered=True, momentum=0.5), "loss": "mae", "metrics": [K.metrics.RootMeanSquaredError(name="root")]}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.Adam(0.01, amsgrad=True, use_ema=True), "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": "adagrad", "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": "adadelta", "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": "adamax", "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": "nadam", "loss": "mse", "run_eagerly": True}),
    (stack, [(3,)], [(1,)], {"optimizer": "ftrl", "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.AdamW(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.legacy.Adam(0.01, decay=0.1), "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.legacy.SGD(0.01, momentum=0.5), "loss": "mse"}),
    (conv, [(6, 6, 1)], [(3,)], {"optimizer": "adam", "loss": K.losses.CategoricalCrossentropy(label_smoothing=0.1), "metrics": ["accuracy"]}),
    (shared, [(3,), (3,)], [(2,), (1,)], {"optimizer": "sgd", "loss": ["mse", "mae"], "loss_weights": [1.0, 0.5]}),
    (nested, [(3,)], [(3,)], {"optimizer": "adam", "loss": "mse"}),
    (recurrent, [(5, 3)], [(1,)], {"optimizer": "rmsprop", "loss": "mse"}),
    (attention, [(5, 4), (6, 4)], [(5, 4)], {"optimizer": "adam", "loss": "mse"}),
    (ids, [(5,)], [(1,)], {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy", K.metrics.AUC(name="area")]}),
]


def data(shapes, seed, is_ids):
    arrays = [grid([8, *shape], seed + index) for index, shape in enumerate(shapes)]
    if is_ids:
        arrays = [np.floor((array + 1) / 2 * 10).astype("int32") for array in arrays]
    return arrays if len(arrays) > 1 else arrays[0]


def case(make, inputs, outputs, options):
    K.backend.clear_session()
    model = make()
    x = data(inputs, 0, make is ids)
    model(x)
    set_weights(model)
    y = data(outputs, 50, False)
    model.compile(**options)
    for _ in range(3):
        model.train_on_batch(x, y)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        model.save(path)
        with open(path, "rb") as file:
            content = gzip.compress(file.read(), mtime=0)
    predicted = model(x, training=False)
    predicted = predicted if isinstance(predicted, list) else [predicted]
    losses = []
    for _ in range(5):
        result = model.train_on_batch(x, y)
        losses.append(float(result[0] if isinstance(result, list) else result))
    return {
        "name": make.__name__,
        "optimizer": type(model.optimizer).__name__,
        "inputs": inputs,
        "outputs": outputs,
        "file": base64.b64encode(content).decode(),
        "predicted": [[float(f"{v:.7g}") for v in p.numpy().ravel()] for p in predicted],
        "losses": losses,
    }


if __name__ == "__main__":
    print(json.dumps([case(*one) for one in MODELS], separators=(",", ":")))
