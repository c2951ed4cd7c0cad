"""One of the bench's models in Keras: 2 on TensorFlow or 3 on JAX, whichever this environment has.

Usage: python keras_peer.py PLAN FOLDER. PLAN is JSON: see `pythonPlan` in bench/models.ts.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers

from rounds import load, serve

plan, folder = json.loads(sys.argv[1]), sys.argv[2]
data = load(folder)
on_tensorflow = keras.__version__.startswith("2.")
rows = len(data["y"])
steps_per_epoch = -(-rows // plan["batchSize"])


def sparse_rows():
    """Lists of ids, one longer than the longest row of padding: the id after the last column."""
    splits, columns = data["splits"], data["columns"]
    width = int(np.diff(splits).max())
    padded = np.full((rows, width), plan["shape"][0], "int32")
    for row in range(rows):
        padded[row, : splits[row + 1] - splits[row]] = columns[splits[row] : splits[row + 1]]
    return padded


class DenseOfOnes(layers.Layer):
    """A dense layer on rows of zeros and ones, given as lists of ids: sums of the kernel's rows."""

    def __init__(self, inputs, units, activation):
        super().__init__()
        # The row after the last column is what padding gets: zeros, and its gradient is multiplied away.
        self.width = inputs
        self.rows = layers.Embedding(inputs + 1, units, embeddings_initializer="glorot_uniform")
        self.bias = self.add_weight(shape=(units,), initializer="zeros", name="bias")
        self.activation = keras.activations.get(activation)

    def call(self, ids):
        there = keras.ops.cast(ids < self.width, "float32") if not on_tensorflow else keras.backend.cast(ids < self.width, "float32")
        picked = self.rows(ids) * there[..., None]
        total = keras.ops.sum(picked, axis=1) if not on_tensorflow else keras.backend.sum(picked, axis=1)
        return self.activation(total + self.bias)


class Transformer(layers.Layer):
    """A block of a transformer: attention, then two dense layers for each step, each with what goes into it."""

    def __init__(self, heads, features, units):
        super().__init__()
        self.attention = layers.MultiHeadAttention(heads, features // heads)
        self.dense = keras.Sequential([layers.Dense(units, "relu"), layers.Dense(features)])
        self.first, self.second = layers.LayerNormalization(epsilon=1e-6), layers.LayerNormalization(epsilon=1e-6)

    def call(self, x):
        attended = self.first(x + self.attention(x, x))
        return self.second(attended + self.dense(attended))


def layer(spec):
    kind = spec["type"]
    if kind == "dense":
        return layers.Dense(spec["units"], spec["activation"])
    if kind == "dense of ones":
        return DenseOfOnes(plan["shape"][0], spec["units"], spec["activation"])
    if kind == "transformer":
        return Transformer(spec["heads"], spec["features"], spec["units"])
    if kind == "conv":
        return layers.Conv2D(spec["filters"], spec["kernelSize"], activation=spec["activation"], padding=spec["padding"])
    if kind == "embedding":
        return layers.Embedding(spec["inputDim"], spec["outputDim"])
    if kind == "dropout":
        return layers.Dropout(spec["rate"])
    if kind in ("lstm", "gru", "rnn"):
        return {"lstm": layers.LSTM, "gru": layers.GRU, "rnn": layers.SimpleRNN}[kind](spec["units"])
    return {
        "pool": lambda: layers.MaxPooling2D(2),
        "flatten": layers.Flatten,
        "relu": layers.ReLU,
        "normalization": layers.BatchNormalization,
        "mean": layers.GlobalAveragePooling1D,
    }[kind]()


def way(**options):
    """A way to compile: a function that makes a model and gives what trains it for one round."""

    def make():
        x, y = sparse_rows() if plan["sparse"] else data["x"], data["y"]
        model = keras.Sequential([keras.Input(x.shape[1:], dtype=str(x.dtype)), *map(layer, plan["layers"])])
        model.compile(optimizer=plan["optimizer"], loss=plan["loss"], metrics=["accuracy"], **options)
        return lambda epochs: model.fit(x, y, batch_size=plan["batchSize"], epochs=epochs, verbose=0)

    return make


several = min(steps_per_epoch, 64)
ways = (
    {f"{several} steps at once": way(steps_per_execution=several), "XLA": way(jit_compile=True, steps_per_execution=several)}
    if on_tensorflow
    else {"jit": way(jit_compile=True), f"jit, {several} steps at once": way(jit_compile=True, steps_per_execution=several)}
)
serve(ways, steps_per_epoch, plan["epochs"], plan["quick"])
