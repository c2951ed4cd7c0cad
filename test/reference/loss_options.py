"""
Prints what Keras 2.13's losses give with their options: values, and the loss and the weights of a model before and after a
step of SGD.

    npm run reference -- loss_options
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
random = np.random.RandomState(3)


def listed(value):
    return np.asarray(value, dtype="float32").tolist()


logits = random.normal(size=(4, 3, 5)).astype("float32")
probabilities = tf.nn.softmax(logits).numpy()
chances = tf.sigmoid(logits).numpy()
ids = random.randint(0, 5, (4, 3))
one_hot = np.eye(5, dtype="float32")[ids]
by_step = np.moveaxis(np.eye(3, dtype="float32")[random.randint(0, 3, (4, 5))], -1, 1)
binary = random.randint(0, 2, (4, 3, 5)).astype("float32")
real = random.normal(size=(4, 3, 5)).astype("float32")
along_steps = tf.nn.softmax(logits, axis=1).numpy()
step_ids = random.randint(0, 3, (4, 5))

VALUES = [
    ("binary_crossentropy", {"from_logits": True}, binary, logits),
    ("binary_crossentropy", {"label_smoothing": 0.2}, binary, chances),
    ("binary_crossentropy", {"from_logits": True, "label_smoothing": 0.3}, binary, logits),
    ("binary_crossentropy", {"axis": 1}, binary, chances),
    ("binary_crossentropy", {"axis": -2, "from_logits": True}, binary, logits),
    ("categorical_crossentropy", {"from_logits": True}, one_hot, logits),
    ("categorical_crossentropy", {"label_smoothing": 0.1}, one_hot, probabilities),
    ("categorical_crossentropy", {"from_logits": True, "label_smoothing": 0.1}, one_hot, logits),
    ("categorical_crossentropy", {"axis": 1}, by_step, along_steps),
    ("categorical_crossentropy", {"axis": 1, "from_logits": True}, by_step, logits),
    ("categorical_crossentropy", {"axis": 1, "label_smoothing": 0.2}, by_step, along_steps),
    ("sparse_categorical_crossentropy", {"from_logits": True}, ids, logits),
    ("sparse_categorical_crossentropy", {"axis": 1}, step_ids, along_steps),
    ("sparse_categorical_crossentropy", {"axis": 1, "from_logits": True}, step_ids, logits),
    ("cosine_similarity", {"axis": 1}, real, logits),
    ("cosine_similarity", {"axis": -2}, real, logits),
    ("huber", {"delta": 0.5}, real, logits),
]

CLASSES = {
    "binary_crossentropy": K.losses.BinaryCrossentropy,
    "categorical_crossentropy": K.losses.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": K.losses.SparseCategoricalCrossentropy,
    "cosine_similarity": K.losses.CosineSimilarity,
    "huber": K.losses.Huber,
    "mean_squared_error": K.losses.MeanSquaredError,
    "hinge": K.losses.Hinge,
}


def values(name, options, y_true, y_pred):
    function = getattr(K.losses, name)
    result = {"loss": name, "options": options, "yTrue": listed(y_true), "yPred": listed(y_pred)}
    result["values"] = listed(function(y_true, y_pred, **options))
    # Keras's class of that name has no axis, its function has.
    if name == "sparse_categorical_crossentropy" and "axis" in options:
        return result
    for reduction in ("none", "sum", "sum_over_batch_size"):
        result[reduction] = listed(CLASSES[name](reduction=reduction, **options)(y_true, y_pred))
    return result


x = random.normal(size=(6, 3)).astype("float32")
kernel = random.normal(size=(3, 4)).astype("float32")
flat_ids = random.randint(0, 4, (6,))
TRAINED = [
    ("binary_crossentropy", {"from_logits": True, "label_smoothing": 0.1}, "linear", random.randint(0, 2, (6, 4))),
    ("binary_crossentropy", {"reduction": "sum"}, "sigmoid", random.randint(0, 2, (6, 4))),
    ("binary_crossentropy", {"from_logits": True}, "sigmoid", random.randint(0, 2, (6, 4))),
    ("categorical_crossentropy", {"label_smoothing": 0.2}, "softmax", np.eye(4)[flat_ids]),
    ("categorical_crossentropy", {"from_logits": True, "reduction": "sum"}, "linear", np.eye(4)[flat_ids]),
    ("sparse_categorical_crossentropy", {"from_logits": True}, "linear", flat_ids),
    ("mean_squared_error", {"reduction": "sum"}, "linear", random.normal(size=(6, 4))),
    ("mean_squared_error", {"reduction": "sum_over_batch_size"}, "linear", random.normal(size=(6, 4))),
    ("huber", {"delta": 0.3, "reduction": "sum"}, "linear", random.normal(size=(6, 4))),
    ("cosine_similarity", {"axis": -1}, "linear", random.normal(size=(6, 4))),
]


def trained(name, options, activation, y, weights=None):
    model = K.Sequential(
        [K.layers.Dense(4, activation, use_bias=False, input_shape=(3,), kernel_initializer=K.initializers.Constant(kernel))]
    )
    model.compile(K.optimizers.SGD(0.1), CLASSES[name](**options))
    y = y.astype("float32")
    evaluated = model.evaluate(x, y, sample_weight=weights, batch_size=6, verbose=0)
    loss = model.train_on_batch(x, y, sample_weight=weights)
    return {
        "loss": name,
        "options": options,
        "activation": activation,
        "y": listed(y),
        "weights": None if weights is None else listed(weights),
        "evaluated": float(evaluated),
        "trained": float(loss),
        "kernel": listed(model.get_weights()[0]),
    }


def masked(options):
    """Masked sequences: how many of a row's steps are there differs."""
    steps = np.array([[1, 2, 3, 0], [2, 0, 0, 0], [1, 1, 0, 0]])
    y = random.normal(size=(3, 4, 2)).astype("float32")
    table = random.normal(size=(4, 2)).astype("float32")
    model = K.Sequential(
        [K.layers.Embedding(4, 2, mask_zero=True, input_length=4, embeddings_initializer=K.initializers.Constant(table))]
    )
    model.compile(K.optimizers.SGD(0.1), K.losses.MeanSquaredError(**options))
    loss = model.train_on_batch(steps, y)
    return {
        "options": options,
        "steps": steps.tolist(),
        "y": listed(y),
        "table": listed(table),
        "trained": float(loss),
        "kernel": listed(model.get_weights()[0]),
    }


row_weights = np.array([0.5, 1.0, 2.0, 0.0, 1.5, 1.0], dtype="float32")
print(
    json.dumps(
        {
            "values": [values(*case) for case in VALUES],
            "x": listed(x),
            "kernel": listed(kernel),
            "trained": [trained(*case) for case in TRAINED]
            + [trained(*case, weights=row_weights) for case in (TRAINED[1], TRAINED[3], TRAINED[6])],
            "masked": [masked({"reduction": "sum"}), masked({})],
        }
    )
)
