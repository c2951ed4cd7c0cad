"""
Prints models that Keras 3 saved as `.keras` (in base64), what they predict, and the losses of the next five steps of training.

    npm run reference -- keras3/keras_zip
"""
import base64
import json
import os
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import keras as K
import numpy as np

L = K.layers


def grid(shape, seed):
    """Numbers in [-1, 1), as test/layers/reference/cases.ts makes them."""
    index = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1 + 1009 * seed)
    hashed = (index * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    hashed ^= hashed >> np.uint64(15)
    hashed = (hashed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    return ((hashed >> np.uint64(16)).astype("float64") / 2**15 - 1).reshape(shape).astype("float32")


def set_weights(model, seed=100):
    for index, weight in enumerate(model.weights):
        value = 0.5 * grid(weight.shape, seed + index)
        weight.assign(np.abs(value) + 0.5 if "variance" in weight.path else value)


@K.saving.register_keras_serializable(package="pack")
def wave(x):
    return K.ops.sin(x)


@K.saving.register_keras_serializable(package="pack")
class Scaled(L.Layer):
    def __init__(self, by=1.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def build(self, input_shape):
        self.shift = self.add_weight(name="shift", shape=(input_shape[-1],))

    def call(self, x):
        return self.by * x + self.shift

    def get_config(self):
        return {**super().get_config(), "by": self.by}


def stack():
    return K.Sequential([L.Input((3,)), L.Dense(4, activation="relu"), L.BatchNormalization(), L.Dense(1)], name="stack")


def conv():
    return K.Sequential(
        [
            L.Input((6, 6, 1)),
            L.Conv2D(2, 3, activation="relu", kernel_regularizer=K.regularizers.L2(0.01)),
            L.SeparableConv2D(2, 2, padding="same"),
            L.DepthwiseConv2D(2),
            L.MaxPooling2D(),
            L.Flatten(),
            L.Dropout(0.0),
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
    inner = K.Sequential([L.Input((3,)), L.Dense(3), L.BatchNormalization()], name="inner")
    z = L.Input((3,))
    frozen = K.Model(z, L.BatchNormalization()(L.Dense(3)(z)), name="frozen")
    frozen.trainable = False
    x = L.Input((3,))
    y = inner(x)
    return K.Model(x, frozen(L.Add()([frozen(y), inner(y)])), name="nested")


def recurrent():
    x = L.Input((5, 3))
    y, h, c = L.LSTM(4, return_sequences=True, return_state=True)(x)
    y = L.LSTM(4, return_sequences=True)(y, initial_state=[h, c])
    y = L.RNN([L.GRUCell(3), L.LSTMCell(2)], return_sequences=True)(y)
    y = L.Bidirectional(L.GRU(2, return_sequences=True), merge_mode="sum")(y)
    return K.Model(x, L.Dense(1)(L.SimpleRNN(3)(y)))


def images():
    return K.Sequential(
        [
            L.Input((6, 6, 2)),
            L.Rescaling(0.5, offset=0.1),
            L.RandomRotation(0.0),
            L.CenterCrop(5, 5),
            L.Reshape((1, 5, 5, 2)),
            L.ConvLSTM2D(2, 2),
            L.Flatten(),
            L.Dense(1),
        ]
    )


def wrapped():
    z = L.Input((3,))
    inside = K.Model(z, L.Dense(2)(L.Dense(3)(z)))
    return K.Sequential(
        [
            L.Input((5, 3)),
            L.TimeDistributed(inside),
            L.Conv1D(3, 2),
            L.LayerNormalization(),
            L.GlobalAveragePooling1D(),
        ]
    )


def spectral():
    return K.Sequential([L.Input((3,)), L.SpectralNormalization(L.Dense(2)), L.Dense(1)])


def attention():
    x, y = L.Input((5, 4)), L.Input((6, 4))
    z = L.MultiHeadAttention(2, 3)(x, y, use_causal_mask=True)
    z = L.GroupQueryAttention(2, 4, 2)(query=z, key=y, value=y)
    return K.Model([x, y], L.Attention(use_scale=True)([z, y]))


def ids():
    return K.Sequential([L.Input((5,), dtype="int32"), L.Embedding(10, 3), L.GlobalAveragePooling1D(), L.Dense(1, activation="sigmoid")])


def own():
    return K.Sequential([L.Input((3,)), L.Dense(4, activation=wave), Scaled(2.0), L.Dense(1)], name="own")


O = K.optimizers
MODELS = [
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Adam(0.01, clipnorm=1.0), "loss": "mse", "metrics": ["mae"]}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.SGD(0.05, momentum=0.9, nesterov=True), "loss": K.losses.Huber()}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.SGD(O.schedules.ExponentialDecay(0.1, 2, 0.9)), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.RMSprop(0.01, centered=True, momentum=0.5), "loss": "mae", "metrics": [K.metrics.RootMeanSquaredError(name="root")]}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Adam(0.01, amsgrad=True), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Adam(0.01, gradient_accumulation_steps=2), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.AdamW(0.01, weight_decay=0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Adagrad(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Adadelta(1.0), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Adamax(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Nadam(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Ftrl(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Lion(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Lamb(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Adafactor(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], lambda: {"optimizer": O.Muon(0.01), "loss": "mse"}),
    (conv, [(6, 6, 1)], [(3,)], lambda: {"optimizer": "adam", "loss": K.losses.CategoricalCrossentropy(label_smoothing=0.1), "metrics": ["accuracy"]}),
    (shared, [(3,), (3,)], [(2,), (1,)], lambda: {"optimizer": "sgd", "loss": ["mse", "mae"], "loss_weights": [1.0, 0.5]}),
    (nested, [(3,)], [(3,)], lambda: {"optimizer": "adam", "loss": "mse"}),
    (recurrent, [(5, 3)], [(1,)], lambda: {"optimizer": "rmsprop", "loss": "mse"}),
    (images, [(6, 6, 2)], [(1,)], lambda: {"optimizer": "adam", "loss": "mse"}),
    (wrapped, [(5, 3)], [(3,)], lambda: {"optimizer": "adam", "loss": "mse"}),
    (spectral, [(3,)], [(1,)], lambda: {"optimizer": "adam", "loss": "mse"}),
    (attention, [(5, 4), (6, 4)], [(5, 4)], lambda: {"optimizer": "adam", "loss": "mse"}),
    (ids, [(5,)], [(1,)], lambda: {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy", K.metrics.AUC(name="area")]}),
    (own, [(3,)], [(1,)], lambda: {"optimizer": "adam", "loss": "mse"}),
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
    set_weights(model)
    y = data(outputs, 50, False)
    # Labels of classes, as rows of one 1 or as 0 and 1.
    if make is conv:
        y = np.eye(3, dtype="float32")[np.argmax(y, axis=1)]
    elif make is ids:
        y = (y > 0).astype("float32")
    model.compile(**options())

    def step():
        result = model.fit(x, y, batch_size=8, epochs=1, shuffle=False, verbose=0)
        return float(result.history["loss"][0])

    for _ in range(3):
        step()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        with open(path, "rb") as file:
            content = file.read()
    predicted = model.predict(x, verbose=0)
    predicted = predicted if isinstance(predicted, (list, tuple)) else [predicted]
    return {
        "name": make.__name__,
        "optimizer": type(model.optimizer).__name__,
        "inputs": inputs,
        "outputs": outputs,
        "file": base64.b64encode(content).decode(),
        "predicted": [[float(f"{v:.7g}") for v in np.asarray(p).ravel()] for p in predicted],
        # Of spectral normalization JAX trains another weight than TensorFlow: the one before it is normalized.
        "losses": [] if make is spectral else [step() for _ in range(5)],
    }


if __name__ == "__main__":
    print(json.dumps([case(*one) for one in MODELS], separators=(",", ":")))
