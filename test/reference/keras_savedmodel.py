"""
Prints models that Keras 2.13 saved in TensorFlow's SavedModel format, and their weights in checkpoints (each a list of files, packed
by gzip, in base64), what they predict, and the losses of the next five steps of training. The last has no layers: a module of
TensorFlow's own.

    npm run reference -- keras_savedmodel
"""
import base64
import gzip
import json
import os
import tempfile

import tensorflow as tf
from keras_hdf5 import K, L, MODELS, attention, data, ids, nested, recurrent, set_weights, shared, stack


def bidirectional():
    x = L.Input((5, 3))
    y = L.Bidirectional(L.LSTM(2, return_sequences=True))(L.Masking()(x))
    y = L.TimeDistributed(L.Dense(3))(L.RNN([L.GRUCell(2), L.SimpleRNNCell(3)], return_sequences=True)(y))
    return K.Model(x, L.LayerNormalization()(y), name="bidirectional")


CASES = [
    MODELS[0],
    MODELS[1],
    *[row for row in MODELS if row[0] in (shared, nested, recurrent, attention, ids)],
    (bidirectional, [(5, 3)], [(5, 3)], {"optimizer": "adam", "loss": "mse"}),
]

# Keras 2.10 and before: what their optimizers remember is found by the weights.
OLD = [
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.legacy.Adam(0.01), "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.legacy.SGD(0.05, momentum=0.9), "loss": "mse"}),
    (stack, [(3,)], [(1,)], {"optimizer": K.optimizers.legacy.RMSprop(0.01), "loss": "mse"}),
]


# Of Keras's graphs, which are large, one is enough: where layers are made, they are not read.
KEPT = {"keras_metadata.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"}


def packed(folder):
    files = {}
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                content = gzip.compress(file.read(), mtime=0)
            files[os.path.relpath(path, folder).replace(os.sep, "/")] = base64.b64encode(content).decode()
    return files


def case(make, inputs, outputs, options, whole=True):
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
        model.save_weights(os.path.join(folder, "weights"))
        checkpoint = packed(folder)
    files = {}
    if whole:
        with tempfile.TemporaryDirectory() as folder:
            model.save(folder, save_format="tf")
            files = packed(folder)
            files = {name: files[name] for name in sorted(files) if name in KEPT or (make is stack and name == "saved_model.pb")}
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
        "config": model.to_json(),
        "files": files,
        "checkpoint": checkpoint,
        "predicted": [[float(f"{v:.7g}") for v in output.numpy().ravel()] for output in predicted],
        "losses": losses,
    }


class Module(tf.Module):
    def __init__(self):
        super().__init__()
        self.scale = tf.Variable([2.0, 3.0])

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, "x"), tf.TensorSpec([None], tf.int64, "ids")])
    def both(self, x, ids):
        return {"scaled": x * self.scale, "next": ids + 1}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def length(self, text):
        return {"length": tf.strings.length(text), "upper": tf.strings.upper(text)}


def module():
    made = Module()
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(made, folder, signatures={"serving_default": made.both, "length": made.length})
        return {name: content for name, content in packed(folder).items() if name != "fingerprint.pb"}


if __name__ == "__main__":
    cases = [case(*row) for row in CASES] + [case(*row, whole=False) for row in OLD]
    print(json.dumps({"cases": cases, "module": module()}, separators=(",", ":")))
