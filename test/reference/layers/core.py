"""Core layers, embeddings and reshaping."""
from tensorflow.keras import layers as L


def cases(case):
    return [
        case("layerDense", L.Dense, {"units": 4}, [(3,)]),
        case("layerDense", L.Dense, {"units": 2, "activation": "relu", "use_bias": False}, [(5, 3)], about="on sequences"),
        case("layerDense", L.Dense, {"units": 3, "activation": "softmax", "bias_initializer": "ones"}, [(2, 2, 3)], about="on images"),
        case("layerDense", L.Dense, {"units": 4, "activity_regularizer": "l1_l2", "activation": "tanh"}, [(2, 3)], about="whose outputs are regularized"),
        case("layerActivation", L.Activation, {"activation": "tanh"}, [(3,)]),
        case("layerActivation", L.Activation, {"activation": "hard_sigmoid"}, [(4, 3)], about="hard"),
        case("layerFlatten", L.Flatten, {}, [(2, 3, 2)]),
        case("layerFlatten", L.Flatten, {"data_format": "channels_first"}, [(2, 3, 2)], about="of channels that come first"),
        case("layerReshape", L.Reshape, {"target_shape": [2, -1]}, [(3, 4)]),
        case("layerPermute", L.Permute, {"dims": [3, 1, 2]}, [(2, 3, 4)]),
        case("layerRepeatVector", L.RepeatVector, {"n": 3}, [(4,)]),
        case("layerEmbedding", L.Embedding, {"input_dim": 7, "output_dim": 3}, [(5,)], ids=7),
        case("layerEmbedding", L.Embedding, {"input_dim": 7, "output_dim": 2, "mask_zero": True}, [(4,)], ids=7, about="with masks"),
        case("layerDropout", L.Dropout, {"rate": 0.4}, [(3,)], training=False),
        case("layerDropout", L.Dropout, {"rate": 0.4, "noise_shape": [None, 1, 3], "seed": 7}, [(4, 3)], training=False, about="of whole features"),
    ]
