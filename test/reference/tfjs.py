"""
Prints models of Keras 2.13 as tensorflowjs_converter writes them: the text of model.json and the files of weights (in base64), inputs and
what Keras predicts; of quantized ones, what it predicts with the rounded weights.

    npm run reference -- tfjs

Of the converter only the modules for Keras's models are loaded: the rest of it needs packages for other formats.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import types

import h5py
import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers

folder = tempfile.mkdtemp()
command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, "tensorflowjs==4.22.0"]
subprocess.run(command, check=True, stdout=sys.stderr)
for package in ("tensorflowjs", "tensorflowjs.converters"):
    module = types.ModuleType(package)
    module.__path__ = [os.path.join(folder, *package.split("."))]
    sys.modules[package] = module
from tensorflowjs.converters import keras_h5_conversion as conversion  # noqa: E402


def grid(shape, seed):
    """Numbers in [-1, 1), as test/layers/reference/cases.ts makes them."""
    index = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1 + 1009 * seed)
    hashed = (index * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    hashed ^= hashed >> np.uint64(15)
    hashed = (hashed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    return ((hashed >> np.uint64(16)).astype("float64") / 2**15 - 1).reshape(shape).astype("float32")


def dense():
    return K.Sequential([L.Dense(4, activation="relu", input_shape=(3,)), L.BatchNormalization(), L.Dense(2)])


def conv():
    return K.Sequential(
        [
            L.Conv2D(2, 3, activation="relu", input_shape=(6, 6, 1)),
            L.DepthwiseConv2D(2),
            L.MaxPooling2D(),
            L.Flatten(),
            L.Dense(3, activation="softmax"),
        ]
    )


def recurrent():
    return K.Sequential(
        [
            L.Bidirectional(L.LSTM(3, return_sequences=True), input_shape=(5, 2)),
            L.GRU(4, return_sequences=True),
            L.SimpleRNN(2),
        ]
    )


def graph():
    left, right = L.Input((3,), name="left"), L.Input((3,), name="right")
    encoder = L.Dense(4, activation="tanh", name="encoder")
    inner = K.Sequential([L.Dense(3, input_shape=(4,)), L.Dense(4)], name="inner")
    a, b = encoder(left), inner(encoder(right))
    return K.Model([left, right], [L.Dense(2, name="out")(L.Add()([a, b])), L.Dense(1, name="side")(a)])


CASES = [
    ("dense", dense, [(3,)], None, True),
    ("conv", conv, [(6, 6, 1)], None, False),
    ("recurrent", recurrent, [(5, 2)], None, False),
    ("graph", graph, [(3,), (3,)], None, False),
    ("dense in uint8", dense, [(3,)], {"uint8": "*"}, False),
    ("dense in uint16", dense, [(3,)], {"uint16": "*"}, False),
    ("conv in float16", conv, [(6, 6, 1)], {"float16": "*"}, False),
]


def rounded(values, kind):
    """What the converter's quantization leaves of weights."""
    if kind == "float16":
        return values.astype("float16").astype("float32")
    levels = {"uint8": 255, "uint16": 65535}[kind]
    low, high = values.min(), values.max()
    if low == high:
        return values
    scale = (high - low) / levels
    if low <= 0 <= high:
        low = np.round(low / scale) * scale
    return (np.round((values - low) / scale) * scale + low).astype("float32")


def run(name, make, shapes, quantization, compiled):
    K.backend.clear_session()
    model = make()
    values = []
    for index, weight in enumerate(model.weights):
        value = 0.5 * grid(weight.shape, 100 + index)
        values.append(np.abs(value) + 0.5 if "variance" in weight.name else value)
    model.set_weights(values)
    if compiled:
        model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    with tempfile.TemporaryDirectory() as place:
        file = os.path.join(place, "model.h5")
        model.save(file)
        with h5py.File(file, "r") as stored:
            topology, groups = conversion.h5_merged_saved_model_to_tfjs_format(stored)
        out = os.path.join(place, "out")
        os.mkdir(out)
        conversion.write_artifacts(topology, groups, out, quantization, weight_shard_size_bytes=120)
        files = {
            one: base64.b64encode(open(os.path.join(out, one), "rb").read()).decode()
            for one in sorted(os.listdir(out))
            if one.endswith(".bin")
        }
        text = open(os.path.join(out, "model.json")).read()
    if quantization is not None:
        model.set_weights([rounded(value, list(quantization)[0]) for value in model.get_weights()])
    inputs = [grid((3,) + shape, index) for index, shape in enumerate(shapes)]
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    listed = lambda arrays: [{"shape": one.shape, "values": one.flatten().tolist()} for one in arrays]
    return {"name": name, "json": text, "files": files, "inputs": listed(inputs), "outputs": listed(outputs)}


print(json.dumps([run(*case) for case in CASES]))
