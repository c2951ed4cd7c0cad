"""The models whose summaries `summary.py` and `keras3/summary.py` print, by the Keras that they give.

With each, what both are told, and how wide Keras 3's table is, where it would cut texts otherwise.
"""

import numpy as np


def models(keras):
    layers, Input = keras.layers, keras.Input
    stack = keras.Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(32, 3, name="conv2d"),
            layers.MaxPooling2D(name="max_pooling2d"),
            layers.BatchNormalization(name="batch_normalization"),
            layers.Flatten(name="flatten"),
            layers.Dense(1000, name="a_very_long_name_that_does_not_fit_its_column"),
            layers.Dense(10, name="dense"),
        ],
        name="stack",
    )
    frozen = keras.Sequential(
        [Input((3,)), layers.Dense(4, name="dense", trainable=False), layers.Dense(1, name="dense_1")],
        name="frozen",
    )
    x = Input((8,), name="input_1")
    branches = [layers.Dense(4, name="dense")(x), layers.Dense(4, name="dense_1")(x)]
    graph = keras.Model(
        x,
        layers.Dense(1, name="output_of_the_whole_graph")(layers.Add(name="add")(branches)),
        name="graph",
    )
    encoder = layers.LSTM(2, name="lstm")
    pair = [Input((5, 3), name="left"), Input((5, 3), name="right")]
    siamese = keras.Model(
        pair, layers.Concatenate(name="concatenate")([encoder(one) for one in pair]), name="siamese"
    )

    def middle():
        inner = keras.Sequential(
            [Input((8,)), layers.Dense(4, name="inner_dense"), layers.Dropout(0.5, name="dropout")], name="inner"
        )
        first = Input((8,), name="middle_input")
        return keras.Model(first, layers.Dense(2, name="middle_dense")(inner(first)), name="middle")

    nested = keras.Sequential([Input((8,)), middle(), layers.Dense(1, name="last")], name="nested")
    outer_input = Input((8,), name="outer_input")
    again = layers.Add(name="add")([middle()(outer_input), layers.Dense(2, name="dense")(outer_input)])
    nested_graph = keras.Model(outer_input, again, name="nested_graph")

    def trained(optimizer, name):
        x = [Input((3,)), layers.Dense(4, name="dense", trainable=False), layers.Dense(5, name="dense_1")]
        model = keras.Sequential([*x, layers.Dense(1, name="dense_2")], name=name)
        model.compile(optimizer, "mse")
        model.train_on_batch(np.zeros((2, 3)), np.zeros((2, 1)))
        return model

    compiled = keras.Sequential([Input((3,)), layers.Dense(4, name="dense")], name="compiled")
    compiled.compile("adam", "mse")
    decay = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    by_sgd = trained(keras.optimizers.SGD(decay), "by_sgd")
    by_adam = trained("adam", "by_adam")
    return {
        "stack": (stack, {}, 120),
        "narrow": (stack, {"line_length": 50}, 108),
        "range": (stack, {"layer_range": ["max_pooling2d", "flatten"]}, None),
        "trainable": (stack, {"show_trainable": True}, 140),
        "frozen": (frozen, {"show_trainable": True}, 120),
        "graph": (graph, {}, None),
        "graph narrow": (graph, {"line_length": 70}, 98),
        "siamese": (siamese, {"show_trainable": True}, 140),
        "nested": (nested, {}, None),
        "nested open": (nested, {"expand_nested": True}, None),
        "nested graph open": (nested_graph, {"expand_nested": True, "show_trainable": True}, 140),
        "compiled": (compiled, {}, 120),
        "trained by sgd": (by_sgd, {"show_trainable": True}, 120),
        "trained by adam": (by_adam, {"show_trainable": True}, 120),
    }
