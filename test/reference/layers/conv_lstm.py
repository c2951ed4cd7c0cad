"""Convolutional LSTMs."""
from tensorflow.keras import layers as L

MASK = [[[True, True, False], [True, False, False]]]


def cases(case):
    def one(function, make, options, shape, about=None, **rest):
        return case(function, make, {"filters": 2, "kernel_size": 2, **options}, [shape], about=about, **rest)

    return [
        one("layerConvLstm1d", L.ConvLSTM1D, {}, (3, 4, 2)),
        one("layerConvLstm1d", L.ConvLSTM1D, {"return_sequences": True, "padding": "same", "strides": 2, "use_bias": False}, (3, 5, 2), "with sequences and strides"),
        one("layerConvLstm2d", L.ConvLSTM2D, {"padding": "same"}, (2, 3, 3, 1)),
        one("layerConvLstm2d", L.ConvLSTM2D, {"return_sequences": True, "activation": "relu", "recurrent_activation": "sigmoid", "go_backwards": True, "unit_forget_bias": False}, (2, 3, 3, 1), "backwards"),
        one("layerConvLstm2d", L.ConvLSTM2D, {"dilation_rate": 2, "kernel_size": [2, 1]}, (2, 4, 3, 2), "dilated"),
        one("layerConvLstm2d", L.ConvLSTM2D, {"return_sequences": True}, (3, 2, 3, 1), "with padding", masks=MASK),
        one("layerConvLstm2d", L.ConvLSTM2D, {"dropout": 0.4, "recurrent_dropout": 0.3}, (2, 2, 3, 1), "with dropout", training=False),
        one("layerConvLstm3d", L.ConvLSTM3D, {"padding": "same"}, (2, 2, 2, 2, 1)),
        case("layerConvLstm1d", L.ConvLSTM1D, {"filters": 2, "kernel_size": 2, "return_state": True}, [(3, 4, 1), (3, 2), (3, 2)], about="with states", many=True, states=True),
        case("layerConvLstm2d", L.ConvLSTM2D, {"filters": 1, "kernel_size": 2, "padding": "same", "return_state": True, "return_sequences": True, "go_backwards": True}, [(3, 2, 3, 1), (2, 3, 1), (2, 3, 1)], about="with states and a mask, backwards", masks=MASK, many=True, states=True),
        one("layerConvLstm3d", L.ConvLSTM3D, {"filters": 1, "return_state": True}, (2, 2, 2, 3, 1), "with states out"),
    ]
