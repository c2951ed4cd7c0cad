"""What Keras 2.13's FeatureSpace makes of a table: features in one row and by name, crosses, features with options."""

import json

import numpy as np
import tensorflow as tf
from tensorflow.keras.utils import FeatureSpace

TABLE = {
    "age": [0.5, 20.0, 35.5, 60.25, 41.0, 33.0],
    "income": [1.5, 2.5, 0.5, 3.5, 1.0, 2.0],
    "scaled": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    "plain": [0.25, 0.5, 0.75, 1.0, 1.25, 1.5],
    "city": ["Rome", "Oslo", "Rome", "Köln", "Oslo", "Rome"],
    "offer": [7, 1001, 7, 3, 3, 7],
    "device": ["phone", "tablet", "phone", "", "日本", "tablet"],
    "code": [5, -3, 7, 0, 5, 1],
}
UNSEEN = {
    "age": [25.0, 70.0],
    "income": [2.0, 9.0],
    "scaled": [0.0, -1.0],
    "plain": [2.0, 3.0],
    "city": ["Oslo", "Atlantis"],
    "offer": [3, 9],
    "device": ["phone", "none"],
    "code": [5, 77],
}


def plain(tensor):
    return np.round(np.asarray(tensor, "float64"), 5).tolist()


def case(features, **options):
    made = {
        name: feature if isinstance(feature, str) else getattr(FeatureSpace, feature["type"])(**{key: value for key, value in feature.items() if key != "type"})
        for name, feature in features.items()
    }
    crosses = [
        FeatureSpace.cross(tuple(cross["feature_names"]), cross["crossing_dim"], output_mode=cross.get("output_mode", "one_hot")) if isinstance(cross, dict) else tuple(cross)
        for cross in options.get("crosses", [])
    ]
    space = FeatureSpace(features=made, **{**options, "crosses": crosses})
    typed = lambda table: {name: np.array(values, "float32") if isinstance(values[0], float) else np.array(values) for name, values in table.items() if name in features}
    space.adapt(tf.data.Dataset.from_tensor_slices(typed(TABLE)))
    output = space(typed(UNSEEN))
    encoded = {name: plain(value) for name, value in output.items()} if isinstance(output, dict) else plain(output)
    return {"features": features, "options": options, "output": encoded}


ALL = {
    "city": "string_categorical",
    "age": "float_normalized",
    "income": {"type": "float_discretized", "num_bins": 3},
    "offer": "integer_categorical",
    "plain": "float",
    "scaled": {"type": "float_rescaled", "scale": 2.0, "offset": -1.0},
    "device": {"type": "string_hashed", "num_bins": 5},
    "code": {"type": "integer_hashed", "num_bins": 4},
}
NUMBERS = {
    "city": {"type": "string_categorical", "output_mode": "int", "max_tokens": 3},
    "offer": {"type": "integer_categorical", "output_mode": "int", "num_oov_indices": 2},
    "income": {"type": "float_discretized", "num_bins": 2, "bin_boundaries": None, "output_mode": "int"},
    "code": {"type": "integer_hashed", "num_bins": 4, "output_mode": "int"},
}
del NUMBERS["income"]["bin_boundaries"]

print(
    json.dumps(
        {
            "table": TABLE,
            "unseen": UNSEEN,
            "cases": [
                case(ALL),
                case(ALL, crosses=[["city", "offer"]], crossing_dim=8),
                case(ALL, crosses=[["city", "offer", "device"], ["offer", "city"]], crossing_dim=6, output_mode="dict"),
                case(NUMBERS, output_mode="dict", crosses=[{"feature_names": ["city", "code"], "crossing_dim": 9, "output_mode": "int"}]),
                case({"device": "string_hashed", "code": "integer_hashed", "plain": "float"}, hashing_dim=7),
            ],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
)
