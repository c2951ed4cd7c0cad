"""
Prints what Keras 2.13 makes of sequences with padding: predictions through inner models, losses, metrics and updates whose
labels are masked, moments of batch normalization, masks of merging layers.

    npm run reference -- masks
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
random = np.random.default_rng(3)


def grid(*shape):
    """Multiples of 1/16, which are exact in float32 and short in JSON."""
    return (random.integers(-24, 25, shape) / 16).astype("float32")


def numbers(value):
    return np.asarray(value, dtype="float64").round(7).tolist()


IDS = np.array([[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [2, 2, 1, 4, 0]], dtype="float32")
MASK = IDS != 0
EMBEDDINGS = grid(5, 2)


def embedding(inputs):
    return L.Embedding(5, 2, mask_zero=True, weights=[EMBEDDINGS])(inputs)


def nested():
    """An embedding in a model in a model, then an LSTM."""
    lstm = [grid(2, 12), grid(3, 12), grid(12)]
    first = K.Sequential([L.Input((None,)), L.Embedding(5, 2, mask_zero=True, weights=[EMBEDDINGS])])
    second = K.Sequential([L.Input((None,)), first])
    inputs = L.Input((None,))
    layer = L.LSTM(3)
    model = K.Model(inputs, layer(second(inputs)))
    layer.set_weights(lstm)
    return {"lstm": [numbers(w) for w in lstm], "prediction": numbers(model.predict(IDS, verbose=0))}


def one_output(units, activation, loss, labels, metrics, weights=None, kernel=None):
    """Loss and metrics before and after one step of gradient descent, and the kernel after it."""
    inputs = L.Input((None,))
    dense = L.Dense(units, activation=activation, use_bias=False)
    model = K.Model(inputs, dense(embedding(inputs)))
    dense.set_weights([kernel])
    model.compile(K.optimizers.SGD(0.5), loss, metrics=metrics)
    before = model.test_on_batch(IDS, labels, sample_weight=weights, return_dict=True)
    trained = model.train_on_batch(IDS, labels, sample_weight=weights, return_dict=True)
    return {
        "units": units,
        "activation": activation,
        "loss": loss,
        "metrics": metrics,
        "labels": labels.tolist(),
        "sampleWeight": weights.tolist() if weights is not None else None,
        "kernel": numbers(kernel),
        "before": {name: float(np.round(value, 7)) for name, value in before.items()},
        "trained": {name: float(np.round(value, 7)) for name, value in trained.items()},
        "kernelAfter": numbers(dense.get_weights()[0]),
    }


def losses():
    sample_weights = np.array([1.0, 2.0, 0.5])
    classes = random.integers(0, 3, (3, 5))
    classes[~MASK] = 2
    binary = random.integers(0, 2, (3, 5, 1)).astype("float32")
    one_hot = np.eye(3, dtype="float32")[classes]
    real = grid(3, 5, 2)
    positive = np.abs(grid(3, 5, 2))
    cases = []
    for weights in (None, sample_weights):
        for loss, metrics in [
            ("mean_squared_error", ["mae", "mse"]),
            ("mean_absolute_error", []),
            ("mean_absolute_percentage_error", []),
            ("hinge", []),
            ("squared_hinge", []),
            ("categorical_hinge", []),
            ("log_cosh", []),
            ("huber", []),
            ("cosine_similarity", ["cosine_similarity"]),
        ]:
            cases.append(one_output(2, None, loss, real, metrics, weights, grid(2, 2)))
        for loss in ("mean_squared_logarithmic_error", "poisson", "kl_divergence"):
            cases.append(one_output(2, "softplus", loss, positive, [], weights, grid(2, 2)))
        cases.append(
            one_output(
                1, "sigmoid", "binary_crossentropy", binary, ["accuracy", "binary_crossentropy"], weights, grid(2, 1)
            )
        )
        cases.append(
            one_output(
                3,
                "softmax",
                "categorical_crossentropy",
                one_hot,
                ["accuracy", "categorical_crossentropy", "top_k_categorical_accuracy"],
                weights,
                grid(2, 3),
            )
        )
        for labels in (classes, classes[..., None]):
            cases.append(
                one_output(
                    3,
                    "softmax",
                    "sparse_categorical_crossentropy",
                    labels,
                    ["accuracy", "sparse_categorical_crossentropy"],
                    weights,
                    grid(2, 3),
                )
            )
    return cases


def counts():
    """Metrics that are no means."""
    inputs = L.Input((None,))
    dense = L.Dense(1, activation="sigmoid", use_bias=False)
    model = K.Model(inputs, dense(embedding(inputs)))
    kernel = grid(2, 1)
    dense.set_weights([kernel])
    labels = random.integers(0, 2, (3, 5, 1)).astype("float32")
    metrics = [
        K.metrics.Precision(name="precision"),
        K.metrics.Recall(name="recall"),
        K.metrics.AUC(name="auc"),
        K.metrics.AUC(name="pr", curve="PR"),
        K.metrics.TruePositives(name="true_positives"),
        K.metrics.TrueNegatives(name="true_negatives"),
        K.metrics.FalsePositives(name="false_positives"),
        K.metrics.FalseNegatives(name="false_negatives"),
        K.metrics.RootMeanSquaredError(name="root_mean_squared_error"),
    ]
    model.compile("sgd", "mse", metrics=metrics)
    result = model.test_on_batch(IDS, labels, return_dict=True)
    return {"kernel": numbers(kernel), "labels": labels.tolist(), "result": {k: float(v) for k, v in result.items()}}


def several():
    """Of three outputs, two have masks: one that of its ids, and one that two inputs agree on."""
    left, right = L.Input((None,)), L.Input((None,))
    a, b = embedding(left), embedding(right)
    tags = L.Dense(2, use_bias=False, name="tags")
    both = L.Dense(1, use_bias=False, name="both")
    last = L.Dense(1, use_bias=False, name="last")
    lstm = L.LSTM(2)
    model = K.Model([left, right], [tags(a), both(L.Add()([a, b])), last(lstm(b))])
    weights = {"tags": [grid(2, 2)], "both": [grid(2, 1)], "last": [grid(2, 1)], "lstm": [grid(2, 8), grid(2, 8), grid(8)]}
    for layer, name in ((tags, "tags"), (both, "both"), (last, "last"), (lstm, "lstm")):
        layer.set_weights(weights[name])
    model.compile(K.optimizers.SGD(0.5), "mse", metrics=["mae"], loss_weights=[1.0, 2.0, 0.5])
    other = np.array([[0, 1, 2, 3, 0], [2, 0, 1, 1, 0], [1, 1, 1, 1, 1]], dtype="float32")
    labels = [grid(3, 5, 2), grid(3, 5, 1), grid(3, 1)]
    sample_weights = [np.array(w) for w in ([1.0, 2.0, 0.5], [0.5, 0.5, 3.0], [1.0, 0.0, 2.0])]
    result = model.train_on_batch([IDS, other], labels, sample_weight=sample_weights, return_dict=True)
    return {
        "other": other.tolist(),
        "weights": {name: [numbers(w) for w in ws] for name, ws in weights.items()},
        "labels": [y.tolist() for y in labels],
        "sampleWeight": [w.tolist() for w in sample_weights],
        "result": {k: float(np.round(v, 7)) for k, v in result.items()},
        "after": {
            layer.name: [numbers(w) for w in layer.get_weights()] for layer in (tags, both, last)
        },
    }


def normalization():
    """Batch normalization after an embedding: output, moving averages, gradient of gamma by a step of descent."""
    cases = []
    for momentum, ids, table in [
        (0.0, [[1, 2, 3, 0], [3, 0, 0, 0]], [[-10], [1], [2], [3]]),
        (0.75, IDS.tolist(), EMBEDDINGS.tolist()),
    ]:
        ids, table = np.array(ids, dtype="float32"), np.array(table, dtype="float32")
        inputs = L.Input((None,))
        features = table.shape[1]
        norm = L.BatchNormalization(momentum=momentum)
        embedded = L.Embedding(len(table), features, mask_zero=True, weights=[table], trainable=False)(inputs)
        model = K.Model(inputs, norm(embedded))
        labels = np.ones((*ids.shape, features), dtype="float32")
        model.compile(K.optimizers.SGD(0.5), "mse")
        loss = model.train_on_batch(ids, labels)
        cases.append(
            {
                "momentum": momentum,
                "ids": ids.tolist(),
                "embeddings": table.tolist(),
                "loss": float(np.round(loss, 7)),
                "weights": [numbers(w) for w in norm.get_weights()],
                "prediction": numbers(model.predict(ids, verbose=0)),
            }
        )
    return cases


def merged():
    """The masks that merging layers give, by the axis along which they join. (Along axis 1, Keras fails if one has no mask.)"""
    left, right = L.Input((None,)), L.Input((None,))
    a, b = embedding(left), embedding(right)
    plain = L.Embedding(5, 2, weights=[EMBEDDINGS])(right)
    other = np.array([[0, 1, 2, 3, 0], [2, 0, 1, 1, 0], [1, 1, 1, 1, 1]], dtype="float32")
    result = {}
    for name, layer, inputs in [
        ("add", L.Add(), [a, b]),
        ("add plain", L.Add(), [a, plain]),
        ("concatenate -1", L.Concatenate(), [a, b]),
        ("concatenate -1 plain", L.Concatenate(), [a, plain]),
        ("concatenate 1", L.Concatenate(axis=1), [a, b]),
        ("concatenate -2", L.Concatenate(axis=-2), [a, b]),
    ]:
        output = layer(inputs)
        model = K.Model([left, right], output)
        mask = model([IDS, other])._keras_mask
        result[name] = mask.numpy().astype(int).tolist()
    return {"other": other.tolist(), "masks": result}


print(
    json.dumps(
        {
            "ids": IDS.tolist(),
            "embeddings": EMBEDDINGS.tolist(),
            "nested": nested(),
            "losses": losses(),
            "counts": counts(),
            "several": several(),
            "normalization": normalization(),
            "merged": merged(),
        }
    )
)
