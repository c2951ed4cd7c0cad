"""Pooling."""
import tensorflow as tf
from tensorflow.keras import layers as L

MASK = [[[True, True, False, True, False], [True, False, False, False, False]]]
FIRST = {"data_format": "channels_first"}


def moved(layer, x):
    """Channels that come first by the definition: TensorFlow does not compute them on processors."""
    rank = len(x.shape)
    config = {**layer.get_config(), "data_format": "channels_last"}
    made = type(layer).from_config(config)(tf.transpose(x, [0, *range(2, rank), 1]))
    return tf.transpose(made, [0, rank - 1, *range(1, rank - 1)])


def cases(case):
    def one(function, make, options, shape, about=None, **rest):
        return case(function, make, options, [shape], about=about, **rest)

    shapes = [(5, 2), (5, 4, 2), (3, 4, 3, 2)]
    result = []
    for rank, shape in enumerate(shapes, 1):
        for kind in ("Max", "Average"):
            local = getattr(L, f"{kind}Pooling{rank}D")
            name = f"layer{kind}Pooling{rank}d"
            result += [
                one(name, local, {}, shape),
                one(name, local, {"pool_size": 3, "strides": 2, "padding": "same"}, shape, "padded"),
                one(name, local, {"pool_size": [2, 3, 1][:rank], "strides": 1, **FIRST}, (2, *shape[:-1]), "of channels that come first", via=moved),
            ]
            whole = getattr(L, f"Global{kind}Pooling{rank}D")
            name = f"layerGlobal{kind}Pooling{rank}d"
            result += [
                one(name, whole, {}, shape),
                one(name, whole, {"keepdims": True, **FIRST}, shape, "of channels that come first"),
            ]
    return [
        *result,
        one("layerGlobalAveragePooling1d", L.GlobalAveragePooling1D, {}, (5, 3), "with padding", masks=MASK),
        one("layerGlobalAveragePooling1d", L.GlobalAveragePooling1D, {"keepdims": True}, (5, 3), "with padding, of a step", masks=MASK),
    ]
