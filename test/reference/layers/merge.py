"""Merging layers."""
from tensorflow.keras import layers as L


def cases(case):
    return [
        case("layerAdd", L.Add, {}, [(4, 3), (4, 3), (4, 3)], many=True),
        case("layerAdd", L.Add, {}, [(4, 3), (1, 3)], many=True, about="of sizes of one"),
        case("layerConcatenate", L.Concatenate, {}, [(3,), (2,)], many=True),
        case("layerConcatenate", L.Concatenate, {"axis": 1}, [(4, 3), (2, 3)], many=True, about="of steps"),
        case("layerConcatenate", L.Concatenate, {"axis": -2}, [(4, 3), (2, 3)], many=True, about="of the axis before the last"),
    ]
