"""
Writes metrics.json: what Keras 2.13's metrics come to over batches of 9, 13 and 1 rows, without and with weights, and what `fit`
and `evaluate` tell of a model with masks, weights and `weighted_metrics`.

Options are written as this library names them: `numThresholds` is Keras's `num_thresholds`.
"""
import json
import os
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow.keras import metrics

BATCHES = [(0, 9), (9, 22), (22, 23)]
ROWS = 23
random = np.random.default_rng(11)
# Multiples of 1/64 are exact in float32 and short in JSON; some are 0, 1 or just at a threshold.
chances = lambda *shape: random.integers(0, 65, shape) / 64
grid = lambda *shape: random.integers(-128, 129, shape) / 64

classes = random.integers(0, 5, ROWS)
one_hot = np.eye(5)[classes]
scores = chances(ROWS, 5)
scores[3] = scores[3, 0]
softmax = np.exp(3 * scores) / np.exp(3 * scores).sum(-1, keepdims=True)
softmax = (softmax * 1024).round() / 1024
labels = random.integers(0, 2, (ROWS, 3))
predicted = chances(ROWS, 3)
predicted[0] = [0, 1, 0.5]
maps = random.integers(0, 4, (ROWS, 3, 2))
guesses = np.where(chances(ROWS, 3, 2) < 0.5, maps, random.integers(0, 4, (ROWS, 3, 2)))
targets = grid(ROWS, 3)
outputs = targets + grid(ROWS, 3) / 2
steps = grid(ROWS, 4, 2)
guessed_steps = steps + grid(ROWS, 4, 2) / 2
signs = np.where(grid(ROWS, 3) > 0, 1, -1)

DATA = {
    "binary": (labels, predicted),
    "logits": (labels, (predicted - 0.5) * 8),
    "column": (labels[:, :1], predicted[:, :1]),
    "multiclass": (one_hot, scores),
    "softmax": (one_hot, softmax),
    "sparse": (classes, scores),
    "sparse softmax": (classes, softmax),
    "class numbers": (classes, np.where(chances(ROWS) < 0.6, classes, random.integers(0, 5, ROWS))),
    "maps": (maps, guesses),
    "one-hot maps": (np.eye(4)[maps], (np.eye(4)[guesses] * 3 + chances(ROWS, 3, 2, 4)) / 4),
    "regression": (targets, outputs),
    "positive": (np.abs(targets) + 1 / 64, np.abs(outputs) + 1 / 64),
    "signs": (signs, outputs),
    "steps": (steps, guessed_steps),
}
ROW_WEIGHTS = random.integers(0, 33, ROWS) / 16
STEP_WEIGHTS = random.integers(0, 3, (ROWS, 4)) / 2

