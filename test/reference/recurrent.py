"""
Prints what Keras 2.13's recurrent layers make of given dropout masks, which it draws itself otherwise, and of padding before
and between the steps of stateful layers.

    npm run reference -- recurrent
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
random = np.random.default_rng(5)
UNITS, FEATURES, ROWS, STEPS, RATE = 2, 3, 2, 4, 0.5


def grid(*shape):
    """Multiples of 1/16, which are exact in float32 and short in JSON."""
    return (random.integers(-16, 17, shape) / 16).astype("float32")


def masks(count, size):
    """What dropout at a rate of 1/2 multiplies with: 0 or 2, one mask for each gate."""
    return [2 * random.integers(0, 2, (ROWS, size)).astype("float32") for _ in range(count)]


def numbers(value):
    return np.asarray(value, dtype="float64").round(7).tolist()


X = grid(ROWS, STEPS, FEATURES)
PADDING = np.array([[0, 1, 1, 0], [1, 0, 1, 1]], dtype=bool)
KINDS = {
    "rnn": (1, lambda **options: L.SimpleRNN(UNITS, **options)),
    "lstm": (4, lambda **options: L.LSTM(UNITS, **options)),
    "gru": (3, lambda **options: L.GRU(UNITS, **options)),
    "gru, reset before": (3, lambda **options: L.GRU(UNITS, reset_after=False, **options)),
}


def weights_of(layer):
    weights = [grid(*w.shape) for w in layer.get_weights()]
    layer.set_weights(weights)
    return [numbers(w) for w in weights]


def dropped(kind, dropout, recurrent_dropout, mask=None, go_backwards=False):
    """All states, and the gradient of the sum of their squares by the kernels, with masks that are given."""
    count, make = KINDS[kind]
    layer = make(
        return_sequences=True, dropout=dropout, recurrent_dropout=recurrent_dropout, go_backwards=go_backwards
    )
    layer.build(X.shape)
    weights = weights_of(layer)
    of_inputs, of_states = masks(count, FEATURES), masks(count, UNITS)
    # Keras's own functions that draw masks, of which each cell takes one or several.
    single = lambda values: values[0] if count == 1 else values
    inputs_mask = lambda *_, **__: single([tf.constant(m) for m in of_inputs]) if dropout > 0 else None
    states_mask = lambda *_, **__: single([tf.constant(m) for m in of_states]) if recurrent_dropout > 0 else None
    layer.cell.get_dropout_mask_for_cell = inputs_mask
    layer.cell.get_recurrent_dropout_mask_for_cell = states_mask
    with tf.GradientTape() as tape:
        output = layer(X, training=True, mask=mask)
        loss = tf.reduce_sum(output**2)
    gradients = tape.gradient(loss, layer.trainable_weights)
    return {
        "kind": kind,
        "dropout": dropout,
        "recurrentDropout": recurrent_dropout,
        "goBackwards": go_backwards,
        "mask": None if mask is None else mask.astype(int).tolist(),
        "weights": weights,
        "ofInputs": [numbers(m) for m in of_inputs],
        "ofStates": [numbers(m) for m in of_states],
        "output": numbers(output),
        "gradients": [numbers(g) for g in gradients],
    }


def stateful(kind):
    """The outputs of two batches of a stateful layer, whose masks leave out steps at the beginning, too."""
    _, make = KINDS[kind]
    layer = make(return_sequences=True, stateful=True)
    layer.build(X.shape)
    weights = weights_of(layer)
    first, second = (layer(X, mask=PADDING) for _ in range(2))
    return {"kind": kind, "weights": weights, "first": numbers(first), "second": numbers(second)}


print(
    json.dumps(
        {
            "x": X.tolist(),
            "padding": PADDING.astype(int).tolist(),
            "dropped": [
                dropped(kind, *rates, mask, backwards)
                for kind in KINDS
                for rates, mask, backwards in [
                    ((0.0, RATE), None, False),
                    ((RATE, RATE), None, False),
                    ((RATE, RATE), PADDING, True),
                ]
            ],
            "stateful": [stateful(kind) for kind in KINDS],
        }
    )
)
