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
        case("layerActivityRegularization", L.ActivityRegularization, {"l1": 0.25, "l2": 0.5}, [(2, 3)]),
        case("layerIdentity", L.Identity, {}, [(2, 3)]),
        case("layerMasking", L.Masking, {}, [(2, 3)]),
        case("layerMasking", L.Masking, {"mask_value": 0.75}, [(2, 3)], about="of another value"),
        case("layerGaussianNoise", L.GaussianNoise, {"stddev": 0.5}, [(4, 3)], training=False),
        case("layerGaussianDropout", L.GaussianDropout, {"rate": 0.25}, [(4, 3)], training=False),
        case("layerAlphaDropout", L.AlphaDropout, {"rate": 0.25, "seed": 3}, [(4, 3)], training=False),
        case("layerSpatialDropout1d", L.SpatialDropout1D, {"rate": 0.25}, [(4, 3)], training=False),
        case("layerSpatialDropout2d", L.SpatialDropout2D, {"rate": 0.25, "data_format": "channels_first"}, [(2, 3, 3)], training=False),
        case("layerSpatialDropout3d", L.SpatialDropout3D, {"rate": 0.25}, [(2, 2, 2, 3)], training=False),
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
