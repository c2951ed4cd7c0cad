"""
Writes kinds.json: initializers, constraints, regularizers and activations of Keras 2.13. Of random initializers the mean, the
deviation and the bounds of many draws; of what is deterministic all values; of activations and regularizers the derivatives,
those at the edges, too.

Options are written as this library names them.
"""
import json
import os
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow.keras import activations, constraints, initializers, regularizers

random = np.random.default_rng(13)
grid = lambda *shape: (random.integers(-128, 129, shape) / 64).astype("float32")
snake = lambda name: re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def digits(value):
    array = np.asarray(value, dtype="float64")
    if array.ndim > 0:
        return [digits(item) for item in array]
    return float(f"{array:.8g}") if np.isfinite(array) else str(array)


def keras_options(options):
    return {snake(key): value for key, value in options.items()}


SHAPES = [[400, 100], [3, 3, 40, 60], [5, 40, 50], [20000]]
RANDOM = [
    ("RandomUniform", {}),
    ("RandomUniform", {"minval": 1.0, "maxval": 3.0}),
    ("RandomNormal", {}),
    ("RandomNormal", {"mean": 2.0, "stddev": 3.0}),
    ("TruncatedNormal", {}),
    ("TruncatedNormal", {"mean": 2.0, "stddev": 3.0}),
    *[(name, {}) for name in ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal")],
    *[
        ("VarianceScaling", {"scale": scale, "mode": mode, "distribution": distribution})
        for scale, mode in ((1.0, "fan_in"), (3.0, "fan_out"), (0.5, "fan_avg"))
        for distribution in ("truncated_normal", "untruncated_normal", "uniform")
    ],
]


def statistics(name, options, shape):
    draws = np.concatenate([np.asarray(getattr(initializers, name)(seed=seed, **options)(shape)).ravel() for seed in range(10)])
    return digits([draws.mean(), draws.std(), draws.min(), draws.max()])


EXACT = [
    ("Zeros", {}, [2, 3]),
    ("Ones", {}, [4]),
    ("Constant", {"value": -1.5}, [2, 2]),
    ("Identity", {}, [3, 3]),
    ("Identity", {"gain": 2.0}, [2, 4]),
    ("Identity", {"gain": -0.5}, [4, 2]),
]
ORTHOGONAL = [[6, 6], [8, 3], [3, 8], [2, 3, 4], [3, 3, 2, 5]]


def orthogonal(gain, shape):
    """The products of the rows, or columns, that are fewer."""
    flat = np.asarray(initializers.Orthogonal(gain=gain, seed=1)(shape)).reshape(-1, shape[-1])
    return digits(np.round(flat.T @ flat if flat.shape[0] > flat.shape[1] else flat @ flat.T, 5))


MATRIX = grid(4, 3)
MATRIX[0, 0] = 0
ZERO_COLUMN = MATRIX.copy()
ZERO_COLUMN[:, 1] = 0
KERNEL = grid(4, 4, 2, 2)
ODD = grid(5, 5, 2, 1)
CONSTRAINTS = [
    *[("MaxNorm", options, which) for options in ({}, {"maxValue": 1}, {"maxValue": 1.5, "axis": 1}) for which in ("matrix", "zeroColumn")],
    *[("UnitNorm", options, which) for options in ({}, {"axis": 1}, {"axis": [0, 1]}) for which in ("matrix", "zeroColumn")],
    ("UnitNorm", {"axis": [0, 1, 2]}, "kernel"),
    *[
        ("MinMaxNorm", options, which)
        for options in ({}, {"minValue": 1.5, "maxValue": 2, "rate": 0.25}, {"minValue": 0.5, "axis": 1})
        for which in ("matrix", "zeroColumn")
    ],
    ("NonNeg", {}, "matrix"),
    ("RadialConstraint", {}, "kernel"),
    ("RadialConstraint", {}, "odd"),
]
WEIGHTS = {"matrix": MATRIX, "zeroColumn": ZERO_COLUMN, "kernel": KERNEL, "odd": ODD, "orthogonal": np.eye(4, 3, dtype="float32")}
REGULARIZERS = [
    *[(name, options, "matrix") for name in ("L1", "L2") for options in ({}, {"l": 0.3})],
    ("L1L2", {"l1": 0.1, "l2": 0.2}, "zeroColumn"),
    ("L1L2", {"l1": 0.01, "l2": 0.01}, "kernel"),
    *[
        ("OrthogonalRegularizer", {**options, "mode": mode}, which)
        for options in ({}, {"factor": 0.5})
        for mode in ("rows", "columns")
        for which in ("matrix", "zeroColumn", "orthogonal")
    ],
]


def penalty(name, options, which):
    made = keras_options(options)
    if "l" in made:
        made = {name.lower(): made["l"]}
    weights = tf.Variable(WEIGHTS[which])
    with tf.GradientTape() as tape:
        value = getattr(regularizers, name)(**made)(weights)
    return {"value": digits(value), "gradient": digits(tape.gradient(value, weights))}


# Where formulas change: 0, the edges of clips and thresholds, and far out.
EDGES = np.array([[-100, -20, -6, -3, -2.5, -1, -0.5, 0], [1e-7, 0.5, 1, 2, 2.5, 3, 6, 100]], dtype="float32")
ACTIVATIONS = [
    *[
        (name, {})
        for name in (
            "elu exponential gelu hard_sigmoid linear mish relu selu sigmoid softmax softplus softsign swish tanh relu6 log_softmax"
        ).split()
    ],
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    *[
        ("relu", options)
        for options in (
            {"alpha": 0.2},
            {"maxValue": 6},
            {"threshold": 1},
            {"alpha": 0.2, "threshold": 1},
            {"alpha": 0.2, "maxValue": 2.5, "threshold": 1},
            {"maxValue": 2.5, "threshold": 1},
            {"threshold": -0.5},
        )
    ],
    ("softmax", {"axis": 0}),
]


def activation(name, options):
    function = activations.get(name)
    made = keras_options(options)
    x = tf.Variable(EDGES if name != "exponential" else np.clip(EDGES, -100, 20))
    with tf.GradientTape() as tape:
        value = function(x, **made)
        # Weighted, so that the derivatives of softmax do not cancel.
        total = tf.reduce_sum(value * tf.reshape(tf.range(1.0, 17.0), (2, 8)))
    return {"name": name, "options": options, "values": digits(value), "gradient": digits(tape.gradient(total, x))}


print(
    json.dumps(
        {
            "random": [
                {"name": name, "options": options, "shape": shape, "statistics": statistics(name, keras_options(options), shape)}
                for name, options in RANDOM
                for shape in (SHAPES if not name.startswith("Random") else SHAPES[:1])
            ],
            "exact": [
                {"name": name, "options": options, "shape": shape, "values": digits(getattr(initializers, name)(**options)(shape))}
                for name, options, shape in EXACT
            ],
            "orthogonal": [
                {"gain": gain, "shape": shape, "products": orthogonal(gain, shape)} for gain in (1.0, 2.0) for shape in ORTHOGONAL
            ],
            "weights": {key: value.tolist() for key, value in WEIGHTS.items()},
            "constraints": [
                {
                    "name": name,
                    "options": options,
                    "weights": which,
                    "values": digits(getattr(constraints, name)(**keras_options(options))(tf.constant(WEIGHTS[which]))),
                }
                for name, options, which in CONSTRAINTS
            ],
            "regularizers": [
                {"name": name, "options": options, "weights": which, **penalty(name, options, which)} for name, options, which in REGULARIZERS
            ],
            "edges": EDGES.tolist(),
            "activations": [activation(name, options) for name, options in ACTIVATIONS],
        },
        separators=(",", ":"),
    )
)
