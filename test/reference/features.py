"""What Keras 2.13's layers of features give: normalization, bins, hashes, rows of categories; and what they learn by `adapt`."""

import json

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers as L


def waves(*shape):
    """Numbers that Python and TypeScript make alike, of float32."""
    return (3 * np.sin(np.arange(np.prod(shape)) * 1.7) + np.arange(np.prod(shape)) % 5).astype("float32").reshape(shape)


def plain(tensor):
    return np.round(np.asarray(tensor, "float64"), 6).tolist()


def config(layer):
    left_out = ["name", "trainable", "dtype", "batch_input_shape"]
    return {key: value for key, value in json.loads(json.dumps(layer.get_config())).items() if key not in left_out}


def normalization():
    cases = []
    for options, shape in [
        ({}, (70, 3)),
        ({"axis": None}, (70, 3)),
        ({"axis": [1, 2]}, (40, 2, 3)),
        ({"axis": 1}, (40, 2, 3)),
        ({"axis": -1}, (40, 2, 3)),
        ({"invert": True}, (70, 3)),
    ]:
        layer = L.Normalization(**options)
        layer.adapt(waves(*shape))
        x = waves(3, *shape[1:]) + 1
        weights = [plain(weight) for weight in layer.get_weights()]
        cases.append({"options": options, "shape": shape, "weights": weights, "output": plain(layer(x)), "config": config(layer)})
    given = []
    for options in [{"mean": 3.0, "variance": 4.0}, {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 0.0]}, {"mean": 2.0, "variance": 9.0, "invert": True}]:
        layer = L.Normalization(**options)
        given.append({"options": options, "output": plain(layer(waves(2, 3))), "config": config(layer)})
    return {"learned": cases, "given": given}


def discretization():
    cases = []
    for options, shape, batch in [
        ({"num_bins": 4}, (10, 1), 32),
        ({"num_bins": 4}, (1000, 1), 32),
        ({"num_bins": 10}, (1000, 2), 50),
        ({"num_bins": 5, "epsilon": 0.1}, (1000, 1), 500),
        ({"num_bins": 3, "epsilon": 0.05}, (300, 1), 7),
        ({"num_bins": 4, "output_mode": "one_hot"}, (200, 1), 32),
        ({"num_bins": 4, "output_mode": "multi_hot"}, (200, 2), 32),
        ({"num_bins": 4, "output_mode": "count"}, (200, 2), 32),
    ]:
        layer = L.Discretization(**options)
        layer.adapt(waves(*shape), batch_size=batch)
        x = waves(12, *shape[1:]) + 0.25
        cases.append(
            {
                "options": options,
                "shape": shape,
                "batchSize": batch,
                "boundaries": plain(layer.bin_boundaries),
                "output": plain(layer(x)),
                "config": config(layer),
            }
        )
    given = []
    for mode in ["int", "one_hot", "multi_hot", "count"]:
        layer = L.Discretization(bin_boundaries=[0.0, 1.0, 2.0], output_mode=mode)
        x = [[-1.5], [1.0], [3.4], [0.5], [2.0], [0.0]] if mode == "one_hot" else [[-1.5, 1.0, 3.4], [0.5, 2.0, 0.0]]
        given.append({"options": {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": mode}, "x": x, "output": plain(layer(tf.constant(x))), "config": config(layer)})
    return {"learned": cases, "given": given}


def hashing():
    texts = [["A", "B"], ["C", ""], ["Ünïcödé", "日本"], ["a long text that lies outside of a small string", "B"]]
    numbers = [[0, 1], [-5, 2147483647], [-2147483648, 42], [7, 1]]
    cases = []
    for options in [
        {"num_bins": 3},
        {"num_bins": 1000},
        {"num_bins": 100, "salt": 1337},
        {"num_bins": 100, "salt": [137, 42]},
        {"num_bins": 100, "salt": [-1, 3]},
        {"num_bins": 5, "mask_value": "M"},
        {"num_bins": 1, "mask_value": "M"},
        {"num_bins": 6, "output_mode": "multi_hot"},
        {"num_bins": 6, "output_mode": "count", "salt": 9},
        {"num_bins": 6, "output_mode": "one_hot"},
    ]:
        for data, mask in [(texts, "B"), (numbers, 1)]:
            own = {name: mask if value == "M" else value for name, value in options.items()}
            x = [row[:1] for row in data] if own.get("output_mode") == "one_hot" else data
            layer = L.Hashing(**own)
            tensor = tf.constant(x) if data is texts else tf.constant(x, tf.int32)
            cases.append({"options": own, "x": x, "output": plain(layer(tensor)), "config": config(layer)})
    return cases


def encoding():
    cases = []
    for mode, x in [
        ("multi_hot", [[0, 1], [0, 0], [1, 2], [3, 1]]),
        ("count", [[0, 1], [0, 0], [1, 2], [3, 1]]),
        ("one_hot", [[3], [2], [0], [1]]),
        ("one_hot", [3, 2, 0, 1]),
        ("multi_hot", [3, 2, 0, 1]),
    ]:
        layer = L.CategoryEncoding(num_tokens=5, output_mode=mode)
        cases.append({"options": {"num_tokens": 5, "output_mode": mode}, "x": x, "output": plain(layer(tf.constant(x))), "config": config(layer)})
    return cases


def crossing():
    cases = []
    for options, inputs in [
        ({"num_bins": 5}, [["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102]]),
        ({"num_bins": 1000}, [["A", "Ü", "", "B", "日本"], [1, -1, 0, 2147483647, 42], ["x", "y", "x", "y", "z"]]),
        ({"num_bins": 5, "output_mode": "one_hot"}, [["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102]]),
    ]:
        layer = L.HashedCrossing(**options)
        columns = [[[value] for value in column] for column in inputs]
        cases.append({"options": options, "inputs": columns, "output": plain(layer([tf.constant(column) for column in columns])), "config": config(layer)})
    return cases


print(
    json.dumps(
        {
            "normalization": normalization(),
            "discretization": discretization(),
            "hashing": hashing(),
            "categoryEncoding": encoding(),
            "crossing": crossing(),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
)
