"""
Prints functional models that Keras 3 saved (gzipped, in base64), in which layers are called with `training`: Keras 3 writes it where nobody has
said it, as the layer's default, and trains all layers as the model does, whatever is written. With what they predict, and the losses of the
next five steps of training where nothing is drawn.

    npm run reference -- keras3/training_calls
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


def norm():
    """Batch normalization that is not to train, by itself and in a model."""
    base = K.Sequential([L.Input((3,)), L.Dense(4), L.BatchNormalization(momentum=0.5)], name="base")
    x = L.Input((3,))
    return K.Model(x, L.Dense(2)(L.BatchNormalization(momentum=0.5)(base(x, training=False), training=False)))


def drawn():
    """Layers whose defaults are to train, and not to train."""
    x = L.Input((4, 4, 1))
    y = L.RandomTranslation(0.5, 0.5)(L.RandomFlip()(x))
    return K.Model(x, L.Dense(2)(L.Dropout(0.5)(L.Flatten()(y))))


def case(make, shape, suffix):
    K.backend.clear_session()
    model = make()
    x, y = data([shape], 0, False), data([(2,)], 50, False)
    set_weights(model)
    model.compile(optimizer=K.optimizers.SGD(0.1), loss="mse")
    predicted = [[float(f"{v:.7g}") for v in np.asarray(model.predict(x, verbose=0)).ravel()]]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"model{suffix}")
        model.save(path)
        with open(path, "rb") as file:
            content = file.read()

    def step():
        return float(model.fit(x, y, batch_size=8, epochs=1, shuffle=False, verbose=0).history["loss"][0])

    return {
        "name": make.__name__,
        "suffix": suffix,
        "inputs": [shape],
        "outputs": [[2]],
        "file": base64.b64encode(gzip.compress(content, mtime=0)).decode(),
        "predicted": predicted,
        "losses": [step() for _ in range(5)] if make is norm else [],
    }


if __name__ == "__main__":
    models = [(norm, (3,), ".keras"), (norm, (3,), ".h5"), (drawn, (4, 4, 1), ".keras")]
    print(json.dumps([case(*one) for one in models], separators=(",", ":")))
