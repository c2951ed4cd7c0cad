"""
Layers of images. Random ones have a range of one number, so that what they draw is known; what they make of images is linear, and its
derivative is made of what they make of single pixels: TensorFlow's own derivative of a projective transform is an approximation,
and it has none of areas.
"""
import math

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers as L

METHODS = ["nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]


def linear(layer, given):
    """What a layer makes of images, as a product with a matrix that is made of what it makes of single pixels."""
    batch, *rest = given.shape.as_list()
    size = math.prod(rest)
    apply = (lambda x: layer(x, training=True)) if "Random" in type(layer).__name__ else layer
    blank = apply(tf.zeros([batch, *rest]))
    basis = np.eye(size, dtype="float32").reshape([size, *rest])
    matrix = tf.reshape(apply(tf.constant(basis)) - blank[:1], [size, -1])
    return tf.reshape(tf.reshape(given, [batch, size]) @ matrix, blank.shape) + blank


def cases(case):
    resizing = lambda shape, height, width, **options: case(
        "layerResizing", L.Resizing, {"height": height, "width": width, **options}, [shape],
        about=" ".join([f"{shape[0]}x{shape[1]} to {height}x{width}", *map(str, options.values())]),
        via=linear if options.get("interpolation") == "area" else None,
    )
    random = lambda function, make, options, shape, about: case(
        function, make, options, [shape], about=about, training=True, via=linear
    )
    result = [resizing((4, 5, 2), height, width, interpolation=method) for method in METHODS for height, width in [(7, 3), (2, 9), (8, 10)]]
    result += [
        resizing((4, 5, 2), 4, 5, interpolation="gaussian"),
        resizing((4, 5, 1), 4, 8, interpolation="mitchellcubic"),
        resizing((11, 13, 1), 5, 5, interpolation="area"),
        resizing((11, 13, 1), 5, 6, interpolation="bicubic"),
        resizing((4, 9, 1), 3, 3, crop_to_aspect_ratio=True),
        resizing((7, 3, 1), 4, 6, crop_to_aspect_ratio=True, interpolation="nearest"),
        resizing((6, 5, 1), 7, 7, crop_to_aspect_ratio=True, interpolation="lanczos3"),
        case("layerRescaling", L.Rescaling, {"scale": 0.5}, [(2, 3)]),
        case("layerRescaling", L.Rescaling, {"scale": 1 / 127.5, "offset": -1.0}, [(2, 2, 3)], about="of images"),
        case("layerRescaling", L.Rescaling, {"scale": [0.5, 2.0, -1.0], "offset": [0.0, 1.0, 2.0]}, [(2, 3)], about="of channels"),
        *[
            case("layerCenterCrop", L.CenterCrop, {"height": height, "width": width}, [shape], about=f"{shape} to {height}x{width}")
            for shape, height, width in [((5, 6, 1), 3, 4), ((5, 6, 1), 2, 3), ((4, 7, 2), 6, 3), ((3, 3, 1), 5, 4), ((4, 4, 1), 4, 4)]
        ],
        case("layerRandomCrop", L.RandomCrop, {"height": 3, "width": 2, "seed": 5}, [(5, 4, 2)], training=False),
        case("layerRandomCrop", L.RandomCrop, {"height": 5, "width": 4}, [(5, 4, 2)], about="of the whole", training=True),
        case("layerRandomCrop", L.RandomCrop, {"height": 6, "width": 3}, [(5, 4, 1)], about="of less", training=True),
        case("layerRandomFlip", L.RandomFlip, {"mode": "horizontal", "seed": 3}, [(3, 4, 2)], training=False),
        case("layerRandomRotation", L.RandomRotation, {"factor": 0.25}, [(3, 4, 2)], training=False),
        case("layerRandomZoom", L.RandomZoom, {"height_factor": 0.25, "width_factor": [-0.5, 0.5]}, [(3, 4, 2)], training=False),
        case("layerRandomTranslation", L.RandomTranslation, {"height_factor": 0.25, "width_factor": 0.5}, [(3, 4, 2)], training=False),
        case("layerRandomContrast", L.RandomContrast, {"factor": [0.25, 0.75]}, [(3, 4, 2)], training=False),
        case("layerRandomContrast", L.RandomContrast, {"factor": 0.5, "seed": 2}, [(3, 4, 2)], about="of one number", training=False),
        case("layerRandomBrightness", L.RandomBrightness, {"factor": 0.25, "value_range": [0.0, 1.0]}, [(3, 4, 2)], training=False),
        case("layerRandomBrightness", L.RandomBrightness, {"factor": [0.125, 0.125], "value_range": [2.0, 0.0]}, [(3, 4, 2)], about="of a quarter", training=True),
        case("layerRandomBrightness", L.RandomBrightness, {"factor": [0.25, 0.25], "value_range": [-1.0, 1.0], "seed": 4}, [(3, 4, 2)], about="of a half", training=True),
    ]
    fills = [
        {"fill_mode": mode, "interpolation": interpolation, **({"fill_value": 0.5} if mode == "constant" else {})}
        for mode in ["reflect", "constant", "wrap", "nearest"]
        for interpolation in ["bilinear", "nearest"]
    ]
    for fill in fills:
        about = f"{fill['fill_mode']}, {fill['interpolation']}"
        result += [
            random("layerRandomRotation", L.RandomRotation, {"factor": [0.11, 0.11], **fill}, (5, 4, 1), f"by 0.11, {about}"),
            random("layerRandomRotation", L.RandomRotation, {"factor": [-0.3, -0.3], **fill}, (3, 7, 1), f"by -0.3, {about}"),
            random("layerRandomZoom", L.RandomZoom, {"height_factor": [0.7, 0.7], "width_factor": [2.9, 2.9], **fill}, (4, 5, 1), f"out, {about}"),
            random("layerRandomZoom", L.RandomZoom, {"height_factor": [-0.45, -0.45], **fill}, (5, 4, 2), f"in, {about}"),
            random("layerRandomTranslation", L.RandomTranslation, {"height_factor": [0.31, 0.31], "width_factor": [-0.87, -0.87], **fill}, (5, 4, 1), f"down and left, {about}"),
            random("layerRandomTranslation", L.RandomTranslation, {"height_factor": [-0.97, -0.97], "width_factor": [0.4, 0.4], **fill}, (1, 6, 1), f"of one row, {about}"),
        ]
    return result
