"""
Prints the outputs of Keras 2.13's recurrent layers over sequences of several lengths, and their gradients.

    npm run reference -- sequences
"""
import json

import numpy as np
import tensorflow as tf

L = tf.keras.layers
random = np.random.default_rng(11)
UNITS, FEATURES, ROWS = 2, 2, 2


def grid(*shape):
    """Multiples of 1/16, which are exact in float32 and short in JSON."""
    return (random.integers(-16, 17, shape) / 16).astype("float32")


def numbers(value):
    return np.asarray(value, dtype="float64").round(7).tolist()


KINDS = {
    "rnn": lambda **options: L.SimpleRNN(UNITS, **options),
    "rnn, elu": lambda **options: L.SimpleRNN(UNITS, activation="elu", **options),
    "gru": lambda **options: L.GRU(UNITS, **options),
    "gru, hard": lambda **options: L.GRU(
        UNITS, activation="softsign", recurrent_activation="hard_sigmoid", **options
    ),
    "gru, no bias": lambda **options: L.GRU(UNITS, use_bias=False, **options),
    "gru, reset before": lambda **options: L.GRU(UNITS, reset_after=False, **options),
}


def run(kind, steps, is_masked, backwards, sequences):
    """The output, and the gradients of its weighted sum by the input, the first state and the weights."""
    layer = KINDS[kind](return_sequences=sequences, go_backwards=backwards)
    layer.build((ROWS, steps, FEATURES))
    weights = [grid(*w.shape) / 2 for w in layer.get_weights()]
    layer.set_weights(weights)
    x, first = tf.constant(grid(ROWS, steps, FEATURES)), tf.constant(grid(ROWS, UNITS))
    mask = random.integers(0, 4, (ROWS, steps)) > 0 if is_masked else None
    factors = grid(*([ROWS, steps, UNITS] if sequences else [ROWS, UNITS]))
    with tf.GradientTape() as tape:
        tape.watch([x, first])
        output = layer(x, mask=mask, initial_state=first)
        loss = tf.reduce_sum(output * factors)
    gradients = tape.gradient(loss, [x, first, *layer.trainable_weights])
    return {
        "kind": kind,
        "steps": steps,
        "goBackwards": backwards,
        "returnSequences": sequences,
        "x": numbers(x),
        "first": numbers(first),
        "mask": None if mask is None else mask.astype(int).tolist(),
        "weights": [numbers(w) for w in weights],
        "factors": numbers(factors),
        "output": numbers(output),
        "gradients": [numbers(g) for g in gradients],
    }


print(
    json.dumps(
        [
            run(kind, *case)
            for kind in KINDS
            for case in [
                (1, False, False, True),
                (7, True, True, True),
                (11, False, False, False),
                (16, False, True, True),
                (19, True, False, False),
            ]
        ]
    )
)
