"""Recurrent layers."""
import re

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


CELLS = {
    "layerSimpleRnnCell": L.SimpleRNNCell,
    "layerLstmCell": L.LSTMCell,
    "layerGruCell": L.GRUCell,
}


def cell(function, **options):
    """A cell, as the tests write it and as Keras makes it."""
    camel = {re.sub(r"_(\w)", lambda found: found.group(1).upper(), key): value for key, value in options.items()}
    return {"function": function, "options": camel}, lambda: CELLS[function](**options)


def with_cells(case):
    """Cells of all kinds in `RNN`."""

    def rnn(cells, shapes, about, options=None, **rest):
        written = [one for one, _ in cells]
        made = lambda **more: L.RNN([make() for _, make in cells] if len(cells) > 1 else cells[0][1](), **more)
        made.__name__ = "RNN"
        given = {"cell": written if len(cells) > 1 else written[0], **(options or {})}
        return case("layerRnn", made, given, shapes, about=about, keras=options or {}, **rest)

    lstm, gru, simple = (cell(name, units=2) for name in ("layerLstmCell", "layerGruCell", "layerSimpleRnnCell"))
    return [
        rnn([simple], [(4, 3)], "of a simple cell"),
        rnn([lstm], [(4, 3)], "of an LSTM's cell"),
        rnn([gru], [(4, 3)], "of a GRU's cell", {"return_sequences": True, "go_backwards": True}),
        rnn([cell("layerGruCell", units=2, reset_after=False, use_bias=False, recurrent_activation="hard_sigmoid")], [(4, 3), (2,)], "of a GRU's cell whose reset gate works before, with a state", {"return_state": True}, many=True, states=True),
        rnn([cell("layerLstmCell", units=2, unit_forget_bias=False, dropout=0.3, recurrent_dropout=0.3)], [(4, 3)], "of an LSTM's cell with dropout", training=False),
        rnn([lstm, cell("layerLstmCell", units=3)], [(4, 3)], "of two LSTMs' cells"),
        rnn([lstm, gru, simple], [(4, 3), (2,), (2,), (2,), (2,)], "of three cells with states, backwards", {"return_state": True, "return_sequences": True, "go_backwards": True}, many=True, states=[2, 1, 1]),
        rnn([gru, simple], [(4, 3)], "of two cells with a mask", {"return_state": True, "return_sequences": True}, masks=MASK),
        rnn([lstm], [(4, 3)], "of an LSTM's cell with a mask and zeros", {"return_sequences": True, "zero_output_for_mask": True}, masks=MASK),
        rnn([simple], [(4, 3), (2,)], "of a simple cell with a mask, zeros and a state", {"zero_output_for_mask": True, "return_state": True}, masks=MASK, many=True, states=True),
        rnn([gru], [(3, 2)], "of a GRU's cell with the steps first", {"return_sequences": True, "time_major": True}),
    ]


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
        *with_cells(case),
        case("layerLstm", L.LSTM, {"units": 3, "return_sequences": True, "time_major": True}, [(3, 2)], about="with the steps first"),
        case("layerGru", L.GRU, {"units": 3, "return_sequences": True, "time_major": True, "go_backwards": True}, [(3, 2)], about="with the steps first, backwards"),
        case("layerLstm", L.LSTM, {"units": 2, "unroll": True}, [(4, 2)], about="unrolled"),
        case("layerGru", L.GRU, {"units": 2, "unroll": True, "use_bias": False}, [(4, 2)], about="unrolled, without a bias"),
        case("layerLstm", L.LSTM, {"units": 2, "dropout": 0.4, "recurrent_dropout": 0.3, "return_state": True}, [(4, 2)], about="with dropout", training=False),
    ]
