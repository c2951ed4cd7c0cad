"""
Writes metrics.json: what the metrics that only Keras 3 has come to over batches of 9, 13 and 1 rows, without and with weights.

Options are written as this library names them.
"""
import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
from keras import metrics

BATCHES = [(0, 9), (9, 22), (22, 23)]
ROWS = 23
random = np.random.default_rng(12)
# Multiples of 1/64 are exact in float32 and short in JSON.
grid = lambda *shape: random.integers(-128, 129, shape) / 64
targets = grid(ROWS, 4, 3)
outputs = targets + grid(ROWS, 4, 3) / 2
ROW_WEIGHTS = random.integers(0, 33, ROWS) / 16

CASES = [
    (name, options)
    for name in ("PearsonCorrelation", "ConcordanceCorrelation")
    for options in ({}, {"axis": 1}, {"axis": -2})
]


def digits(value):
    return float(f"{float(value):.8g}")


def result(name, options, weights):
    metric = getattr(metrics, name)(**options)
    for begin, end in BATCHES:
        weight = None if weights is None else weights[begin:end].astype("float32")
        metric.update_state(targets[begin:end].astype("float32"), outputs[begin:end].astype("float32"), sample_weight=weight)
    return digits(metric.result())


print(
    json.dumps(
        {
            "batches": BATCHES,
            "yTrue": targets.tolist(),
            "yPred": outputs.tolist(),
            "rowWeights": ROW_WEIGHTS.tolist(),
            "rows": [
                {"metric": name, "options": options, "plain": result(name, options, None), "weighted": result(name, options, ROW_WEIGHTS)}
                for name, options in CASES
            ],
        },
        separators=(",", ":"),
    )
)
