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
        *batch({}, (2, 2, 2, 3), "of volumes"),
        *batch({"axis": 1}, (3, 2, 2, 2), "of volumes whose channels come first"),
        *batch({"axis": -2}, (2, 2, 2, 2, 3), "of five axes"),
        case("layerLayerNormalization", L.LayerNormalization, {}, [(4, 3)]),
        case("layerLayerNormalization", L.LayerNormalization, {"axis": [1, 2], "epsilon": 0.01, "scale": False}, [(4, 3)], about="along two axes"),
        case("layerLayerNormalization", L.LayerNormalization, {"axis": 1, "center": False}, [(3, 2, 2)], about="of channels that come first"),
        case("layerUnitNormalization", L.UnitNormalization, {}, [(4, 3)]),
        case("layerUnitNormalization", L.UnitNormalization, {"axis": [1, 2]}, [(4, 3)], about="along two axes"),
        case("layerGroupNormalization", L.GroupNormalization, {"groups": 2}, [(3, 2, 4)]),
        case("layerGroupNormalization", L.GroupNormalization, {"groups": -1, "axis": 1, "epsilon": 0.01}, [(4, 3, 2)], about="of channels that come first"),
        case("layerGroupNormalization", L.GroupNormalization, {"groups": 1, "scale": False, "center": False}, [(6,)], about="of features"),
        case("layerBatchNormalization", L.BatchNormalization, {}, [(4, 3)], about="of padded sequences, training", training=True, masks=MASK),
    ]
