"""Convolutions."""
import tensorflow as tf
from tensorflow.keras import layers as L


def cases(case):
    return [
        case("layerConv1d", L.Conv1D, {"filters": 3, "kernel_size": 3}, [(7, 2)]),
        case("layerConv1d", L.Conv1D, {"filters": 2, "kernel_size": 2, "strides": 2, "padding": "same", "activation": "tanh", "use_bias": False}, [(7, 3)], about="with strides"),
        case("layerConv1d", L.Conv1D, {"filters": 2, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, [(7, 2)], about="causal and dilated"),
        case("layerConv1d", L.Conv1D, {"filters": 2, "kernel_size": 3, "padding": "causal", "strides": 2}, [(7, 2)], about="causal, with strides"),
        case("layerConv1d", L.Conv1D, {"filters": 2, "kernel_size": 2, "padding": "same", "dilation_rate": 3}, [(7, 2)], about="dilated, padded"),
        grouped("layerConv1d", case, L.Conv1D, {"filters": 4, "kernel_size": 2, "groups": 2}, (6, 4), "of groups"),
        first("layerConv1d", case, L.Conv1D, {"filters": 3, "kernel_size": 2, "activation": "relu"}, (2, 6), "of channels that come first"),
        case("layerConv2d", L.Conv2D, {"filters": 3, "kernel_size": [3, 2], "activation": "relu"}, [(5, 4, 2)]),
        case("layerConv2d", L.Conv2D, {"filters": 2, "kernel_size": 3, "strides": [2, 1], "padding": "same", "use_bias": False}, [(5, 4, 2)], about="with strides"),
        case("layerConv2d", L.Conv2D, {"filters": 2, "kernel_size": 2, "dilation_rate": [2, 3], "padding": "same"}, [(5, 5, 2)], about="dilated, padded"),
        case("layerConv2d", L.Conv2D, {"filters": 2, "kernel_size": 2, "dilation_rate": 2}, [(5, 4, 2)], about="dilated"),
        grouped("layerConv2d", case, L.Conv2D, {"filters": 6, "kernel_size": 2, "groups": 2, "padding": "same"}, (3, 4, 4), "of groups"),
        grouped("layerConv2d", case, L.Conv2D, {"filters": 6, "kernel_size": 2, "groups": 3, "strides": 2}, (4, 4, 3), "of as many groups as channels"),
        first("layerConv2d", case, L.Conv2D, {"filters": 3, "kernel_size": 2, "strides": 2, "padding": "same"}, (2, 5, 4), "of channels that come first"),
        case("layerConv3d", L.Conv3D, {"filters": 2, "kernel_size": 2}, [(3, 3, 4, 2)]),
        case("layerConv3d", L.Conv3D, {"filters": 2, "kernel_size": [1, 2, 3], "strides": [1, 2, 1], "padding": "same", "activation": "sigmoid"}, [(2, 3, 4, 2)], about="with strides"),
        dilated3d(case),
        grouped("layerConv3d", case, L.Conv3D, {"filters": 2, "kernel_size": 2, "groups": 2}, (2, 3, 3, 2), "of groups"),
        case("layerConv1dTranspose", L.Conv1DTranspose, {"filters": 3, "kernel_size": 3}, [(4, 2)]),
        case("layerConv1dTranspose", L.Conv1DTranspose, {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 1}, [(4, 2)], about="with padding of the output"),
        case("layerConv1dTranspose", L.Conv1DTranspose, {"filters": 2, "kernel_size": 3, "dilation_rate": 2}, [(4, 2)], about="dilated"),
        case("layerConv2dTranspose", L.Conv2DTranspose, {"filters": 3, "kernel_size": 2}, [(3, 4, 2)]),
        case("layerConv2dTranspose", L.Conv2DTranspose, {"filters": 2, "kernel_size": 3, "strides": [2, 3], "padding": "same", "activation": "tanh"}, [(3, 2, 2)], about="with strides"),
        case("layerConv2dTranspose", L.Conv2DTranspose, {"filters": 2, "kernel_size": [2, 3], "strides": 2, "output_padding": [1, 0], "use_bias": False}, [(3, 2, 2)], about="with padding of the output"),
        case("layerConv2dTranspose", L.Conv2DTranspose, {"filters": 2, "kernel_size": 2, "dilation_rate": 2}, [(3, 4, 2)], about="dilated"),
        case("layerConv2dTranspose", L.Conv2DTranspose, {"filters": 2, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, [(3, 4, 2)], about="dilated, padded"),
        case("layerConv3dTranspose", L.Conv3DTranspose, {"filters": 2, "kernel_size": 2, "strides": 2}, [(2, 2, 2, 2)]),
        case("layerConv3dTranspose", L.Conv3DTranspose, {"filters": 2, "kernel_size": [1, 2, 3], "padding": "same", "strides": [1, 2, 1], "activation": "relu"}, [(2, 2, 3, 1)], about="with strides"),
        case("layerConv3dTranspose", L.Conv3DTranspose, {"filters": 1, "kernel_size": 2, "strides": 2, "output_padding": 1}, [(2, 1, 2, 2)], about="with padding of the output"),
        case("layerDepthwiseConv1d", L.DepthwiseConv1D, {"kernel_size": 3, "depth_multiplier": 2}, [(6, 2)]),
        case("layerDepthwiseConv1d", L.DepthwiseConv1D, {"kernel_size": 2, "strides": 2, "padding": "same", "activation": "relu"}, [(5, 3)], about="with strides"),
        case("layerDepthwiseConv1d", L.DepthwiseConv1D, {"kernel_size": 2, "dilation_rate": 2}, [(6, 2)], about="dilated"),
        case("layerDepthwiseConv2d", L.DepthwiseConv2D, {"kernel_size": [2, 3], "depth_multiplier": 2}, [(4, 4, 2)]),
        case("layerDepthwiseConv2d", L.DepthwiseConv2D, {"kernel_size": 3, "strides": 2, "padding": "same", "use_bias": False}, [(4, 5, 2)], about="with strides"),
        case("layerDepthwiseConv2d", L.DepthwiseConv2D, {"kernel_size": 2, "dilation_rate": 2, "padding": "same"}, [(4, 5, 2)], about="dilated"),
        case("layerSeparableConv1d", L.SeparableConv1D, {"filters": 3, "kernel_size": 3}, [(6, 2)]),
        case("layerSeparableConv1d", L.SeparableConv1D, {"filters": 2, "kernel_size": 2, "padding": "causal", "depth_multiplier": 2, "activation": "tanh"}, [(5, 2)], about="causal"),
        case("layerSeparableConv2d", L.SeparableConv2D, {"filters": 3, "kernel_size": [3, 2]}, [(4, 4, 2)]),
        case("layerSeparableConv2d", L.SeparableConv2D, {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "depth_multiplier": 2, "pointwise_initializer": "zeros"}, [(4, 4, 2)], about="with strides"),
        case("layerSeparableConv2d", L.SeparableConv2D, {"filters": 2, "kernel_size": 2, "dilation_rate": 2}, [(4, 4, 2)], about="dilated"),
    ]


def move(tensor):
    rank = len(tensor.shape)
    return tf.transpose(tensor, [0, *range(2, rank), 1])


def back(tensor):
    rank = len(tensor.shape)
    return tf.transpose(tensor, [0, rank - 1, *range(1, rank - 1)])


def first(function, case, make, options, shape, about):
    options = {**options, "data_format": "channels_first"}
    return case(function, make, options, [shape], about=about, via=by_parts)


def grouped(function, case, make, options, shape, about):
    return case(function, make, options, [shape], about=about, via=by_parts)


def by_parts(layer, x):
    """Groups and channels that come first by the definition: TensorFlow has neither for processors."""
    is_first = layer.data_format == "channels_first"
    rank = len(x.shape) - 2
    x = move(x) if is_first else x
    kernels = tf.split(layer.kernel, layer.groups, -1)
    parts = [
        tf.nn.convolution(part, kernel, strides=layer.strides, padding=layer.padding.upper(), dilations=layer.dilation_rate, data_format=["NWC", "NHWC", "NDHWC"][rank - 1])
        for part, kernel in zip(tf.split(x, layer.groups, -1), kernels)
    ]
    sums = tf.concat(parts, -1)
    sums = sums + layer.bias if layer.use_bias else sums
    return layer.activation(back(sums) if is_first else sums)


def dilated3d(case):
    """By the definition: the kernel with zeros in its gaps."""
    options = {"filters": 2, "kernel_size": 2, "dilation_rate": [1, 2, 2], "padding": "same"}

    def with_zeros(layer, x):
        kernel = layer.kernel
        for axis, rate in enumerate(layer.dilation_rate):
            if rate == 1:
                continue
            parts = tf.unstack(kernel, axis=axis)
            zeros = tf.zeros_like(parts[0])
            spread = [item for part in parts for item in [part] + [zeros] * (rate - 1)][: (len(parts) - 1) * rate + 1]
            kernel = tf.stack(spread, axis)
        return tf.nn.conv3d(x, kernel, [1, 1, 1, 1, 1], "SAME") + layer.bias

    return case("layerConv3d", L.Conv3D, options, [(2, 4, 4, 1)], about="dilated", via=with_zeros)
