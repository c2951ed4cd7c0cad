"""
Writes losses.json: values and gradients of the losses that only Keras 3 has. The gradients are those of the sum of the losses, each
weighted by 1, 2, 3 and so on.

Options are written as this library names them.
"""
import json
import os
import re

os.environ["KERAS_BACKEND"] = "jax"
import jax
import jax.numpy as jnp
import numpy as np
from keras import losses

random = np.random.default_rng(14)
# Multiples of 1/64 are exact in float32 and short in JSON.
grid = lambda *shape: (random.integers(-128, 129, shape) / 64).astype("float32")
chances = lambda *shape: (random.integers(1, 64, shape) / 64).astype("float32")
ones = lambda *shape: random.integers(0, 2, shape).astype("float32")
snake = lambda name: re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()

images = ones(3, 4, 2, 2)
masks = chances(3, 4, 2, 2)
classes = random.integers(0, 4, 6)
one_hot = np.eye(4, dtype="float32")[classes]
scores = chances(6, 4)
vectors = grid(7, 3)
vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("float32")
kinds = np.array([0, 1, 0, 2, 1, 0, 3])
# Repeats, one that just fits, one that is short, and none at all.
texts = np.array([[1, 2, 2, 3], [3, 1, 0, 0], [2, 2, 2, 0], [4, 0, 0, 0], [0, 0, 0, 0]])
speech = grid(5, 7, 5)

CASES = [
    *[("Dice", options, images, masks) for options in ({}, {"axis": [1, 2]}, {"axis": -1})],
    *[("Tversky", options, images, masks) for options in ({}, {"alpha": 0.3, "beta": 0.7}, {"alpha": 1.0, "axis": [1, 2, 3]})],
    *[
        ("BinaryFocalCrossentropy", options, images[:, 0, 0], masks[:, 0, 0] if not options.get("fromLogits") else grid(3, 2))
        for options in (
            {},
            {"gamma": 3.0},
            {"gamma": 0.0},
            {"gamma": 1.5, "alpha": 0.75, "applyClassBalancing": True},
            {"fromLogits": True, "labelSmoothing": 0.1},
            {"axis": 0},
        )
    ],
    *[
        ("CategoricalFocalCrossentropy", options, one_hot, scores if not options.get("fromLogits") else grid(6, 4))
        for options in ({}, {"gamma": 3.0, "alpha": 0.5}, {"fromLogits": True, "labelSmoothing": 0.1}, {"gamma": 0.5})
    ],
    *[("CategoricalGeneralizedCrossEntropy", options, classes, scores) for options in ({}, {"q": 0.9})],
    *[("Circle", options, kinds, vectors) for options in ({}, {"gamma": 16.0, "margin": 0.2}, {"gamma": 4.0, "removeDiagonal": False})],
    ("CTC", {}, texts, speech),
]


def digits(value):
    array = np.asarray(value, dtype="float64")
    return [digits(item) for item in array] if array.ndim > 0 else (float(f"{array:.8g}") if np.isfinite(array) else str(array))


def case(name, options, y_true, y_pred):
    made = {snake(key): tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    loss = getattr(losses, name)(reduction="none", **made)
    values = loss.call(y_true, jnp.asarray(y_pred))

    def weighted(prediction):
        each = loss.call(y_true, prediction)
        return jnp.sum(each * jnp.arange(1.0, each.size + 1).reshape(each.shape))

    return {
        "loss": name,
        "options": options,
        "yTrue": np.asarray(y_true).tolist(),
        "yPred": digits(y_pred),
        "values": digits(values),
        "gradient": digits(jax.grad(weighted)(jnp.asarray(y_pred))),
    }


print(json.dumps([case(*one) for one in CASES], separators=(",", ":")))
