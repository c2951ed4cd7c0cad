"""Dense layers over any axes."""
from tensorflow.keras import layers as L


def cases(case):
    einsum = lambda equation, output_shape, shape, **options: case(
        "layerEinsumDense",
        L.EinsumDense,
        {"equation": equation, "output_shape": output_shape, **options},
        [shape],
        about=" ".join([equation, *map(str, options.values())]),
    )
    return [
        einsum("ab,bc->ac", 4, (3,)),
        einsum("ab,bc->ac", 4, (3,), bias_axes="c", activation="tanh"),
        einsum("abc,cd->abd", [None, 2], (3, 4), bias_axes="d"),
        einsum("abc,cde->abde", [3, 2, 2], (3, 4), bias_axes="de"),
        einsum("abc,cde->abde", [None, 2, 3], (3, 2), bias_axes="e"),
        einsum("abc,cde->abde", [None, 2, 3], (3, 2), bias_axes="d"),
        einsum("abcd,cde->abe", [2, 4], (2, 3, 2), bias_axes="e"),
        einsum("abc,bd->adc", [4, 2], (3, 2), bias_axes="dc", activation="relu"),
        einsum("abc,bcd->abd", [3, 2], (3, 2)),
        einsum("abc,dc->adb", [2, 3], (3, 4), bias_axes="b"),
        einsum("...x,xy->...y", 3, (2, 4), bias_axes="y"),
        einsum("...x,xy->...y", 3, (2, 2, 4), bias_axes="y", kernel_regularizer="l1_l2"),
        einsum("ab...,bc->ac...", 3, (4, 2, 2), bias_axes="c"),
        einsum("ab,b->a", [], (3,)),
    ]