ALL_THRESHOLDS = [0.125, 0.5, 0.75]
CASES = [
    ("Accuracy", {}, "class numbers"),
    *[("BinaryAccuracy", options, "binary") for options in ({}, {"threshold": 0.75})],
    ("CategoricalAccuracy", {}, "multiclass"),
    ("SparseCategoricalAccuracy", {}, "sparse"),
    *[("TopKCategoricalAccuracy", options, "multiclass") for options in ({}, {"k": 2})],
    *[("SparseTopKCategoricalAccuracy", options, "sparse") for options in ({}, {"k": 3})],
    *[
        (name, options, "binary")
        for name in ("TruePositives", "FalsePositives", "FalseNegatives", "TrueNegatives")
        for options in ({}, {"thresholds": 0.75}, {"thresholds": ALL_THRESHOLDS})
    ],
    *[
        (name, options, "multiclass")
        for name in ("Precision", "Recall")
        for options in (
            {},
            {"thresholds": 0.25},
            {"thresholds": ALL_THRESHOLDS},
            {"topK": 2},
            {"topK": 2, "thresholds": 0.75},
            {"classId": 1},
            {"topK": 3, "classId": 2, "thresholds": ALL_THRESHOLDS},
        )
    ],
    *[
        (name, {option: value, **more}, "binary")
        for name, option in (
            ("PrecisionAtRecall", "recall"),
            ("RecallAtPrecision", "precision"),
            ("SensitivityAtSpecificity", "specificity"),
            ("SpecificityAtSensitivity", "sensitivity"),
        )
        for value, more in ((0.3, {}), (0.6, {"numThresholds": 5}), (0.5, {"classId": 1}), (0.4, {"numThresholds": 1}), (1.0, {}))
    ],
    *[
        ("AUC", {"curve": curve, "summationMethod": method, **more}, "binary")
        for curve in ("ROC", "PR")
        for method in ("interpolation", "minoring", "majoring")
        for more in (
            {},
            {"numThresholds": 5},
            {"thresholds": [0.9, 0.1, 0.4]},
            {"multiLabel": True},
            {"multiLabel": True, "labelWeights": [1, 0.5, 2], "numLabels": 3, "numThresholds": 20},
        )
    ],
    ("AUC", {}, "column"),
    ("AUC", {"numThresholds": 2}, "binary"),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, "binary"),
    ("AUC", {"thresholds": [0.9, 0.1], "multiLabel": True}, "binary"),
    ("AUC", {"labelWeights": [1, 0.5, 2]}, "binary"),
    ("AUC", {"labelWeights": [1, 0.5, 2], "thresholds": [0.9, 0.1]}, "binary"),
    ("AUC", {"fromLogits": True}, "logits"),
    ("MeanIoU", {"numClasses": 4}, "maps"),
    ("MeanIoU", {"numClasses": 5, "ignoreClass": 1}, "maps"),
    ("MeanIoU", {"numClasses": 4, "sparseYTrue": False, "sparseYPred": False}, "one-hot maps"),
    ("IoU", {"numClasses": 4, "targetClassIds": [0, 3]}, "maps"),
    ("OneHotMeanIoU", {"numClasses": 4, "ignoreClass": 2}, "one-hot maps"),
    ("OneHotIoU", {"numClasses": 4, "targetClassIds": [1]}, "one-hot maps"),
    *[("BinaryIoU", options, "column") for options in ({}, {"targetClassIds": [1], "threshold": 0.25})],
    ("MeanSquaredError", {}, "regression"),
    ("MeanAbsoluteError", {}, "regression"),
    ("MeanAbsolutePercentageError", {}, "positive"),
    ("MeanSquaredLogarithmicError", {}, "positive"),
    ("RootMeanSquaredError", {}, "regression"),
    ("LogCoshError", {}, "regression"),
    *[("CosineSimilarity", options, "steps") for options in ({}, {"axis": 1}, {"axis": -2})],
    ("MeanRelativeError", {"normalizer": [1, 0, 2]}, "regression"),
    ("Poisson", {}, "positive"),
    ("KLDivergence", {}, "softmax"),
    ("Hinge", {}, "signs"),
    ("SquaredHinge", {}, "signs"),
    ("CategoricalHinge", {}, "multiclass"),
    ("BinaryCrossentropy", {}, "binary"),
    ("CategoricalCrossentropy", {}, "softmax"),
    ("SparseCategoricalCrossentropy", {}, "sparse softmax"),
    *[
        ("F1Score", {"average": average, **more}, "softmax")
        for average in (None, "micro", "macro", "weighted")
        for more in ({}, {"threshold": 0.3})
    ],
    *[("FBetaScore", {"average": average, "beta": 2.0, "threshold": 0.5}, "binary") for average in (None, "micro", "weighted")],
    *[
        ("R2Score", {"classAggregation": how, **more}, "regression")
        for how in (None, "uniform_average", "variance_weighted_average")
        for more in ({}, {"numRegressors": 4})
    ],
    ("MeanSquaredError", {}, "steps"),
    ("MeanAbsoluteError", {}, "steps"),
]


