"""Activations as layers."""
from tensorflow.keras import layers as L


def cases(case):
    return [
        case("layerActivationRelu", L.ReLU, {}, [(4, 3)]),
        case("layerActivationRelu", L.ReLU, {"max_value": 0.6, "negative_slope": 0.1, "threshold": 0.2}, [(4, 3)], about="with all of its options"),
        case("layerActivationRelu", L.ReLU, {"max_value": 0.5}, [(6,)], about="with a largest value"),
        case("layerActivationRelu", L.ReLU, {"negative_slope": 0.25}, [(6,)], about="with a slope"),
        case("layerActivationRelu", L.ReLU, {"threshold": 0.3}, [(6,)], about="with a threshold"),
        case("layerActivationLeakyRelu", L.LeakyReLU, {}, [(6,)]),
        case("layerActivationLeakyRelu", L.LeakyReLU, {"alpha": 0.1}, [(6,)], about="with a slope"),
        case("layerActivationParametricRelu", L.PReLU, {}, [(4, 3)]),
        case("layerActivationParametricRelu", L.PReLU, {"shared_axes": [1, 2], "alpha_initializer": "ones"}, [(2, 3, 4)], about="with slopes in common"),
        case("layerActivationThresholdedRelu", L.ThresholdedReLU, {"theta": 0.3}, [(6,)]),
        case("layerActivationElu", L.ELU, {}, [(6,)]),
        case("layerActivationElu", L.ELU, {"alpha": 0.5}, [(6,)], about="with a factor"),
        case("layerActivationSelu", L.Activation, {}, [(6,)], keras={"activation": "selu"}),
        case("layerActivationSoftmax", L.Softmax, {}, [(4, 3)]),
        case("layerActivationSoftmax", L.Softmax, {"axis": 1}, [(4, 3)], about="along the steps"),
    ]
