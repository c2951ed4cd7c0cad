"""
Prints what Keras 2.13's spectral normalization makes of fixed numbers in three steps of gradient descent at the rate 0.1 on the sum of the
outputs times fixed numbers: the output of each step, weights and vector after it; at last the output without training.

    npm run reference -- spectral_normalization
"""
import importlib.util
import json
import pathlib

import numpy as np
import tensorflow as tf

L = tf.keras.layers
spec = importlib.util.spec_from_file_location("layers", pathlib.Path(__file__).parent / "layers.py")
common = importlib.util.module_from_spec(spec)
spec.loader.exec_module(common)
grid, numbers = common.grid, common.numbers


def case(function, options, make, shape, iterations, ids=None, zeros=False):
    inner = make()
    layer = L.SpectralNormalization(inner, power_iterations=iterations)
    x = tf.constant(common.ids_of([2, *shape], 0, ids) if ids else grid([2, *shape], 0))
    layer(x)
    values = [grid(weight.shape.as_list(), 100 + index) for index, weight in enumerate(layer.weights)]
    layer.set_weights([np.zeros_like(value) if zeros and index == 0 else value for index, value in enumerate(values)])
    steps = []
    for _ in range(3):
        with tf.GradientTape() as tape:
            output = layer(x, training=True)
            total = tf.reduce_sum(output * grid(output.shape.as_list(), 500))
        weights = layer.trainable_weights
        for weight, gradient in zip(weights, tape.gradient(total, weights)):
            weight.assign_sub(0.1 * tf.convert_to_tensor(gradient))
        steps.append({"output": numbers(output), "weights": [numbers(weight) for weight in layer.weights]})
    return {
        "layer": function,
        "options": options,
        "ids": ids,
        "shape": list(shape),
        "powerIterations": iterations,
        "zeros": zeros,
        "params": layer.count_params(),
        "steps": steps,
        "predicted": numbers(layer(x, training=False)),
    }


print(
    json.dumps(
        [
            case("layerDense", {"units": 4}, lambda: L.Dense(4), (3,), 1),
            case("layerDense", {"units": 2, "useBias": False}, lambda: L.Dense(2, use_bias=False), (3, 5), 3),
            case("layerConv2d", {"filters": 3, "kernelSize": 2}, lambda: L.Conv2D(3, 2), (4, 3, 2), 1),
            case("layerConv1d", {"filters": 2, "kernelSize": 2}, lambda: L.Conv1D(2, 2), (4, 3), 2),
            case("layerEmbedding", {"inputDim": 5, "outputDim": 3}, lambda: L.Embedding(5, 3), (4,), 1, ids=5),
            case("layerDense", {"units": 3}, lambda: L.Dense(3), (2,), 1, zeros=True),
        ],
        separators=(",", ":"),
    )
)
