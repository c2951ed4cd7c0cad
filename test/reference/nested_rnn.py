"""
Prints what Keras 2.13 makes of a recurrent layer whose cell takes two inputs, keeps two states and puts out two outputs: its
outputs and states for some sequences, of which steps may be masked, and the weights and losses of some steps of training.

    npm run reference -- nested_rnn
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
random = np.random.default_rng(7)
ROWS, STEPS, I1, I2, I3, U1, U2, U3 = 4, 5, 3, 2, 2, 4, 2, 3


def grid(*shape):
    """Multiples of 1/16, which are exact in float32 and short in JSON."""
    return (random.integers(-16, 17, shape) / 16).astype("float32")


def numbers(value):
    return np.asarray(value, dtype="float64").round(7).tolist()


class Nested(L.Layer):
    """Two products, each with a state that its output is added to in part."""

    def __init__(self, **options):
        super().__init__(**options)
        self.state_size = [tf.TensorShape([U1]), tf.TensorShape([U2, U3])]
        self.output_size = [tf.TensorShape([U1]), tf.TensorShape([U2, U3])]

    def build(self, input_shapes):
        self.kernel = self.add_weight(shape=(I1, U1), name="kernel")
        self.tensor = self.add_weight(shape=(I2, I3, U2, U3), name="tensor")

    def call(self, inputs, states):
        (a, b), (s, t) = tf.nest.flatten(inputs), states
        first = tf.tanh(tf.matmul(a, self.kernel) + 0.5 * s)
        second = tf.tanh(tf.einsum("bij,ijkl->bkl", b, self.tensor) + 0.5 * t)
        # Each state hears of the other output.
        states = (s + first * tf.reduce_mean(second, axis=[1, 2])[:, None], t + second * tf.reduce_mean(first, axis=1)[:, None, None])
        return (first, second), states


def case(name, padding=None, with_states=False, **options):
    a, b = L.Input((STEPS, I1), name="a"), L.Input((STEPS, I2, I3), name="b")
    layer = L.RNN(Nested(), name="rnn", **options)
    states = [L.Input((U1,), name="s"), L.Input((U2, U3), name="t")] if with_states else []
    steps = L.Masking(9.0, name="masking")(a) if padding is not None else a
    # A tuple is one nested input; a list would be an input and its states.
    outputs = layer((steps, b), initial_state=tuple(states) if with_states else None)
    model = K.Model([a, b, *states], tf.nest.flatten(outputs), name="nested")
    weights = [grid(*w.shape) for w in model.get_weights()]
    model.set_weights(weights)
    x = [grid(ROWS, STEPS, I1), grid(ROWS, STEPS, I2, I3)]
    if padding is not None:
        x[0][:, padding] = 9
    x += [grid(ROWS, U1), grid(ROWS, U2, U3)] if with_states else []
    predicted = model.predict(x, verbose=0)
    y = [grid(*output.shape) for output in predicted]
    model.compile(K.optimizers.SGD(0.125), "mse")
    losses = [float(model.train_on_batch(x, y)[0]) for _ in range(5)]
    return {
        "name": name,
        "options": {"returnSequences": options.get("return_sequences", False), "returnState": options.get("return_state", False), "goBackwards": options.get("go_backwards", False)},
        "isMasked": padding is not None,
        "hasStates": with_states,
        "weights": [numbers(w) for w in weights],
        "x": [numbers(one) for one in x],
        "y": [numbers(one) for one in y],
        "predicted": [numbers(one) for one in predicted],
        "losses": losses,
        "trained": [numbers(w) for w in model.get_weights()],
    }


print(
    json.dumps(
        [
            case("the last outputs"),
            case("all outputs", return_sequences=True),
            case("all outputs and the states, from the end", return_sequences=True, return_state=True, go_backwards=True),
            case("the last outputs and the states, of steps that are there", padding=[1, 4], return_state=True),
            case("from states that are given", with_states=True, return_state=True),
        ]
    )
)
