"""
Prints what Keras 2.13 trains of layers that are frozen before and after `compile`: the two models of a GAN, which share the
discriminator, and single layers.

    npm run reference -- frozen
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


def numbers(values):
    return [np.asarray(value, dtype="float64").round(6).tolist() for value in values]


def sgd():
    return K.optimizers.SGD(0.25)


def gan():
    """A discriminator with batch normalization, and a GAN with it, frozen after its own `compile`."""
    discriminator = K.Sequential([L.Input((2,)), L.Dense(3), L.BatchNormalization(momentum=0.5), L.Dense(1)])
    generator = K.Sequential([L.Input((1,)), L.Dense(2)])
    weights = {
        name: [np.abs(grid(*w.shape)) + 0.5 if i in (4, 5) and name == "discriminator" else grid(*w.shape)
               for i, w in enumerate(model.get_weights())]
        for name, model in (("discriminator", discriminator), ("generator", generator))
    }
    discriminator.set_weights(weights["discriminator"])
    generator.set_weights(weights["generator"])
    discriminator.compile(sgd(), "mse")
    discriminator.trainable = False
    inputs = L.Input((1,))
    both = K.Model(inputs, discriminator(generator(inputs)))
    both.compile(sgd(), "mse")
    x, y, z = grid(4, 2), grid(4, 1), grid(4, 1)
    rounds = []
    for _ in range(2):
        result = {"discriminatorLoss": float(discriminator.train_on_batch(x, y))}
        result["afterDiscriminator"] = numbers(discriminator.get_weights())
        result["ganLoss"] = float(both.train_on_batch(z, np.ones((4, 1), dtype="float32")))
        result["discriminator"] = numbers(discriminator.get_weights())
        result["generator"] = numbers(generator.get_weights())
        rounds.append(result)
    return {
        "weights": {name: numbers(values) for name, values in weights.items()},
        "x": x.tolist(),
        "y": y.tolist(),
        "z": z.tolist(),
        "rounds": rounds,
    }


def one_layer():
    """The first of two layers, frozen after `compile`, trains until the next one."""
    model = K.Sequential([L.Input((2,)), L.Dense(2), L.Dense(1)])
    weights = [grid(*w.shape) for w in model.get_weights()]
    model.set_weights(weights)
    x, y = grid(4, 2), grid(4, 1)
    model.compile(sgd(), "mse")
    model.layers[0].trainable = False
    steps = []
    for compiles in (False, True):
        if compiles:
            model.compile(sgd(), "mse")
        history = model.fit(x, y, epochs=2, shuffle=False, verbose=0, batch_size=2).history
        steps.append({"loss": history["loss"], "weights": numbers(model.get_weights())})
    # And the other way round: unfrozen after `compile`, it stays as it is until the next one.
    model.layers[0].trainable = True
    for compiles in (False, True):
        if compiles:
            model.compile(sgd(), "mse")
        history = model.fit(x, y, epochs=2, shuffle=False, verbose=0, batch_size=2).history
        steps.append({"loss": history["loss"], "weights": numbers(model.get_weights())})
    return {"weights": numbers(weights), "x": x.tolist(), "y": y.tolist(), "steps": steps}


print(json.dumps({"gan": gan(), "oneLayer": one_layer()}))
