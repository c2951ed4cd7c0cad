"""
Prints models that Keras 2.13 saved as `.keras`, which is not what Keras 3 writes, and models with numbers of 16 bits, in HDF5 as well
(packed by gzip, in base64); what they predict, and the losses of the next five steps of training.

    npm run reference -- keras_zip
"""
import base64
import gzip
import json
import os
import tempfile

from keras_hdf5 import K, L, MODELS, data, ids, set_weights


def deep():
    """Layers of a class with and without weights, models in models, layers in layers."""
    inner = K.Sequential([L.Dense(4, input_shape=(4,)), L.Dense(4), L.BatchNormalization()], name="inner")
    x = L.Input((6, 4))
    y = L.TimeDistributed(inner)(x)
    y = L.Bidirectional(L.LSTM(3, return_sequences=True))(y)
    y = L.RNN([L.GRUCell(3), L.LSTMCell(2)], return_sequences=True)(y)
    y = L.Conv1D(3, 2)(L.Conv1D(3, 2)(y))
    y = L.LayerNormalization()(L.Flatten()(y))
    y = L.Dense(2)(L.Dropout(0.0)(L.Dense(3, activation="relu")(y)))
    return K.Model(x, L.Dense(1)(y))


def images():
    return K.Sequential(
        [
            L.Rescaling(0.5, offset=0.1, input_shape=(6, 6, 2)),
            L.SeparableConv2D(2, 2),
            L.DepthwiseConv2D(2),
            L.Reshape((1, 4, 4, 2)),
            L.ConvLSTM2D(2, 2),
            L.Conv2DTranspose(2, 2),
            L.PReLU(),
            L.SpectralNormalization(L.Conv2D(2, 2)),
            L.Flatten(),
            L.Dense(1),
        ]
    )


def half():
    return K.Sequential([L.Dense(4, activation="relu", dtype="float16", input_shape=(3,)), L.Dense(1, dtype="float16")])


def brain():
    return K.Sequential([L.Dense(4, activation="relu", dtype="bfloat16", input_shape=(3,)), L.Dense(1, dtype="bfloat16")])


def mixed():
    return K.Sequential([L.Dense(4, activation="relu", dtype="mixed_float16", input_shape=(3,)), L.Dense(1, dtype="float32")])


# Of what is of the module `legacy` Keras keeps no state.
ZIPPED = [one for one in MODELS if "legacy" not in type(one[3]["optimizer"]).__module__] + [
    (deep, [(6, 4)], [(1,)], {"optimizer": "adam", "loss": "mse"}),
    # Keras cannot trace the training of spectral normalization.
    (images, [(6, 6, 2)], [(1,)], {"optimizer": "rmsprop", "loss": "mse", "run_eagerly": True}),
]
HALVES = [half, brain, mixed]


def scaled(make):
    """Numbers of 16 bits are trained with scaled losses where variables are of 32."""
    optimizer = K.optimizers.SGD(0.01, momentum=0.9)
    return K.mixed_precision.LossScaleOptimizer(optimizer, initial_scale=2.0) if make is mixed else optimizer


def case(make, inputs, outputs, options, suffix, is_exact):
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
        path = os.path.join(folder, f"model{suffix}")
        model.save(path)
        with open(path, "rb") as file:
            content = gzip.compress(file.read(), mtime=0)
    predicted = model(x, training=False)
    predicted = predicted if isinstance(predicted, list) else [predicted]
    losses = []
    for _ in range(5 if is_exact else 0):
        result = model.train_on_batch(x, y)
        losses.append(float(result[0] if isinstance(result, list) else result))
    return {
        "name": make.__name__,
        "optimizer": type(model.optimizer).__name__,
        "suffix": suffix,
        "inputs": inputs,
        "outputs": outputs,
        "file": base64.b64encode(content).decode(),
        "predicted": [[float(f"{v:.7g}") for v in p.numpy().astype("float32").ravel()] for p in predicted],
        "losses": losses,
    }


def main():
    zipped = [case(*one, ".keras", True) for one in ZIPPED]
    halves = [
        case(make, [(3,)], [(1,)], {"optimizer": scaled(make), "loss": "mse"}, suffix, False)
        for make in HALVES
        for suffix in (".keras", ".h5")
    ]
    print(json.dumps(zipped + halves, separators=(",", ":")))


if __name__ == "__main__":
    main()
