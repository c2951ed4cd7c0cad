"""Recurrent layers."""
from tensorflow.keras import layers as L

KINDS = {
    "layerSimpleRnn": (L.SimpleRNN, {}, 1),
    "layerLstm": (L.LSTM, {}, 2),
    "layerGru": (L.GRU, {}, 1),
}
# The second sequence begins with steps that are not there, and has one between others.
MASK = [[[True, True, True, False], [False, True, False, True]]]


def with_states(case):
    """States that come in, and out."""
    cases = []
    for name, (make, options, count) in KINDS.items():
        sequences = {"units": 2, "return_sequences": True, "return_state": True, **options}
        cases += [
            case(name, make, {"units": 2, "return_state": True, **options}, [(4, 3)], about="with states out"),
            case(name, make, {"units": 2, **options}, [(4, 3)] + [(2,)] * count, about="with states in", many=True, states=True),
            case(name, make, {**sequences, "go_backwards": True}, [(4, 3)] + [(2,)] * count, about="with states in and out, backwards", many=True, states=True),
        ]
    cases += [
        case("layerLstm", L.LSTM, {"units": 2, "return_state": True, "recurrent_activation": "hard_sigmoid", "activation": "softsign"}, [(4, 3), (2,), (2,)], about="of other activations with states in and out", many=True, states=True),
        case("layerGru", L.GRU, {"units": 2, "return_state": True, "reset_after": False}, [(4, 3), (2,)], about="whose reset gate works before, with states", many=True, states=True),
        case("layerSimpleRnn", L.SimpleRNN, {"units": 2, "return_state": True, "activation": "softmax"}, [(4, 3), (2,)], about="of softmax with states", many=True, states=True),
    ]
    return cases


def with_masks(case):
    """Steps that are not there, with states and without."""
    cases = []
    for name, (make, options, count) in KINDS.items():
        all_of_it = {"units": 2, "return_sequences": True, "return_state": True, **options}
        cases += [
            case(name, make, {"units": 2, **options}, [(4, 3)], about="with a mask", masks=MASK),
            case(name, make, all_of_it, [(4, 3)], about="with a mask and states out", masks=MASK),
            case(name, make, {**all_of_it, "go_backwards": True}, [(4, 3)] + [(2,)] * count, about="with a mask and states, backwards", masks=MASK, many=True, states=True),
        ]
    return cases



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
        *with_states(case),
        *with_masks(case),
        case("layerLstm", L.LSTM, {"units": 3, "return_sequences": True, "time_major": True}, [(3, 2)], about="with the steps first"),
        case("layerGru", L.GRU, {"units": 3, "return_sequences": True, "time_major": True, "go_backwards": True}, [(3, 2)], about="with the steps first, backwards"),
        case("layerLstm", L.LSTM, {"units": 2, "unroll": True}, [(4, 2)], about="unrolled"),
        case("layerGru", L.GRU, {"units": 2, "unroll": True, "use_bias": False}, [(4, 2)], about="unrolled, without a bias"),
        case("layerLstm", L.LSTM, {"units": 2, "dropout": 0.4, "recurrent_dropout": 0.3, "return_state": True}, [(4, 2)], about="with dropout", training=False),
    ]
