"""
Reads what test/keras/write.ts wrote with the Keras that runs this: each model must load, predict the same to 1e-5, and train; where
that Keras takes them up, those that were trained go on with the same losses; with Keras 2, the JSON makes the same model. Then trains
each model and writes it for test/keras/read.ts, with what it predicts and the losses of its next steps.

Keras 3 does not read all that Keras 2.13 writes. It must read here what it reads of Keras 2.13's own: where it does not take a model, it
is given the one that Keras 2.13 wrote (PEER), and only if it takes that one, this library's is wrong.

    python test/keras/check.py FOLDER BACK [PEER]
"""
import importlib.util
import json
import os
import pathlib
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# Keras 3 needs no TensorFlow.
if importlib.util.find_spec("tensorflow") is None:
    os.environ.setdefault("KERAS_BACKEND", "jax")
import numpy as np  # noqa: E402
import keras  # noqa: E402

folder, back, *peers = (pathlib.Path(path) for path in [*sys.argv[1:4], "."])
peers = peers[:-1]
OLD = keras.__version__.startswith("2.")
VERSION = int(keras.__version__.split(".")[0])

# The endings of files: which versions of Keras read and write them, and which of these take up how a model is trained: Keras 3 does
# not take optimizers and losses of Keras 2.13's HDF5 files, those that Keras 2.13 wrote included.
FORMATS = {
    ".h5": {"versions": (2, 3), "compiled": (2,)},
    ".keras": {"versions": (3,), "compiled": (3,)},
}


def array(values):
    return np.array(values["values"], dtype=values["dtype"].replace("bool", "bool_")).reshape(values["shape"])


def plain(values):
    values = np.asarray(values)
    kind = "bool" if values.dtype == bool else "int32" if values.dtype.kind in "iu" else "float32"
    return {"shape": list(values.shape), "dtype": kind, "values": values.astype("float64").ravel().tolist()}


def one(values):
    return values[0] if len(values) == 1 else values


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def close(actual, expected, what, tolerance=1e-5):
    scale = max(1.0, float(np.max(np.abs(expected))))
    worst = float(np.max(np.abs(np.asarray(actual) - expected)))
    if not worst <= tolerance * scale:
        raise AssertionError(f"{what}: {worst:.2e} of {scale:.2e}")


def outputs_of(model, inputs):
    return run(model, inputs)


def run(model, inputs, training=False):
    return [np.asarray(output) for output in listed(model(one(inputs), training=training))]


def check_outputs(model, inputs, expected, what):
    outputs = run(model, inputs)
    assert len(outputs) == len(expected), f"{len(outputs)} outputs in the place of {len(expected)}"
    for index, (actual, wanted) in enumerate(zip(outputs, expected)):
        close(actual, wanted, f"output {index}{what}")


def losses(model, inputs, labels, steps):
    """The losses of steps, each of which is made of all rows."""
    return [float(listed(model.train_on_batch(one(inputs), one(labels)))[0]) for _ in range(steps)]


def check(case, ending):
    """What must hold of one file. Gives the model, trained a little, its inputs and its labels; no labels if there is nothing to train."""
    inputs = [array(values) for values in case["inputs"]]
    expected = [array(values) for values in case["outputs"]]
    takes_up = "losses" in case and VERSION in FORMATS[ending]["compiled"]
    model = keras.models.load_model(folder / (case["name"] + ending), compile=takes_up)
    if OLD:
        model.run_eagerly = True
    check_outputs(model, inputs, expected, "")
    # Keras 3 does not read the JSON of Keras 2.13's models, its own included.
    if OLD and ending == ".h5":
        again = keras.models.model_from_json((folder / (case["name"] + ".json")).read_text())
        again.set_weights(model.get_weights())
        check_outputs(again, inputs, expected, " of the JSON's model")
    if not model.trainable_weights:
        return model, inputs, None
    labels = [array(values) for values in case["labels"]] if "labels" in case else [np.zeros_like(v) for v in expected]
    if takes_up:
        for index, (actual, wanted) in enumerate(zip(losses(model, inputs, labels, 5), case["losses"])):
            close(actual, wanted, f"loss of step {index}", 2e-5)
    else:
        compile_for(model)
        assert np.all(np.isfinite(losses(model, inputs, labels, 2))), "the loss of a step"
    return model, inputs, labels


