"""
Prints what Keras 2.13 makes of layers and models that are called with `training` of their own: a network for fine-tuning, with batch
normalization that stays as it is, another copy of it that trains, and dropout that drops in predictions.

    npm run reference -- training_calls
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
random = np.random.default_rng(5)


def grid(*shape):
    """Multiples of 1/16, which are exact in float32 and short in JSON."""
    return (random.integers(-16, 17, shape) / 16).astype("float32")


def numbers(values):
    return [np.asarray(value, dtype="float64").round(7).tolist() for value in values]


def filled(model):
    """Weights of which variances are positive."""
    model.set_weights([np.abs(grid(*w.shape)) + 0.5 if "variance" in w.name else grid(*w.shape) for w in model.weights])
    return model


def tuned(training):
    base = K.Sequential([L.Input((3,)), L.Dense(4), L.BatchNormalization(momentum=0.5)], name="base")
    inputs = L.Input((3,), name="x")
    features = base(inputs) if training is None else base(inputs, training=training)
    model = filled(K.Model(inputs, L.Dense(1, name="out")(features), name="tuned"))
    weights = numbers(model.get_weights())
    config = json.loads(model.to_json())
    x, y = grid(6, 3), grid(6, 1)
    model.compile(K.optimizers.SGD(0.125), "mse")
    losses = [float(model.train_on_batch(x, y)) for _ in range(3)]
    return {
        "training": training,
        "config": config,
        "weights": weights,
        "x": x.tolist(),
        "y": y.tolist(),
        "losses": losses,
        "trained": numbers(model.get_weights()),
        "predicted": numbers([model.predict(x, verbose=0)])[0],
    }


def shared():
    """One batch normalization in two places, which trains in one of them only."""
    layer = L.BatchNormalization(momentum=0.5, name="norm")
    inputs = L.Input((2,), name="x")
    model = K.Model(inputs, L.Concatenate(name="both")([layer(inputs, training=True), layer(inputs, training=False)]), name="places")
    filled(model)
    x = grid(4, 2)
    # Moving averages change in predictions, too.
    return {
        "config": json.loads(model.to_json()),
        "weights": numbers(model.get_weights()),
        "x": x.tolist(),
        "predicted": numbers([model(x, training=False)])[0],
        "trained": numbers([model(x, training=True)])[0],
    }


def dense_network(trainable=True):
    """Batch normalization that follows the batches of predictions and evaluations, too, if it is not frozen."""
    norm = L.BatchNormalization(momentum=0.5, name="norm", trainable=trainable)
    inputs = L.Input((3,), name="x")
    hidden = norm(L.Dense(4, name="hidden")(inputs), training=True)
    return K.Model(inputs, L.Dense(1, name="out")(hidden), name="dense")


def image_network():
    norm = L.BatchNormalization(momentum=0.5, name="norm")
    inputs = L.Input((2, 2, 1), name="x")
    hidden = norm(L.Conv2D(2, 1, name="hidden")(inputs), training=True)
    return K.Model(inputs, L.Dense(1, name="out")(L.Flatten()(hidden)), name="images")


def inner_network():
    inner = K.Sequential([L.Input((3,)), L.Dense(4, name="hidden"), L.BatchNormalization(momentum=0.5, name="norm")], name="inner")
    inputs = L.Input((3,), name="x")
    return K.Model(inputs, L.Dense(1, name="out")(inner(inputs, training=True)), name="outer")


def stateful_network():
    """A layer that keeps states beside one that follows."""
    norm = L.BatchNormalization(momentum=0.5, name="norm")
    inputs = L.Input(batch_shape=(4, 2, 3), name="x")
    steps = L.SimpleRNN(2, stateful=True, name="steps")(norm(inputs, training=True))
    return K.Model(inputs, L.Dense(1, name="out")(steps), name="states")


def following(name, make):
    """What predictions, an evaluation and a fit with validation give in turn, and the weights after each."""
    model = filled(make())
    rows = 8
    x, y = grid(rows, *model.input_shape[1:]), grid(rows, 1)
    given = {"name": name, "config": json.loads(model.to_json()), "weights": numbers(model.get_weights()), "x": x.tolist(), "y": y.tolist()}
    model.compile(K.optimizers.SGD(0.0625), "mse")
    stages = []

    def stage(what, values):
        stages.append({"what": what, "values": values, "weights": numbers(model.get_weights())})

    stage("predict", numbers(model.predict(x, batch_size=4, verbose=0)))
    stage("evaluate", [model.evaluate(x, y, batch_size=4, verbose=0)])
    history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, validation_data=(x, y), verbose=0).history
    stage("fit", [*history["loss"], *history["val_loss"]])
    stage("predict", numbers(model.predict(x, batch_size=4, verbose=0)))
    return {**given, "stages": stages}


FOLLOWING = {
    "of vectors": dense_network,
    "of vectors, frozen": lambda: dense_network(False),
    "of images": image_network,
    "in a model inside": inner_network,
    "before a stateful layer": stateful_network,
}
print(
    json.dumps(
        {
            "tuned": [tuned(training) for training in (None, False, True)],
            "shared": shared(),
            "following": [following(name, make) for name, make in FOLLOWING.items()],
        }
    )
)
