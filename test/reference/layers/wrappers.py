"""Layers around layers: in both directions, and for each step."""
import re

from tensorflow.keras import layers as L

# The second sequence begins with steps that are not there, and has one between others.
MASK = [[[True, True, True, False], [False, True, False, True]]]
CLASSES = {
    "layerSimpleRnn": L.SimpleRNN,
    "layerLstm": L.LSTM,
    "layerGru": L.GRU,
    "layerConvLstm1d": L.ConvLSTM1D,
    "layerDense": L.Dense,
    "layerConv1d": L.Conv1D,
    "layerConv2d": L.Conv2D,
    "layerEmbedding": L.Embedding,
    "layerFlatten": L.Flatten,
    "layerLayerNormalization": L.LayerNormalization,
}


def camel(options):
    return {re.sub(r"_(\w)", lambda found: found.group(1).upper(), key): value for key, value in options.items()}


def layer(function, **options):
    """A layer, as the tests write it and as Keras makes it."""
    return {"function": function, "options": camel(options)}, lambda: CLASSES[function](**options)


def cases(case):
    def wrapped(wrapper, function, inner, shapes, about, options=None, backward=None, **rest):
        options = options or {}
        written, make = inner
        made = lambda **more: wrapper(make(), **more, **({} if backward is None else {"backward_layer": backward[1]()}))
        made.__name__ = wrapper.__name__
        given = {"layer": written, **options, **({} if backward is None else {"backward_layer": backward[0]})}
        return case(function, made, given, shapes, about=about, keras=options, **rest)

    def both(inner, shapes, about, options=None, **rest):
        return wrapped(L.Bidirectional, "bidirectional", inner, shapes, about, options, **rest)

    def each(inner, shapes, about, **rest):
        return wrapped(L.TimeDistributed, "timeDistributed", inner, shapes, about, **rest)

    lstm, gru, simple = (layer(name, units=2) for name in ("layerLstm", "layerGru", "layerSimpleRnn"))
    sequences = {"units": 2, "return_sequences": True}
    states = {**sequences, "return_state": True}
    return [
        both(simple, [(4, 3)], "of a simple layer"),
        both(lstm, [(4, 3)], "of an LSTM"),
        both(layer("layerGru", **sequences), [(4, 3)], "of a GRU with sequences"),
        both(layer("layerLstm", **sequences), [(4, 3)], "summed up", {"merge_mode": "sum"}),
        both(layer("layerGru", **sequences), [(4, 3)], "multiplied", {"merge_mode": "mul"}),
        both(layer("layerSimpleRnn", **sequences), [(4, 3)], "on average", {"merge_mode": "ave"}),
        both(layer("layerLstm", **sequences), [(4, 3)], "side by side with two outputs", {"merge_mode": None}),
        both(layer("layerLstm", **states), [(4, 3), (2,), (2,), (2,), (2,)], "with states in and out", many=True, states=True),
        both(layer("layerGru", **states), [(4, 3)], "with two outputs and states", {"merge_mode": None}),
        both(layer("layerGru", **states), [(4, 3)], "with a mask and states", masks=MASK),
        both(layer("layerLstm", units=2, go_backwards=True), [(4, 3)], "of a layer that goes backwards itself", masks=MASK),
        both(layer("layerLstm", **sequences), [(4, 3)], "with another layer backwards", backward=layer("layerGru", units=3, return_sequences=True, go_backwards=True)),
        both(layer("layerLstm", units=2, dropout=0.2, kernel_regularizer="l1_l2", activity_regularizer="l1_l2"), [(4, 3)], "with penalties and dropout", training=False),
        both(layer("layerLstm", units=2, kernel_regularizer="l1_l2", activity_regularizer="l1_l2"), [(4, 3)], "with penalties"),
        both(layer("layerConvLstm1d", filters=1, kernel_size=2, return_sequences=True), [(3, 3, 2)], "of a convolutional LSTM"),
        both(layer("layerConvLstm1d", filters=1, kernel_size=2, return_sequences=True), [(4, 3, 1)], "of a convolutional LSTM with a mask", masks=MASK),
        each(layer("layerDense", units=2, activation="relu"), [(3, 4)], "of a dense layer"),
        each(layer("layerConv2d", filters=2, kernel_size=2), [(3, 4, 4, 1)], "of a convolution"),
        each(layer("layerConv1d", filters=2, kernel_size=3, padding="causal"), [(2, 4, 3)], "of a convolution over sequences"),
        each(layer("layerFlatten"), [(3, 2, 2)], "that flattens"),
        each(layer("layerEmbedding", input_dim=5, output_dim=2), [(3, 4)], "of an embedding", ids=5),
        each(layer("layerLstm", units=2), [(3, 4, 2)], "of an LSTM"),
        each(layer("layerDense", units=2, kernel_regularizer="l1_l2", activity_regularizer="l1_l2"), [(3, 4)], "with penalties"),
        each(layer("layerLayerNormalization"), [(3, 4)], "of a normalization"),
    ]
