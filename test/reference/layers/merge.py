"""Merging layers."""
from tensorflow.keras import layers as L


def cases(case):
    return [
        case("layerAdd", L.Add, {}, [(4, 3), (4, 3), (4, 3)], many=True),
        case("layerAdd", L.Add, {}, [(4, 3), (1, 3)], many=True, about="of sizes of one"),
        case("layerSubtract", L.Subtract, {}, [(4, 3), (4, 3)], many=True),
        case("layerMultiply", L.Multiply, {}, [(4, 3), (4, 3), (4, 1)], many=True),
        case("layerAverage", L.Average, {}, [(4, 3), (4, 3), (4, 3)], many=True),
        case("layerMaximum", L.Maximum, {}, [(4, 3), (4, 3), (4, 3)], many=True),
        case("layerMinimum", L.Minimum, {}, [(4, 3), (1, 3)], many=True),
        case("layerDot", L.Dot, {"axes": 1}, [(4,), (4,)], many=True),
        case("layerDot", L.Dot, {"axes": 2, "normalize": True}, [(4, 3), (2, 3)], many=True, about="of unit vectors"),
        case("layerDot", L.Dot, {"axes": [1, 2]}, [(4, 3), (2, 4)], many=True, about="along two axes"),
        case("layerDot", L.Dot, {"axes": -1}, [(2, 2, 3), (3,)], many=True, about="of images and vectors"),
        case("layerConcatenate", L.Concatenate, {}, [(3,), (2,)], many=True),
        case("layerConcatenate", L.Concatenate, {"axis": 1}, [(4, 3), (2, 3)], many=True, about="of steps"),
        case("layerConcatenate", L.Concatenate, {"axis": -2}, [(4, 3), (2, 3)], many=True, about="of the axis before the last"),
    ]