def snake(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower().replace("sparse_ytrue", "sparse_y_true").replace("sparse_ypred", "sparse_y_pred")


def digits(value):
    array = np.asarray(value, dtype="float64")
    return float(f"{array:.8g}") if array.ndim == 0 else [digits(item) for item in array]


def result(name, options, data, weights):
    made = {snake(key): value for key, value in options.items()}
    metric = getattr(metrics, name)(**made)
    y_true, y_pred = (np.asarray(part, dtype="float32") for part in DATA[data])
    if name.startswith("Sparse") or (name in ("MeanIoU", "IoU") and data == "maps"):
        y_true = y_true.astype("int32")
    for begin, end in BATCHES:
        weight = None if weights is None else weights[begin:end].astype("float32")
        # What has several labels for each row, Keras's flattening metrics weight one by one.
        if weight is not None and name in ("MeanIoU", "IoU", "OneHotMeanIoU", "OneHotIoU") and data.endswith("maps"):
            weight = np.broadcast_to(weight[:, None, None], (end - begin, 3, 2))
        if weight is not None and weight.ndim == 1 and name in ("AUC",) and made.get("multi_label") is None:
            weight = weight[:, None]
        metric.update_state(y_true[begin:end], y_pred[begin:end], sample_weight=weight)
    return digits(metric.result())


def rows():
    for name, options, data in CASES:
        row = {"metric": name, "options": options, "data": data, "plain": result(name, options, data, None)}
        row["weighted"] = result(name, options, data, ROW_WEIGHTS)
        if data == "steps" and name in ("MeanSquaredError", "MeanAbsoluteError"):
            row["byStep"] = result(name, options, data, STEP_WEIGHTS)
        yield row


def fitted():
    """A masked sequence model: losses and metrics, weighted and not, in training and evaluation."""
    x = random.integers(0, 4, (ROWS, 5))
    x[:, 3:] *= random.integers(0, 2, (ROWS, 2))
    y = (random.integers(0, 2, (ROWS, 5, 1))).astype("float32")
    table, kernel, bias = grid(4, 3), grid(3, 1), grid(1)
    # Row weights do not broadcast over sequences in Keras's metrics of decisions, unless a mask has made them weights of steps.
    make = lambda prefix, all=True: [
        metrics.BinaryAccuracy(name=prefix + "binary_accuracy"),
        metrics.MeanSquaredError(name=prefix + "mse"),
        *([metrics.AUC(name=prefix + "auc"), metrics.Precision(name=prefix + "precision")] if all else []),
    ]
    found = {}
    for kind in ("plain", "masked", "flat"):
        first = [tf.keras.layers.Embedding(4, 3, mask_zero=kind == "masked", input_length=5)]
        if kind == "flat":
            first.append(tf.keras.layers.GlobalAveragePooling1D())
        model = tf.keras.Sequential([*first, tf.keras.layers.Dense(1, activation="sigmoid")])
        model.set_weights([table, kernel, bias])
        model.compile(
            optimizer=tf.keras.optimizers.SGD(0.5),
            loss="mse",
            metrics=make(""),
            weighted_metrics=make("weighted_", kind != "plain"),
        )
        labels = y[:, 0] if kind == "flat" else y
        history = model.fit(x, labels, batch_size=9, epochs=2, shuffle=False, sample_weight=ROW_WEIGHTS, verbose=0).history
        evaluated = model.evaluate(x, labels, batch_size=9, sample_weight=ROW_WEIGHTS, verbose=0, return_dict=True)
        found[kind] = {
            "history": {key: digits(values) for key, values in history.items()},
            "evaluated": {key: digits(value) for key, value in evaluated.items()},
        }
    return {"x": x.tolist(), "y": y.tolist(), "weights": [w.tolist() for w in (table, kernel, bias)], "runs": found}


print(
    json.dumps(
        {
            "batches": BATCHES,
            "data": {key: [np.asarray(part).tolist() for part in pair] for key, pair in DATA.items()},
            "rowWeights": ROW_WEIGHTS.tolist(),
            "stepWeights": STEP_WEIGHTS.tolist(),
            "rows": list(rows()),
            "fit": fitted(),
        },
        separators=(",", ":"),
    )
)
