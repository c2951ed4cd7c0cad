"""
Prints what Keras 2.13 gives where layers and models are called by hand, on tensors: the mask that an embedding or a masking layer makes goes
with its output into the next layer, and `mask` gives another one.

    npm run reference -- called_masks
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
random = np.random.default_rng(11)


def grid(*shape):
    """Multiples of 1/16, which are exact in float32 and short in JSON."""
    return (random.integers(-16, 17, shape) / 16).astype("float32")


def numbers(value):
    return np.asarray(value, dtype="float64").round(7).tolist()


IDS = np.array([[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [2, 2, 0, 4, 1]], dtype="float32")
EXPLICIT = np.array([[1, 0, 1, 1, 0], [0, 1, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=bool)
EMBEDDINGS = grid(5, 3)
X = grid(3, 5, 3)
PADDED = X * EXPLICIT[:, :, None]

weights = {}


def with_weights(name, layer, *shapes):
    """The layer, built for an input, with weights that are the same on each run."""
    layer.build(tf.TensorShape(shapes[0]) if len(shapes) == 1 else [tf.TensorShape(shape) for shape in shapes])
    weights[name] = [np.abs(grid(*w.shape)) if "variance" in w.name else grid(*w.shape) for w in layer.weights]
    layer.set_weights(weights[name])
    return layer


SEQUENCE = (3, 5, 3)
embed = L.Embedding(5, 3, mask_zero=True, weights=[EMBEDDINGS])
masking = L.Masking()
lstm = with_weights("lstm", L.LSTM(2), SEQUENCE)
sequences = with_weights("sequences", L.GRU(3, return_sequences=True), SEQUENCE)
simple = with_weights("simple", L.SimpleRNN(2), SEQUENCE)
both = L.Bidirectional(L.LSTM(2))
both.build(SEQUENCE)
weights["both"] = [grid(*w.shape) for w in both.weights]
both.set_weights(weights["both"])
dense = with_weights("dense", L.Dense(3, activation="tanh"), SEQUENCE)
timed = L.TimeDistributed(L.Dense(2))
timed.build(SEQUENCE)
weights["timed"] = [grid(*w.shape) for w in timed.weights]
timed.set_weights(weights["timed"])
attention = L.MultiHeadAttention(2, 2)
attention(X, X)
weights["attention"] = [grid(*w.shape) for w in attention.weights]
attention.set_weights(weights["attention"])
mean = L.GlobalAveragePooling1D()
model_input = L.Input((5, 3))
model = K.Model(model_input, lstm(model_input))
stack = K.Sequential([L.Input((5,)), embed, sequences])

cases = {
    "an embedding": lambda: lstm(embed(IDS)),
    "a masking layer": lambda: simple(masking(PADDED)),
    "through layers that hand masks on": lambda: lstm(L.Dropout(0.5)(dense(sequences(embed(IDS))))),
    "a mean of the steps that are there": lambda: mean(dense(embed(IDS))),
    "an operation between": lambda: lstm(tf.add(embed(IDS), 0.0)),
    "a mask that is given": lambda: lstm(X, mask=EXPLICIT),
    "a mask that is given, instead of that which is there": lambda: lstm(embed(IDS), mask=EXPLICIT),
    "both directions": lambda: both(X, mask=EXPLICIT),
    "a layer for each step": lambda: mean(timed(embed(IDS))),
    "layers that are merged": lambda: mean(L.Concatenate()([embed(IDS), X])),
    "dot-product attention": lambda: L.Attention()([X, embed(IDS)]),
    "dot-product attention, with masks that are given": lambda: L.Attention()(
        [X, X], mask=[tf.constant(EXPLICIT), tf.constant(EXPLICIT[::-1].copy())]
    ),
    "causal attention": lambda: L.Attention()([X, X], use_causal_mask=True),
    "attention of several heads": lambda: attention(X, embed(IDS)),
    "a softmax": lambda: L.Softmax()(X[:, :, 0], mask=EXPLICIT),
    "a model": lambda: model(embed(IDS)),
    "a model, with a mask that is given": lambda: model(X, mask=EXPLICIT),
    "out of a model": lambda: lstm(stack(IDS)),
    "into a compiled function": lambda: tf.function(lambda x: lstm(x))(embed(IDS)),
    "out of a compiled function": lambda: lstm(tf.function(lambda x: embed(x))(IDS)),
    "in a compiled function": lambda: tf.function(lambda x: lstm(embed(x)))(IDS),
}

values = {}
for name, call in cases.items():
    values[name] = numbers(call())

norm = L.BatchNormalization(momentum=0.5)
norm.build(SEQUENCE)
values["batch normalization"] = numbers(norm(X, training=True, mask=EXPLICIT))
values["what batch normalization keeps"] = [numbers(w) for w in norm.get_weights()[2:]]

masks = {
    "an embedding": embed(IDS)._keras_mask,
    "dense": dense(embed(IDS))._keras_mask,
    "both directions, all steps": L.Bidirectional(L.LSTM(2, return_sequences=True))(embed(IDS))._keras_mask,
}

print(
    json.dumps(
        {
            "ids": numbers(IDS),
            "mask": EXPLICIT.astype(int).tolist(),
            "embeddings": numbers(EMBEDDINGS),
            "x": numbers(X),
            "weights": {name: [numbers(w) for w in list_] for name, list_ in weights.items()},
            "values": values,
            "masks": {name: np.asarray(mask).astype(int).tolist() for name, mask in masks.items()},
        }
    )
)