def compile_for(model):
    options = {} if OLD else {"jit_compile": False}
    # Keras cannot spread the mask of a sequence over the scores of attention, which have an axis more.
    is_scores = [OLD and getattr(output, "_keras_mask", None) is not None and len(output.shape) > 3 for output in model.outputs]
    loss = [None if scores else "mse" for scores in is_scores] if any(is_scores) else "mse"
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, run_eagerly=True, **options)


def is_random(model, inputs):
    """Whether training draws numbers: then its losses are Keras's own."""
    first, second = (run(model, inputs, training=True) for _ in range(2))
    return any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second))


def write(case, model, inputs, labels, file):
    """Writes a model, and gives what it does then."""
    random = labels is not None and (case["isRandom"] or is_random(model, inputs))
    model.save(back / file)
    written = {"file": file, "inputs": [plain(v) for v in inputs], "outputs": [plain(v) for v in run(model, inputs)]}
    if labels is not None:
        written["labels"] = [plain(v) for v in labels]
    if labels is not None and not random:
        written["losses"] = losses(model, inputs, labels, 5)
    return written


def peer_problem(name, written):
    """What Keras does not take of the model that Keras 2.13 wrote: None if it takes it."""
    one = written.get(name)
    if one is None:
        return None
    try:
        model = keras.models.load_model(peers[0] / name, compile=False)
        check_outputs(model, [array(values) for values in one["inputs"]], [array(values) for values in one["outputs"]], "")
    except Exception as error:  # whatever Keras does not take
        return error
    return None


def excused(failures):
    """Those failures that Keras has with Keras 2.13's own files, too."""
    if not failures or not peers:
        return {}
    while not (peers[0] / "written.json").exists():
        time.sleep(0.2)
    written = {one["file"]: one for one in json.loads((peers[0] / "written.json").read_text())}
    problems = {name: peer_problem(name, written) for name in failures}
    return {name: problem for name, problem in problems.items() if problem is not None}


def said(error):
    return f"{type(error).__name__}: {' '.join(str(error).split())[-300:]}"


def main():
    passed = 0
    failures, left, written, unwritten = {}, [], [], []
    for case in json.loads((folder / "expected.json").read_text()):
        missing = [name for name in case["classes"] if not hasattr(keras.layers, name)]
        if missing:
            left += missing
            continue
        for ending, about in FORMATS.items():
            if VERSION not in about["versions"]:
                continue
            name = case["name"] + ending
            if not (folder / name).exists():
                continue
            try:
                model, inputs, labels = check(case, ending)
                passed += 1
            except Exception as error:  # whatever Keras does not take
                failures[name] = error
                continue
            try:
                written.append(write(case, model, inputs, labels, name))
            except Exception as error:  # what Keras cannot write is Keras's affair
                unwritten.append(f"{name} ({said(error)})")
    # The other waits for it: it is there whole, or not at all.
    (back / "written.part").write_text(json.dumps(written))
    (back / "written.part").rename(back / "written.json")
    who = f"Keras {keras.__version__}"
    excuses = excused(failures)
    for name, error in failures.items():
        if name not in excuses:
            print(f"{who}, {name}: {said(error)}", flush=True)
    if left:
        print(f"{who} has no {', '.join(left)}.")
    if excuses:
        print(f"{who} does not take Keras 2.13's own files of {', '.join(excuses)}.")
    if unwritten:
        print(f"{who} cannot write {', '.join(unwritten)}.")
    failed = len(failures) - len(excuses)
    print(f"{who}: {passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not passed or (OLD and unwritten) else 0)


if __name__ == "__main__":
    main()
