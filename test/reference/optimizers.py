"""
Writes optimizers.json: what Keras 2.13's optimizers make of two variables in twenty steps, and what `fit` makes of a model.

    python -m venv venv && venv/bin/pip install tensorflow-cpu==2.13.1
    venv/bin/python test/reference/optimizers.py > test/reference/optimizers.json

Options are written as this library names them: `beta1` is Keras's `beta_1`.
"""
import json
import os
import re

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow.keras import optimizers
from tensorflow.keras.optimizers import schedules

STEPS = 20
SNAPSHOTS = (1, 7, 20)

random = np.random.default_rng(7)
# Multiples of 1/64 are exact in float32 and short in JSON.
grid = lambda shape: (random.integers(-128, 129, shape) / 64).astype("float32")
START = [grid(4), grid((2, 3))]
GRADIENTS = [[grid(4), grid((2, 3))] for _ in range(STEPS)]

CLASSES = {
    "sgd": optimizers.SGD,
    "rmsprop": optimizers.RMSprop,
    "adam": optimizers.Adam,
    "adam_w": optimizers.AdamW,
    "adagrad": optimizers.Adagrad,
    "adadelta": optimizers.Adadelta,
    "adamax": optimizers.Adamax,
    "nadam": optimizers.Nadam,
    "ftrl": optimizers.Ftrl,
    "lion": optimizers.Lion,
}
OWN = {
    "sgd": [
        {},
        {"learningRate": 0.1},
        {"learningRate": 0.1, "momentum": 0.9},
        {"learningRate": 0.1, "momentum": 0.9, "nesterov": True},
    ],
    "rmsprop": [
        {},
        {"learningRate": 0.05, "rho": 0.8, "epsilon": 0.01},
        {"learningRate": 0.05, "rho": 0.8, "epsilon": 0.01, "momentum": 0.5},
        {"learningRate": 0.05, "rho": 0.8, "epsilon": 0.01, "centered": True},
        {"learningRate": 0.05, "rho": 0.8, "epsilon": 0.01, "momentum": 0.5, "centered": True},
    ],
    "adam": [
        {},
        {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 0.01},
        {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 0.01, "amsgrad": True},
    ],
    "adam_w": [{}, {"learningRate": 0.1, "weightDecay": 0.1}, {"learningRate": 0.1, "amsgrad": True}],
    "adagrad": [{}, {"learningRate": 0.1, "initialAccumulatorValue": 0.5, "epsilon": 0.01}],
    "adadelta": [{}, {"learningRate": 1.0, "rho": 0.8, "epsilon": 0.01}],
    "adamax": [{}, {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 0.01}],
    "nadam": [{}, {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.9, "epsilon": 0.01}],
    "ftrl": [
        {},
        {"learningRate": 0.1, "initialAccumulatorValue": 0.5},
        {
            "learningRate": 0.1,
            "learningRatePower": -0.7,
            "l1RegularizationStrength": 0.3,
            "l2RegularizationStrength": 0.2,
            "beta": 0.1,
        },
        {"learningRate": 0.1, "l2ShrinkageRegularizationStrength": 0.2},
    ],
    "lion": [{}, {"learningRate": 0.05, "beta1": 0.8, "beta2": 0.9}],
}
# With large steps, so that what they do shows.
COMMON = [
    {"clipnorm": 1.5},
    {"clipvalue": 0.5},
    {"globalClipnorm": 2.0},
    {"weightDecay": 0.2},
    {"useEma": True, "emaMomentum": 0.8},
    {"useEma": True, "emaMomentum": 0.8, "emaOverwriteFrequency": 3},
    {"learningRate": {"exponentialDecay": {"initialLearningRate": 0.2, "decaySteps": 5, "decayRate": 0.5}}},
    {
        "learningRate": {"piecewiseConstantDecay": {"boundaries": [4, 9], "values": [0.2, 0.1, 0.02]}},
        "clipnorm": 1.5,
        "weightDecay": 0.1,
        "useEma": True,
        "emaMomentum": 0.9,
        "emaOverwriteFrequency": 4,
    },
]
SCHEDULES = {
    "exponentialDecay": schedules.ExponentialDecay,
    "piecewiseConstantDecay": schedules.PiecewiseConstantDecay,
    "polynomialDecay": schedules.PolynomialDecay,
    "inverseTimeDecay": schedules.InverseTimeDecay,
    "cosineDecay": schedules.CosineDecay,
    "cosineDecayRestarts": schedules.CosineDecayRestarts,
}
SCHEDULE_OPTIONS = [
    ("exponentialDecay", {"initialLearningRate": 0.1, "decaySteps": 7, "decayRate": 0.6}),
    ("exponentialDecay", {"initialLearningRate": 0.1, "decaySteps": 7, "decayRate": 0.6, "staircase": True}),
    ("piecewiseConstantDecay", {"boundaries": [4, 9], "values": [0.2, 0.1, 0.02]}),
    ("polynomialDecay", {"initialLearningRate": 0.1, "decaySteps": 12}),
    ("polynomialDecay", {"initialLearningRate": 0.1, "decaySteps": 6, "endLearningRate": 0.01, "power": 2.0}),
    ("polynomialDecay", {"initialLearningRate": 0.1, "decaySteps": 6, "endLearningRate": 0.01, "power": 0.5, "cycle": True}),
    ("inverseTimeDecay", {"initialLearningRate": 0.1, "decaySteps": 4, "decayRate": 0.5}),
    ("inverseTimeDecay", {"initialLearningRate": 0.1, "decaySteps": 4, "decayRate": 0.5, "staircase": True}),
    ("cosineDecay", {"initialLearningRate": 0.1, "decaySteps": 20}),
    ("cosineDecay", {"initialLearningRate": 0.1, "decaySteps": 20, "alpha": 0.2}),
    ("cosineDecay", {"initialLearningRate": 0.01, "decaySteps": 20, "warmupTarget": 0.1, "warmupSteps": 5}),
    ("cosineDecayRestarts", {"initialLearningRate": 0.1, "firstDecaySteps": 5}),
    ("cosineDecayRestarts", {"initialLearningRate": 0.1, "firstDecaySteps": 6, "tMul": 1.0, "mMul": 0.8, "alpha": 0.1}),
    ("cosineDecayRestarts", {"initialLearningRate": 0.1, "firstDecaySteps": 4, "tMul": 1.5, "mMul": 0.5}),
]


