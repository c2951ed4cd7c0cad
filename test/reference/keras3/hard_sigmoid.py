"""
Prints models that Keras 3 saved, as `.keras` and as HDF5 (gzipped, in base64), in which Keras 3 has other words than Keras 2: its hard
sigmoid is another function, and a layer that goes backwards has one of its own for the other direction. With what they predict, and the
losses of the next five steps of training.

    npm run reference -- keras3/hard_sigmoid
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


def hard():
    """In layers, in cells, in a layer of its own."""
    x = L.Input((5, 3))
    y = L.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True)(x)
    y = L.RNN([L.GRUCell(3, recurrent_activation="hard_sigmoid", reset_after=False), L.SimpleRNNCell(2, activation="hard_sigmoid")])(y)
    y = L.Dense(4, activation="hard_sigmoid")(y)
    return K.Model(x, L.Activation("hard_sigmoid")(L.Dense(2)(y)))


def steep():
    """The function of Keras 2, as this library writes it."""
    function = lambda: K.Sequential([L.Rescaling(0.2, offset=0.5), L.ReLU(max_value=1)])
    x = L.Input((5, 3))
    y = L.LSTM(4, recurrent_activation=function(), return_sequences=True)(x)
    y = L.Bidirectional(L.GRU(2, recurrent_activation=function(), return_sequences=True))(y)
    return K.Model(x, L.Dense(2, activation=function())(L.Flatten()(y)))


def backwards():
    x = L.Input((5, 3))
    y = L.Bidirectional(L.LSTM(2, go_backwards=True, return_sequences=True), backward_layer=L.LSTM(2, return_sequences=True))(x)
    return K.Model(x, L.Dense(2)(L.Flatten()(y)))


def case(make, suffix):
    K.backend.clear_session()
    model = make()
    x = data([(5, 3)], 0, False)
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
        "optimizer": "Adam",
        "suffix": suffix,
        "inputs": [[5, 3]],
        "outputs": [[2]],
        "file": base64.b64encode(gzip.compress(content, mtime=0)).decode(),
        "predicted": [[float(f"{v:.7g}") for v in np.asarray(model.predict(x, verbose=0)).ravel()]],
        "losses": [step() for _ in range(5)],
    }


if __name__ == "__main__":
    models = [(hard, ".keras"), (hard, ".h5"), (steep, ".keras"), (backwards, ".keras")]
    print(json.dumps([case(*one) for one in models], separators=(",", ":")))
