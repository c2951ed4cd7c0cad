"""
Writes optimizers.json: what the optimizers that only Keras 3 has make of four variables in twenty steps, and what others make of them with
`gradient_accumulation_steps`.

Options are written as this library names them: `beta1` is Keras's `beta_1`.
"""
import json
import os
import re

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from keras import optimizers
from keras.optimizers import schedules

STEPS = 20
SNAPSHOTS = (1, 7, 20)
random = np.random.default_rng(8)
# Multiples of 1/64 are exact in float32 and short in JSON.
grid = lambda shape: (random.integers(-128, 129, shape) / 64).astype("float32")
SHAPES = {"bias": (4,), "kernel": (2, 3), "embeddings": (3, 2), "tall": (2, 4, 3)}
START = {name: grid(shape) for name, shape in SHAPES.items()}
GRADIENTS = [{name: grid(shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]

CLASSES = {
    "lamb": optimizers.Lamb,
    "adafactor": optimizers.Adafactor,
    "muon": optimizers.Muon,
    "sgd": optimizers.SGD,
    "adam": optimizers.Adam,
    "rmsprop": optimizers.RMSprop,
}
COMMON = [
    {"clipnorm": 1.5},
    {"clipvalue": 0.5},
    {"globalClipnorm": 2.0},
    {"weightDecay": 0.2},
    {"learningRate": {"exponentialDecay": {"initialLearningRate": 0.2, "decaySteps": 5, "decayRate": 0.5}}},
    {"gradientAccumulationSteps": 3},
    {
        "learningRate": {"exponentialDecay": {"initialLearningRate": 0.2, "decaySteps": 5, "decayRate": 0.5}},
        "clipnorm": 1.5,
        "weightDecay": 0.1,
        "gradientAccumulationSteps": 2,
    },
]
OWN = {
    "lamb": [{}, {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 0.01}],
    "adafactor": [
        {},
        {"learningRate": 0.1, "beta2Decay": -0.5, "epsilon1": 1e-3, "epsilon2": 0.1, "clipThreshold": 0.5},
        {"learningRate": 0.9, "relativeStep": False},
    ],
    "muon": [
        {},
        {"learningRate": 0.1, "momentum": 0.8, "nesterov": False, "nsSteps": 3, "adamLrRatio": 0.5},
        {"learningRate": 0.1, "excludeEmbeddings": False, "excludeLayers": ["^ke"]},
        {"learningRate": 0.1, "muonA": 3.0, "muonB": -4.0, "muonC": 2.0, "adamBeta1": 0.8, "adamBeta2": 0.9, "epsilon": 0.01, "nsSteps": 2},
    ],
}
ACCUMULATED = [
    ("sgd", {"learningRate": 0.1, "momentum": 0.9, "gradientAccumulationSteps": 4}),
    ("adam", {"learningRate": 0.1, "gradientAccumulationSteps": 4}),
    ("adam", {"clipvalue": 0.5, **COMMON[-1], "clipnorm": None}),
    ("rmsprop", {"learningRate": 0.1, "gradientAccumulationSteps": 7}),
]


def snake(name):
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    return re.sub(r"(beta|epsilon)([12])", r"\1_\2", name)


def keras_options(options):
    made = {snake(key): value for key, value in options.items()}
    rate = made.get("learning_rate")
    if isinstance(rate, dict):
        made["learning_rate"] = schedules.ExponentialDecay(**{snake(k): v for k, v in rate["exponentialDecay"].items()})
    return made


def digits(array):
    return [float(f"{value:.8g}") for value in np.asarray(array).reshape(-1)]


def twenty_steps(name, options):
    optimizer = CLASSES[name](**keras_options(options))
    variables = [keras.Variable(value, name=key) for key, value in START.items()]
    snapshots = []
    for step, gradients in enumerate(GRADIENTS, 1):
        optimizer.apply([keras.ops.convert_to_tensor(gradients[key]) for key in START], variables)
        if step in SNAPSHOTS:
            snapshots.append([digits(v) for v in variables])
    return {"name": name, "options": options, "snapshots": snapshots}


def configurations():
    for name, own in OWN.items():
        for options in own:
            yield name, options
        for common in COMMON:
            yield name, {"learningRate": 0.1, **common}
    yield from ACCUMULATED


print(
    json.dumps(
        {
            "start": [{"name": key, "shape": list(v.shape), "values": digits(v)} for key, v in START.items()],
            "gradients": [[digits(g[key]) for key in START] for g in GRADIENTS],
            "steps": SNAPSHOTS,
            "updates": [twenty_steps(name, options) for name, options in configurations()],
        },
        separators=(",", ":"),
    )
)