def snake(name):
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    return re.sub(r"^beta([12])$", r"beta_\1", name)


def keras_options(options):
    made = {snake(key): value for key, value in options.items()}
    rate = made.get("learning_rate")
    if isinstance(rate, dict):
        [(kind, given)] = rate.items()
        made["learning_rate"] = schedule(kind, given)
    return made


def schedule(kind, options):
    return SCHEDULES[kind](**{snake(key): value for key, value in options.items()})


def digits(array):
    return [float(f"{value:.8g}") for value in np.asarray(array).reshape(-1)]


def twenty_steps(name, options):
    optimizer = CLASSES[name](**keras_options(options))
    variables = [tf.Variable(value) for value in START]
    snapshots = []
    for step, gradients in enumerate(GRADIENTS, 1):
        optimizer.apply_gradients(zip([tf.constant(g) for g in gradients], variables))
        if step in SNAPSHOTS:
            snapshots.append([digits(v) for v in variables])
    final = None
    if options.get("useEma"):
        optimizer.finalize_variable_values(variables)
        final = [digits(v) for v in variables]
    return {"name": name, "options": options, "snapshots": snapshots, **({"final": final} if final else {})}


def configurations():
    for name, own in OWN.items():
        for options in own:
            yield name, options
        for common in COMMON:
            yield name, {"learningRate": 0.1, **common}


X = grid((24, 3))
Y = grid((24, 1))
KERNELS = [grid((3, 4)) / 2, grid(4) / 8, grid((4, 1)) / 2, grid(1) / 8]


def fitted(name, options):
    """Two epochs of ten steps and a smaller last one, rows in order; the second fit goes on with the state of the first."""
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(4, activation="tanh", input_shape=(3,), kernel_constraint="max_norm"),
            tf.keras.layers.Dense(1),
        ]
    )
    model.set_weights(KERNELS)
    # Nadam's running product is kept by Python code that a graph runs once only: eagerly it is right.
    model.compile(optimizer=CLASSES[name](**keras_options(options)), loss="mse", run_eagerly=name == "nadam")
    losses = []
    for _ in range(2):
        losses += model.fit(X, Y, batch_size=7, epochs=3, shuffle=False, verbose=0).history["loss"]
    return {"name": name, "options": options, "losses": digits(losses), "weights": [digits(w) for w in model.get_weights()]}


COSINE = {"cosineDecay": {"initialLearningRate": 0.1, "decaySteps": 20, "alpha": 0.2}}
FITS = [
    *[(name, {"learningRate": 0.05}) for name in CLASSES],
    *[(name, {**COMMON[-1], "learningRate": COSINE}) for name in CLASSES],
    ("adam", {"learningRate": 0.05, "globalClipnorm": 0.5}),
    ("sgd", {"learningRate": 0.05, "useEma": True, "emaMomentum": 0.8}),
]

print(
    json.dumps(
        {
            "start": [{"shape": list(v.shape), "values": digits(v)} for v in START],
            "gradients": [[digits(g) for g in pair] for pair in GRADIENTS],
            "steps": SNAPSHOTS,
            "updates": [twenty_steps(name, options) for name, options in configurations()],
            "schedules": [
                {"kind": kind, "options": options, "rates": digits([schedule(kind, options)(step) for step in range(30)])}
                for kind, options in SCHEDULE_OPTIONS
            ],
            "fit": {
                "x": digits(X),
                "y": digits(Y),
                "weights": [{"shape": list(w.shape), "values": digits(w)} for w in KERNELS],
                "runs": [fitted(name, options) for name, options in FITS],
            },
        },
        separators=(",", ":"),
    )
)
