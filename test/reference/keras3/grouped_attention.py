"""
Prints models with attention of grouped queries that Keras 3 saved, as `.keras` and as HDF5 (gzipped, in base64), where the layer is called
otherwise, with what they predict, and the losses of the next five steps of training. The third input, if there is one, is which steps may be
seen: where the numbers are above 0, and the first ones. (Of a step that sees none, Keras 3 makes one thing or another, as the layer is to put
out scores or not.)

    npm run reference -- keras3/grouped_attention
"""
import base64
import gzip
import json
import os
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import keras as K
import numpy as np
from keras_zip import data, set_weights

L = K.layers


def causal():
    x, y = L.Input((5, 4)), L.Input((6, 4))
    z = L.GroupQueryAttention(2, 4, 2)(x, y, use_causal_mask=True)
    return K.Model([x, y], L.Dense(2)(L.Flatten()(z)))


def masked():
    x, y, seen = L.Input((5, 4)), L.Input((6, 4)), L.Input((5, 6), dtype="bool")
    z = L.GroupQueryAttention(2, 4, 2)(x, y, attention_mask=seen)
    return K.Model([x, y, seen], L.Dense(2)(L.Flatten()(z)))


def nested():
    a = L.Input((5, 4))
    inner = K.Model(a, L.Dense(4, activation="tanh")(a), name="inner")
    x = L.Input((5, 4))
    z = L.GroupQueryAttention(2, 4, 2)(inner(x), inner(inner(x)))
    return K.Model(x, L.Dense(2)(L.Flatten()(z)))


def case(make, shapes, suffix):
    K.backend.clear_session()
    model = make()
    x = data(shapes, 0, False)
    x = [*x[:2], (x[2] > 0) | (np.arange(6) == 0)] if len(shapes) == 3 else x
    y = data([(2,)], 50, False)
    set_weights(model)
    model.compile(optimizer=K.optimizers.Adam(0.01), loss="mse")

    def step():
        return float(model.fit(x, y, batch_size=8, epochs=1, shuffle=False, verbose=0).history["loss"][0])

    for _ in range(3):
        step()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"model{suffix}")
        model.save(path)
        with open(path, "rb") as file:
            content = file.read()
    return {
        "name": make.__name__,
        "suffix": suffix,
        "inputs": shapes,
        "outputs": [[2]],
        "file": base64.b64encode(gzip.compress(content, mtime=0)).decode(),
        "predicted": [[float(f"{v:.7g}") for v in np.asarray(model.predict(x, verbose=0)).ravel()]],
        "losses": [step() for _ in range(5)],
    }


if __name__ == "__main__":
    pair = [(5, 4), (6, 4)]
    models = [(causal, pair), (masked, [*pair, (5, 6)]), (nested, [(5, 4)])]
    print(json.dumps([case(make, shapes, suffix) for make, shapes in models for suffix in (".keras", ".h5")], separators=(",", ":")))
