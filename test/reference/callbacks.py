"""
Writes callbacks.json: what Keras 2.13's callbacks do on given logs: when training ends and with which weights, the learning rate of
each epoch, and what is in the CSV file.

Before the end of epoch `i` the only weight of the model is set to `i`. Options are written as this library names them.
"""
import json
import logging
import os
import re
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow.keras import callbacks

logging.disable(logging.WARNING)
tf.get_logger().setLevel("ERROR")
snake = lambda name: re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
NAN = float("nan")

LOSSES = {
    "falling": [5, 4, 3, 2, 1, 0.5, 0.25, 0.2],
    "plateau": [5, 4, 4, 3.95, 3.9, 4.5, 3, 3, 3, 3, 3, 3],
    "noisy": [3, 2, 2.5, 2.1, 1.9, 2.2, 2.3, 1.8, 1.9, 1.95, 1.99, 1.85],
    "nan": [NAN, NAN, NAN, NAN],
    "late nan": [2, 1, NAN, NAN, NAN, NAN],
    "rising": [0.5, 0.6, 0.7, 0.65, 0.8, 0.8, 0.8, 0.79, 0.78],
    "gaps": [3, None, 2, None, 2.5, None, 2.6, None, 2.7, None],
}


def model(rate=0.5):
    made = tf.keras.Sequential([tf.keras.layers.Dense(1, use_bias=False, input_shape=(1,))])
    made.compile(optimizer=tf.keras.optimizers.SGD(rate), loss="mse")
    made.stop_training = False
    return made


def run(callback, name, losses):
    trained = model()
    callback.set_model(trained)
    callback.set_params({"epochs": len(losses), "verbose": 0, "steps": 1})
    callback.on_train_begin()
    rates, last = [], None
    for epoch, loss in enumerate(losses):
        callback.on_epoch_begin(epoch)
        trained.set_weights([np.array([[epoch]], dtype="float32")])
        logs = {"loss": 1.0 / (epoch + 1)}
        if loss is not None:
            logs[name] = loss
        callback.on_epoch_end(epoch, logs)
        rates.append(float(f"{float(trained.optimizer.lr.numpy()):.7g}"))
        last = epoch
        if trained.stop_training:
            break
    callback.on_train_end()
    return {"lastEpoch": last, "weight": float(trained.get_weights()[0][0, 0]), "rates": rates}


EARLY = [
    ({}, "val_loss", ("falling", "plateau", "nan", "gaps")),
    ({"patience": 2}, "val_loss", ("plateau", "noisy", "late nan", "gaps")),
    ({"patience": 2, "restoreBestWeights": True}, "val_loss", ("falling", "plateau", "noisy", "nan", "late nan", "gaps")),
    ({"patience": 3, "minDelta": 0.1, "restoreBestWeights": True}, "val_loss", ("plateau", "noisy")),
    ({"patience": 3, "minDelta": -0.1}, "val_loss", ("noisy",)),
    ({"patience": 2, "baseline": 2.0, "restoreBestWeights": True}, "val_loss", ("falling", "noisy", "plateau")),
    ({"patience": 2, "startFromEpoch": 4, "restoreBestWeights": True}, "val_loss", ("plateau", "noisy", "nan")),
    ({"patience": 1, "mode": "max"}, "val_loss", ("falling", "rising")),
    ({"patience": 2, "restoreBestWeights": True, "monitor": "accuracy"}, "accuracy", ("rising",)),
    ({"patience": 2, "monitor": "val_auc"}, "val_auc", ("rising",)),
    ({"patience": 2, "monitor": "auc", "mode": "min"}, "auc", ("rising",)),
]
PLATEAU = [
    ({"patience": 1}, "val_loss", ("falling", "plateau", "noisy", "nan", "gaps")),
    ({"patience": 2, "factor": 0.5, "cooldown": 2}, "val_loss", ("plateau", "noisy")),
    ({"patience": 1, "factor": 0.5, "minLr": 0.1}, "val_loss", ("plateau", "nan")),
    ({"patience": 2, "factor": 0.5, "minDelta": 0.1}, "val_loss", ("plateau", "noisy")),
    ({"patience": 2, "factor": 0.5, "monitor": "accuracy"}, "accuracy", ("rising",)),
    ({"patience": 2, "factor": 0.5, "monitor": "auc"}, "auc", ("rising",)),
    ({"patience": 2, "factor": 0.5, "mode": "max"}, "val_loss", ("rising", "falling")),
    ({"patience": 0, "factor": 0.5}, "val_loss", ("noisy",)),
]


def rows(kind, cases):
    for options, name, sequences in cases:
        for sequence in sequences:
            callback = kind(**{snake(key): value for key, value in options.items()})
            yield {"options": options, "name": name, "losses": sequence, **run(callback, name, LOSSES[sequence])}


def csv(options, fits):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.csv")
        for begin, logs in fits:
            callback = callbacks.CSVLogger(path, **options)
            callback.set_model(model())
            callback.on_train_begin()
            for index, values in enumerate(logs):
                callback.on_epoch_end(begin + index, dict(values))
            callback.on_train_end()
        with open(path, newline="") as file:
            return file.read()


PLAIN = [{"loss": 0.5, "accuracy": 1.0}, {"loss": 1e-05, "accuracy": 0.25}, {"loss": NAN, "accuracy": 1e20}]
VALIDATED = [{"loss": 2.0, "val_loss": 0.125}, {"loss": 1.5}, {"loss": -1.5, "val_loss": float("inf")}]
CSV = [
    ({}, [(0, PLAIN)]),
    ({"separator": ";"}, [(0, VALIDATED)]),
    ({"append": True}, [(0, VALIDATED[:1]), (1, VALIDATED[1:])]),
    ({}, [(0, VALIDATED), (3, PLAIN)]),
]

print(
    json.dumps(
        {
            "losses": {key: [str(v) if v != v else v for v in values] for key, values in LOSSES.items()},
            "earlyStopping": list(rows(callbacks.EarlyStopping, EARLY)),
            "reduceLrOnPlateau": list(rows(callbacks.ReduceLROnPlateau, PLATEAU)),
            "csv": [
                {
                    "options": options,
                    "fits": [[begin, [{k: str(v) if not np.isfinite(v) else v for k, v in values.items()} for values in logs]] for begin, logs in fits],
                    "content": csv(options, fits),
                }
                for options, fits in CSV
            ],
        },
        separators=(",", ":"),
    )
)
