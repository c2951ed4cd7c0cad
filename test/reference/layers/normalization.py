"""Normalizations."""
from tensorflow.keras import layers as L

MASK = [[[True, True, False, True], [True, False, False, False]]]


def cases(case):
    batch = lambda options, shape, about, **rest: [
        case("layerBatchNormalization", L.BatchNormalization, options, [shape], about=f"{about}, {mode}", training=training, **rest)
        for mode, training in (("training", True), ("inference", False))
    ]
    return [
        *batch({}, (3,), "of features"),
        *batch({"momentum": 0.7, "epsilon": 0.01, "center": False}, (4, 3), "of sequences"),
        *batch({}, (3, 2, 2), "of images"),
        *batch({"axis": 1, "scale": False}, (3, 2, 2), "of channels that come first"),
        *batch({"axis": 2}, (3, 4, 2), "of the axis in the middle"),
        case("layerBatchNormalization", L.BatchNormalization, {}, [(4, 3)], about="of padded sequences, training", training=True, masks=MASK),
    ]
