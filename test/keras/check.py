"""
Reads what test/keras/write.ts wrote with the Keras that runs this: each model must load, predict the same to 1e-5, and train; those
that were trained go on with the same losses, of HDF5 with Keras 2, of `.keras` with Keras 3. With Keras 2 the JSON makes the same model.
Keras 3 saves each `.keras` again, for test/keras/read.ts.

    python test/keras/check.py FOLDER
"""
import importlib.util
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# Keras 3 needs no TensorFlow.
if importlib.util.find_spec("tensorflow") is None:
    os.environ.setdefault("KERAS_BACKEND", "jax")
import numpy as np  # noqa: E402
import keras  # noqa: E402

folder = pathlib.Path(sys.argv[1])


def array(values):
    return np.array(values["values"], dtype=values["dtype"].replace("bool", "bool_")).reshape(values["shape"])


def one(values):
    return values[0] if len(values) == 1 else values


def close(actual, expected, what, tolerance=1e-5):
    scale = max(1.0, float(np.max(np.abs(expected))))
    worst = float(np.max(np.abs(np.asarray(actual) - expected)))
    if not worst <= tolerance * scale:
        raise AssertionError(f"{what}: {worst:.2e} of {scale:.2e}")


def outputs_of(model, inputs):
    out = model.predict(one(inputs), batch_size=64, verbose=0)
    return list(out) if isinstance(out, (list, tuple)) else [out]


def check(case):
    inputs = [array(values) for values in case["inputs"]]
    expected = [array(values) for values in case["outputs"]]
    # Keras 3 does not take optimizers and losses of Keras 2.13's HDF5 files, those that Keras 2.13 wrote included.
    old = keras.__version__.startswith("2.")
    model = keras.models.load_model(folder / case["file"], compile=old)
    outputs = outputs_of(model, inputs)
    assert len(outputs) == len(expected)
    for index, (actual, wanted) in enumerate(zip(outputs, expected)):
        close(actual, wanted, f"output {index}")
    # Nor the JSON of Keras 2.13's models.
    if old:
        text = (folder / case["file"].replace(".h5", ".json")).read_text()
        again = keras.models.model_from_json(text)
        again.set_weights(model.get_weights())
        for index, (actual, wanted) in enumerate(zip(outputs_of(again, inputs), expected)):
            close(actual, wanted, f"output {index} of the JSON's model")
    if "losses" in case and old:
        labels = [array(values) for values in case["labels"]]
        for index, wanted in enumerate(case["losses"]):
            history = model.fit(one(inputs), one(labels), epochs=1, batch_size=64, shuffle=False, verbose=0)
            close(history.history["loss"][0], wanted, f"loss of step {index}", 2e-5)
    elif model.trainable_weights:
        model.compile(optimizer="sgd", loss="mse")
        labels = [np.zeros_like(values) for values in expected]
        history = model.fit(one(inputs), one(labels), epochs=1, verbose=0)
        assert np.isfinite(history.history["loss"][0]), "the loss of a step"


def check_zip(case):
    """The same of the `.keras` file, which Keras 3 saves again as `NAME.again.keras`."""
    inputs = [array(values) for values in case["inputs"]]
    expected = [array(values) for values in case["outputs"]]
    file = folder / case["file"].replace(".h5", ".keras")
    model = keras.models.load_model(file)
    outputs = outputs_of(model, inputs)
    assert len(outputs) == len(expected)
    for index, (actual, wanted) in enumerate(zip(outputs, expected)):
        close(actual, wanted, f"output {index} of .keras")
    model.save(file.with_suffix(".again.keras"))
    if "losses" not in case:
        return
    labels = [array(values) for values in case["labels"]]
    for index, wanted in enumerate(case["losses"]):
        history = model.fit(one(inputs), one(labels), epochs=1, batch_size=64, shuffle=False, verbose=0)
        close(history.history["loss"][0], wanted, f"loss of step {index} of .keras", 2e-5)


def main():
    wrong = done = 0
    left = []
    for case in json.loads((folder / "expected.json").read_text()):
        missing = [name for name in case["classes"] if not hasattr(keras.layers, name)]
        if missing:
            left += missing
            continue
        try:
            check(case)
            if not keras.__version__.startswith("2."):
                check_zip(case)
            done += 1
        except Exception as error:  # whatever Keras does not take
            wrong += 1
            print(f"{case['file']}: {type(error).__name__}: {str(error)[-600:]}")
    print(f"Keras {keras.__version__}: {done} of {done + wrong} models are read, predict the same and train on.")
    if left:
        print(f"It has no {', '.join(left)}.")
    sys.exit(1 if wrong or not done else 0)


if __name__ == "__main__":
    main()
