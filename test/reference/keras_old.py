"""
Prints what Keras 2.13 makes of files of its older versions: what those in keras-files/ predict; and files of older layouts, made here
(packed by gzip, in base64), what their models predict, and the losses of the next five steps.

    npm run reference -- keras_old
"""
import base64
import gzip
import io
import json
import os
import pathlib
import tempfile

import h5py
import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
FILES = pathlib.Path(__file__).parent / "keras-files"


def grid(shape, seed):
    """Numbers in [-1, 1), as test/layers/reference/cases.ts makes them."""
    index = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1 + 1009 * seed)
    hashed = (index * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    hashed ^= hashed >> np.uint64(15)
    hashed = (hashed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    return ((hashed >> np.uint64(16)).astype("float64") / 2**15 - 1).reshape(shape).astype("float32")


def plain(values):
    return [float(f"{value:.7g}") for value in np.asarray(values).ravel()]


def listed(value):
    return value if isinstance(value, list) else [value]


def real_file(name, shapes):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        with open(path, "wb") as file:
            file.write(gzip.decompress((FILES / f"{name}.h5.gz").read_bytes()))
        model = K.models.load_model(path, compile=False)
    inputs = [grid(shape, seed) for seed, shape in enumerate(shapes)]
    outputs = model(inputs if len(inputs) > 1 else inputs[0])
    return {"inputs": shapes, "outputs": [plain(output) for output in listed(outputs)]}


def weights_alone():
    """Two dense layers without biases, ReLU between them."""
    with h5py.File(io.BytesIO(gzip.decompress((FILES / "weights-2.4.0.h5.gz").read_bytes())), "r") as file:
        first, second = file["dense/dense/kernel:0"][()], file["dense_1/dense_1/kernel:0"][()]
    x = grid((4, 100), 0)
    return {"inputs": [[4, 100]], "outputs": [plain(np.maximum(x @ first, 0) @ second)]}


def initializer(name, era):
    """As Keras 2.0 to 2.2 wrote it, or TensorFlow 1.15's, with a type."""
    scaling = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
    old = {"glorot": ("VarianceScaling", scaling), "zeros": ("Zeros", {}), "ones": ("Ones", {}), "orthogonal": ("Orthogonal", {"gain": 1.0, "seed": None})}
    new = {"glorot": ("GlorotUniform", {"seed": None}), "zeros": ("Zeros", {}), "ones": ("Ones", {}), "orthogonal": ("Orthogonal", {"gain": 1.0, "seed": None})}
    class_name, config = (new if era == "1.15" else old)[name]
    return {"class_name": class_name, "config": {**config, **({"dtype": "float32"} if era == "1.15" else {})}}


def nothing(*names):
    return {name: None for name in names}


def dense(name, units, activation, era, **others):
    return {
        "class_name": "Dense",
        "config": {
            "name": name, "trainable": True, "units": units, "activation": activation, "use_bias": True,
            "kernel_initializer": initializer("glorot", era), "bias_initializer": initializer("zeros", era),
            **nothing("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint"),
            **others,
        },
    }


def batch_normalization(name, era):
    return {
        "class_name": "BatchNormalizationV1" if era == "1.15" else "BatchNormalization",
        "config": {
            "name": name, "trainable": True, "axis": [1] if era == "1.15" else -1, "momentum": 0.99, "epsilon": 0.001,
            "center": True, "scale": True, "beta_initializer": initializer("zeros", era), "gamma_initializer": initializer("ones", era),
            "moving_mean_initializer": initializer("zeros", era), "moving_variance_initializer": initializer("ones", era),
            **nothing("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"),
        },
    }


def lstm(name, units, era, **others):
    return {
        "class_name": "LSTM",
        "config": {
            "name": name, "trainable": True, "return_sequences": False, "return_state": False, "go_backwards": False,
            "stateful": False, "unroll": False, "units": units, "activation": "tanh", "recurrent_activation": "hard_sigmoid",
            "use_bias": True, "kernel_initializer": initializer("glorot", era), "recurrent_initializer": initializer("orthogonal", era),
            "bias_initializer": initializer("zeros", era), "unit_forget_bias": True, "dropout": 0.0, "recurrent_dropout": 0.0,
            "implementation": 1 if era == "2.1" else 2,
            **nothing("kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "activity_regularizer"),
            **nothing("kernel_constraint", "recurrent_constraint", "bias_constraint"), **others,
        },
    }


def stack_config(era):
    first = {"batch_input_shape": [None, 3], "dtype": "float32"}
    layers = [dense("dense_1", 4, "relu", era, **first), batch_normalization("batch_normalization_1", era), dense("dense_2", 1, "linear", era)]
    # Until 2.2.2 a stack's configuration was a list.
    return {"class_name": "Sequential", "config": layers if era == "2.1" else {"name": "sequential", "layers": layers}}


def recurrent_config(era):
    first = {"batch_input_shape": [None, 5, 3], "dtype": "float32"}
    layers = [lstm("lstm_1", 4, era, **first), {"class_name": "Dropout", "config": {"name": "dropout_1", "trainable": True, "rate": 0.0, "noise_shape": None, "seed": None}}, dense("dense_1", 1, "linear", era)]
    return {"class_name": "Sequential", "config": layers if era == "2.1" else {"name": "sequential", "layers": layers}}


def stack():
    return K.Sequential([L.Dense(4, activation="relu", input_shape=(3,)), L.BatchNormalization(), L.Dense(1)])


def recurrent():
    return K.Sequential([L.LSTM(4, recurrent_activation="hard_sigmoid", input_shape=(5, 3)), L.Dropout(0.0), L.Dense(1)])


def optimizer_names(kind, era, count):
    """What the state of an optimizer is called: its steps, then all slots of one kind after those of another."""
    if era == "2.1":
        steps = [] if kind == "RMSprop" else [f"{kind}/iterations:0"]
        return steps, [f"training/{kind}/Variable{'' if index == 0 else f'_{index}'}:0" for index in range(count)]
    return [f"training/{kind}/iter:0"], [f"training/{kind}/slot_{index}:0" for index in range(count)]


def old_file(config, model, optimizer, training, era):
    """A file in the layout of the time, of a model and the state of a legacy optimizer."""
    kind = type(optimizer).__name__
    content = io.BytesIO()
    steps, *slots = optimizer.get_weights()
    # Until 2.2, Adam's ended with a placeholder for each weight.
    places = [np.zeros(1, "float32")] * len(model.trainable_weights) if kind == "Adam" and era == "2.1" else []
    with h5py.File(content, "w") as file:
        file.attrs["keras_version"] = {"2.1": b"2.1.3", "1.15": b"2.2.4-tf"}[era]
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["training_config"] = json.dumps(training).encode()
        group = file.create_group("model_weights")
        names = [layer["config"]["name"] for layer in (config["config"] if era == "2.1" else config["config"]["layers"])]
        group.attrs["layer_names"] = [name.encode() for name in names]
        for name, layer in zip(names, model.layers):
            inner = group.create_group(name)
            path = [f"{name}/{weight.name.split('/')[-1]}" for weight in layer.weights]
            inner.attrs["weight_names"] = [one.encode() for one in path]
            for one, value in zip(path, layer.get_weights()):
                inner.create_dataset(one, data=value)
        inner = file.create_group("optimizer_weights")
        first, names = optimizer_names(kind, era, len(slots) + len(places))
        inner.attrs["weight_names"] = [name.encode() for name in first + names]
        for name in first:
            inner.create_dataset(name, data=np.asarray(steps, "int64" if era == "1.15" else "float32"))
        for name, value in zip(names, [*slots, *places]):
            inner.create_dataset(name, data=value)
    return base64.b64encode(gzip.compress(content.getvalue(), mtime=0)).decode()


def made_file(make, config, shape, optimizer, options, era):
    K.backend.clear_session()
    model = make()
    model.set_weights([np.abs(value) + 0.5 if "variance" in weight.name else 0.5 * value for weight, value in ((w, grid(w.shape, 100 + i)) for i, w in enumerate(model.weights))])
    x, y = grid((8, *shape), 0), grid((8, 1), 50)
    model.compile(optimizer=optimizer, loss="mse")
    for _ in range(3):
        model.train_on_batch(x, y)
    training = {
        "optimizer_config": {"class_name": type(optimizer).__name__, "config": options},
        "loss": "mean_squared_error" if era == "2.1" else "mse",
        "metrics": ["acc"] if era == "2.1" else [], "sample_weight_mode": None, "loss_weights": None,
        **({} if era == "2.1" else {"weighted_metrics": None}),
    }
    file = old_file(config(era), model, optimizer, training, era)
    predicted = plain(model(x, training=False))
    losses = [float(model.train_on_batch(x, y)) for _ in range(5)]
    steps = 0 if era == "2.1" and type(optimizer).__name__ == "RMSprop" else 3
    return {"about": f"{make.__name__}, {type(optimizer).__name__}, {era}", "file": file, "inputs": [8, *shape], "steps": steps, "outputs": predicted, "losses": losses}


def weights_file(kernel, **options):
    """Weights alone, of a layer 'dense' of 3 inputs and 2 outputs; `options` are those of the data set."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["layer_names"] = [b"dense"]
        group = file.create_group("dense")
        group.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        group.create_dataset("dense/kernel:0", **({"data": kernel} if "shape" not in options else {}), **options)
        group.create_dataset("dense/bias:0", data=np.array([7, 8], "float32"))
    return base64.b64encode(gzip.compress(content.getvalue(), mtime=0)).decode()


KERNEL = np.arange(6).reshape(3, 2)
WEIGHTS = {
    "packed": weights_file(KERNEL.astype("float32"), compression="gzip", shuffle=True),
    "chunked": weights_file(KERNEL.astype("float32"), chunks=(1, 1)),
    "float64": weights_file(KERNEL.astype("float64")),
    "int64": weights_file(KERNEL.astype("int64")),
    "half": weights_file(KERNEL.astype("float16")),
    "complex": weights_file(KERNEL.astype("complex64")),
    # Never written, so that the file has none of its 40 gigabytes.
    "empty": weights_file(None, shape=(100_000, 100_000), dtype="float32", chunks=(1000, 1000)),
    # A megabyte of zeros more than the file may honestly unpack to.
    "bomb": weights_file(np.zeros((2_000_000, 4), "float32"), compression="gzip", compression_opts=9),
}

O = K.optimizers.legacy
MADE = [
    # Keras 2.0 to 2.2: `lr`; an epsilon may be null, for the backend's.
    (stack, stack_config, (3,), lambda: O.Adam(0.01), {"lr": 0.01, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.0, "epsilon": 1e-07, "amsgrad": False}, "2.1"),
    (stack, stack_config, (3,), lambda: O.SGD(0.05, momentum=0.9), {"lr": 0.05, "momentum": 0.9, "decay": 0.0, "nesterov": False}, "2.1"),
    (stack, stack_config, (3,), lambda: O.RMSprop(0.01, epsilon=1e-7), {"lr": 0.01, "rho": 0.9, "decay": 0.0, "epsilon": 1e-07}, "2.1"),
    (recurrent, recurrent_config, (5, 3), lambda: O.Adam(0.01), {"lr": 0.01, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.0, "epsilon": None}, "2.1"),
    # TensorFlow 1.15. With momentum, since without it the epsilon of its RMSprop was beside the root.
    (stack, stack_config, (3,), lambda: O.Adam(0.01), {"name": "Adam", "learning_rate": 0.01, "decay": 0.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": False}, "1.15"),
    (recurrent, recurrent_config, (5, 3), lambda: O.RMSprop(0.01, momentum=0.5), {"name": "RMSprop", "learning_rate": 0.01, "decay": 0.0, "rho": 0.9, "momentum": 0.5, "epsilon": 1e-07, "centered": False}, "1.15"),
]

if __name__ == "__main__":
    result = {
        "real": {
            "lstm-2.2.5": real_file("lstm-2.2.5", [[2, 17, 4], [2, 1, 10], [2, 7, 4], [2, 12], [2, 12]]),
            "gru-2.2.4-tf": real_file("gru-2.2.4-tf", [[1, 3, 1], [1, 1]]),
            "icnn-2.4.0": real_file("icnn-2.4.0", [[4, 4]]),
            "weights-2.4.0": weights_alone(),
        },
        "weights": WEIGHTS,
        "made": [made_file(make, config, shape, optimizer(), options, era) for make, config, shape, optimizer, options, era in MADE],
    }
    print(json.dumps(result, separators=(",", ":")))
