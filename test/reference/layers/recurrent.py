"""Recurrent layers."""
from tensorflow.keras import layers as L


def cases(case):
    return [
        case("layerSimpleRnn", L.SimpleRNN, {"units": 3}, [(4, 2)]),
        case("layerSimpleRnn", L.SimpleRNN, {"units": 2, "return_sequences": True, "use_bias": False, "activation": "relu"}, [(4, 2)], about="with sequences"),
        case("layerSimpleRnn", L.SimpleRNN, {"units": 3, "activity_regularizer": "l1_l2"}, [(4, 2)], about="whose outputs are regularized"),
        case("layerLstm", L.LSTM, {"units": 3}, [(4, 2)]),
        case("layerLstm", L.LSTM, {"units": 2, "return_sequences": True, "activity_regularizer": "l1_l2"}, [(4, 2)], about="whose outputs are regularized"),
        case("layerLstm", L.LSTM, {"units": 2, "return_sequences": True, "go_backwards": True, "recurrent_activation": "hard_sigmoid"}, [(4, 2)], about="backwards"),
        case("layerGru", L.GRU, {"units": 3}, [(4, 2)]),
        case("layerGru", L.GRU, {"units": 2, "reset_after": False, "return_sequences": True}, [(4, 2)], about="whose reset gate works before"),
        case("layerGru", L.GRU, {"units": 2, "return_sequences": True, "activity_regularizer": "l1_l2"}, [(4, 2)], about="whose outputs are regularized"),
    ]
