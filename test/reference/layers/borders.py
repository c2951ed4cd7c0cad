"""Padding, cropping and upsampling."""
import tensorflow as tf
from tensorflow.keras import layers as L

WAYS = ["bilinear", "bicubic", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]


def repeat(layer, x):
    made = tf.repeat(tf.repeat(x, layer.size[0], 1), layer.size[1], 2)
    tf.debugging.assert_near(made, layer(x))
    return made


def cases(case):
    def one(function, make, options, shape, about=None):
        return case(function, make, options, [shape], about=about)

    first = {"data_format": "channels_first"}
    return [
        one("layerZeroPadding1d", L.ZeroPadding1D, {}, (3, 2)),
        one("layerZeroPadding1d", L.ZeroPadding1D, {"padding": [0, 2]}, (3, 2), "at the end"),
        one("layerZeroPadding2d", L.ZeroPadding2D, {}, (2, 2, 1)),
        one("layerZeroPadding2d", L.ZeroPadding2D, {"padding": [1, 2]}, (2, 1, 2), "of two sizes"),
        one("layerZeroPadding2d", L.ZeroPadding2D, {"padding": [[1, 0], [0, 2]], **first}, (1, 2, 2), "of channels that come first"),
        one("layerZeroPadding3d", L.ZeroPadding3D, {}, (1, 2, 1, 1)),
        one("layerZeroPadding3d", L.ZeroPadding3D, {"padding": [[0, 1], [1, 0], [0, 0]], **first}, (2, 1, 2, 1), "of channels that come first"),
        one("layerCropping1d", L.Cropping1D, {}, (4, 2)),
        one("layerCropping1d", L.Cropping1D, {"cropping": [0, 2]}, (4, 2), "at the end"),
        one("layerCropping2d", L.Cropping2D, {}, (2, 2, 1)),
        one("layerCropping2d", L.Cropping2D, {"cropping": [[1, 0], [1, 1]]}, (3, 4, 2), "of four sizes"),
        one("layerCropping2d", L.Cropping2D, {"cropping": [1, 0], **first}, (2, 3, 2), "of channels that come first"),
        one("layerCropping3d", L.Cropping3D, {}, (3, 3, 4, 1)),
        one("layerCropping3d", L.Cropping3D, {"cropping": [[0, 1], [1, 0], [0, 0]], **first}, (2, 2, 2, 2), "of channels that come first"),
        one("layerUpsampling1d", L.UpSampling1D, {}, (3, 2)),
        one("layerUpsampling1d", L.UpSampling1D, {"size": 3}, (2, 2), "to three times"),
        one("layerUpsampling2d", L.UpSampling2D, {}, (2, 3, 2)),
        one("layerUpsampling2d", L.UpSampling2D, {"size": [3, 1], **first}, (2, 2, 3), "of channels that come first"),
        *[one("layerUpsampling2d", L.UpSampling2D, {"size": [2, 3], "interpolation": way}, (4, 6, 1), way) for way in WAYS],
        # TensorFlow has no gradient of it: each new pixel lies in one old one.
        case("layerUpsampling2d", L.UpSampling2D, {"size": [2, 3], "interpolation": "area"}, [(2, 3, 1)], about="area", via=repeat),
        one("layerUpsampling3d", L.UpSampling3D, {}, (1, 2, 2, 1)),
        one("layerUpsampling3d", L.UpSampling3D, {"size": [1, 2, 3], **first}, (2, 2, 2, 1), "of channels that come first"),
    ]
