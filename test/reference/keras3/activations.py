"""
Prints values and derivatives, at the edges of the formulas, too, of the activations that only Keras 3 has.

Two have another derivative at their edges with each of Keras's backends: theirs is here made of the formula of the backend of TensorFlow.
Sparsemax is not Keras's, whose numbers do not add up to 1, but what is published: the nearest point among those whose numbers are 0 or
more and add up to 1 (Martins and Astudillo 2016, algorithm 1).

Options are written as this library names them.
"""
import json
import os
import re

os.environ["KERAS_BACKEND"] = "jax"
import jax
import jax.numpy as jnp
import numpy as np
from keras import activations

snake = lambda name: re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()

# Where formulas change: 0, the edges of clips and thresholds, and far out.
EDGES = np.array([[-100, -20, -6, -3, -2.5, -1, -0.5, 0], [1e-7, 0.5, 1, 2, 2.5, 3, 6, 100]], dtype="float32")
WEIGHTS = np.arange(1, 17, dtype="float32").reshape(2, 8)
OF_TENSORFLOW = {
    "sparse_sigmoid": lambda x: jnp.where(x <= -1, 0.0, jnp.where(x >= 1, 1.0, 0.5 * (x + 1))),
    "leaky_relu": lambda x, negative_slope=0.2: jnp.where(x > 0, x, negative_slope * x),
}
# Of one of these names Keras 2 has another function, so that this library has another name.
OTHER_NAMES = {"hard_sigmoid_keras3": "hard_sigmoid"}
CASES = [
    *[
        (name, {})
        for name in (
            "celu glu hard_shrink hard_sigmoid_keras3 hard_silu hard_tanh leaky_relu log_sigmoid soft_shrink sparse_plus sparse_sigmoid squareplus tanh_shrink"
        ).split()
    ],
    ("celu", {"alpha": 0.5}),
    ("celu", {"alpha": 3.0}),
    ("glu", {"axis": 0}),
    ("hard_shrink", {"threshold": 2.5}),
    ("soft_shrink", {"threshold": 2.5}),
    ("hard_shrink", {"threshold": 0.0}),
    ("leaky_relu", {"negativeSlope": -0.5}),
    ("squareplus", {"b": 0.25}),
    ("threshold", {"threshold": 1.0, "defaultValue": -3.0}),
    ("threshold", {"threshold": -0.5, "defaultValue": 0.25}),
]


def digits(value):
    return [[float(f"{number:.8g}") for number in row] for row in np.asarray(value, dtype="float64").reshape(-1, value.shape[-1])]


def case(name, options):
    keras = {snake(key): value for key, value in options.items()}
    own = getattr(activations, OTHER_NAMES.get(name, name))
    formula = OF_TENSORFLOW.get(name, own)
    values = own(EDGES, **keras)
    np.testing.assert_allclose(values, formula(jnp.array(EDGES), **keras), rtol=1e-6)
    weights = WEIGHTS.ravel()[: values.size].reshape(values.shape)
    gradient = jax.grad(lambda x: (formula(x, **keras) * weights).sum())(jnp.array(EDGES))
    return {"name": name, "options": options, "values": digits(values), "gradient": digits(gradient)}


def sparsemax(row):
    """Algorithm 1, and the derivative of the sum weighted by the row's weights (proposition 2)."""
    ordered = sorted(row, reverse=True)
    count = max(k for k in range(1, len(row) + 1) if 1 + k * ordered[k - 1] > sum(ordered[:k]))
    limit = (sum(ordered[:count]) - 1) / count
    return np.maximum(np.array(row) - limit, 0)


LOGITS = np.array([[1, 0.9, -3, 0.75], [3, 0, 0, 0], [-2, -2, -2, -2], [0.125, 0.5, 0.25, -0.625]])


def of_logits(options, axis):
    rows = LOGITS if axis == 1 else LOGITS.T
    values = np.array([sparsemax(list(row)) for row in rows])
    weights = (WEIGHTS.reshape(4, 4) if axis == 1 else WEIGHTS.reshape(4, 4).T).astype("float64")
    support = values > 0
    mean = (weights * support).sum(1, keepdims=True) / support.sum(1, keepdims=True)
    gradient = support * (weights - mean)
    back = (lambda array: array) if axis == 1 else np.transpose
    return {"name": "sparsemax", "options": options, "x": LOGITS.tolist(), "values": digits(back(values)), "gradient": digits(back(gradient))}


print(
    json.dumps(
        {
            "edges": EDGES.tolist(),
            "activations": [case(*one) for one in CASES] + [of_logits({}, 1), of_logits({"axis": 0}, 0)],
        },
        separators=(",", ":"),
    )
)
