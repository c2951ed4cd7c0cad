"""
Prints models of numbers of 16 bits that Keras 3 saved (packed by gzip, in base64), and what they predict.

    npm run reference -- keras3/halves
"""
import base64
import gzip
import json
import os
import tempfile

from keras_zip import K, L, data, set_weights


def half(dtype):
    return K.Sequential([L.Input((3,)), L.Dense(4, activation="relu", dtype=dtype), L.Dense(1, dtype=dtype)])


MODELS = [
    ("half", "float16", lambda: K.optimizers.SGD(0.01, momentum=0.9)),
    ("brain", "bfloat16", lambda: K.optimizers.SGD(0.01, momentum=0.9)),
    ("mixed", "mixed_float16", lambda: K.optimizers.LossScaleOptimizer(K.optimizers.SGD(0.01, momentum=0.9), initial_scale=2.0)),
]


def case(name, dtype, optimizer, suffix):
    K.backend.clear_session()
    model = half(dtype)
    set_weights(model)
    x, y = data([(3,)], 0, False), data([(1,)], 50, False)
    model.compile(optimizer=optimizer(), loss="mse")
    for _ in range(3):
        model.train_on_batch(x, y)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"model{suffix}")
        model.save(path)
        with open(path, "rb") as file:
            content = gzip.compress(file.read(), mtime=0)
    predicted = K.ops.convert_to_numpy(K.ops.cast(model(x), "float32"))
    return {
        "name": name,
        "optimizer": "Keras 3",
        "suffix": suffix,
        "inputs": [[3]],
        "outputs": [[1]],
        "file": base64.b64encode(content).decode(),
        "predicted": [[float(f"{v:.7g}") for v in predicted.ravel()]],
        "losses": [],
    }


if __name__ == "__main__":
    print(json.dumps([case(*one, suffix) for one in MODELS for suffix in (".keras", ".h5")], separators=(",", ":")))
