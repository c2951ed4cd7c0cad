"""
Reads what test/keras/write.ts wrote with the Keras that runs this: each model must load, predict the same to 1e-5, and train; where
that Keras takes them up, those that were trained go on with the same losses; with Keras 2, the JSON makes the same model; SavedModels
and checkpoints as served.py says. Then trains each model and writes it for test/keras/read.ts, with what it predicts and the losses of
its next steps.

What Keras 3 does not take is listed, with the reason, in test/keras/limits.ts. It is Keras 3's own affair if it is the same with the
model that Keras 2.13 wrote (PEER), which is tried; and what is listed and taken after all is wrong, too.

    python test/keras/check.py FOLDER BACK [PEER]
"""
import collections
import json
import logging
import os
import pathlib
import signal
import sys
import time
import warnings

# What Keras thinks of its older formats is known.
warnings.filterwarnings("ignore")
logging.getLogger("absl").setLevel("ERROR")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras3 import gradients_problem, hard_sigmoid_of_keras_2, penalties_problem, sums_penalties, tries  # noqa: E402
from served import check_following, check_served, compile_for  # noqa: E402
from values import array, close, listed, one, plain, said  # noqa: E402

VERSION = int(keras.__version__.split(".")[0])
OLD = VERSION == 2

# The endings of files: which versions of Keras read them, which of these take up how a model is trained, and what each of them writes
# then. Keras 3 does not take optimizers and losses of Keras 2.13's HDF5 files, those that Keras 2.13 wrote included.
FORMATS = {
    ".h5": {"versions": (2, 3), "compiled": (2,), "writes": {2: (".h5", ".v2.keras", ".tf"), 3: (".h5",)}},
    ".keras": {"versions": (3,), "compiled": (3,), "writes": {3: (".keras",)}},
}

# Graphs run once or twice: to make them faster takes longer.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

spent = collections.Counter()

# Seconds that Keras 3 takes for a model at most.
MOST_SECONDS = 90


def overdue(*_):
    raise TimeoutError(f"it took more than {MOST_SECONDS} s")


signal.signal(signal.SIGALRM, overdue)


class Limited:
    """Ends what takes too long with an error."""

    def __enter__(self):
        if OLD:
            return
        tries.clear()
        signal.alarm(MOST_SECONDS)

    def __exit__(self, *_):
        signal.alarm(0)


class Timed:
    """Counts the seconds of something."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        self.began = time.perf_counter()

    def __exit__(self, *_):
        spent[self.what] += time.perf_counter() - self.began


def run(model, inputs, training=False):
    return [np.asarray(output) for output in listed(model(one(inputs), training=training))]


def check_outputs(model, inputs, expected, what):
    outputs = run(model, inputs)
    assert len(outputs) == len(expected), f"{len(outputs)} outputs in the place of {len(expected)}"
    for index, (actual, wanted) in enumerate(zip(outputs, expected)):
        close(actual, wanted, f"output {index}{what}")


def losses(model, inputs, labels, steps):
    """The losses of steps, each of which is made of all rows."""
    found = []
    for _ in range(steps):
        # Keras 3 gives the mean of all steps since.
        model.reset_metrics()
        found.append(float(listed(model.train_on_batch(one(inputs), one(labels)))[0]))
    return found


def known(case):
    """Keras 2.13 does not find all of its own layers by their names."""
    return keras.utils.custom_object_scope({name: getattr(keras.layers, name) for name in case["classes"]} if OLD else {})


def check(folder, case, ending):
    """What must hold of one file. Gives the model, trained a little, its inputs and its labels; no labels if there is nothing to train."""
    inputs = [array(values) for values in case["inputs"]]
    expected = [array(values) for values in case["outputs"]]
    takes_up = "losses" in case and VERSION in FORMATS[ending]["compiled"]
    with known(case):
        model = keras.models.load_model(folder / (case["name"] + ending), compile=takes_up)
    model.run_eagerly = True
    check_outputs(model, inputs, expected, "")
    # Keras 3 does not read the JSON of Keras 2.13's models, its own included.
    if OLD and ending == ".h5":
        with known(case):
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
        compile_for(model, inputs)
        assert np.all(np.isfinite(losses(model, inputs, labels, 2))), "the loss of a step"
    return model, inputs, labels


def is_random(model, inputs):
    """Whether training draws numbers: then its losses are Keras's own."""
    first, second = (run(model, inputs, training=True) for _ in range(2))
    return any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second))


def save(model, place):
    # The graph of each layer is of no use here, and takes long.
    options = {"save_traces": False} if place.suffix == ".tf" else {}
    model.save(place, **options)


def own_problem(place, about):
    """What this Keras does otherwise with what it has written itself."""
    try:
        inputs, outputs = ([array(values) for values in about[key]] for key in ("inputs", "outputs"))
        model = keras.models.load_model(place)
        model.run_eagerly = True
        check_outputs(model, inputs, outputs, "")
        if "losses" in about:
            for actual, wanted in zip(losses(model, inputs, [array(values) for values in about["labels"]], 5), about["losses"]):
                close(actual, wanted, "the loss of a step", 2e-5)
    except Exception as error:  # whatever it does otherwise
        return error
    return None


def write(case, ending, model, inputs, labels, back):
    """Writes a model in all formats of this Keras, and gives what it does then, and what it could not write."""
    random = labels is not None and (case["isRandom"] or is_random(model, inputs))
    files, unwritten = [], []
    for suffix in FORMATS[ending]["writes"][VERSION]:
        file = case["name"] + suffix
        try:
            save(model, back / file)
            files.append(file)
        except Exception as error:  # what Keras cannot write is Keras's affair
            unwritten.append(f"{file} ({said(error)})")
    about = {"inputs": [plain(v) for v in inputs], "outputs": [plain(v) for v in run(model, inputs)]}
    if labels is not None:
        about["labels"] = [plain(v) for v in labels]
    if labels is not None and not random and not sums_penalties(model):
        about["losses"] = losses(model, inputs, labels, 5)
    return [{"file": file, **about} for file in files], unwritten


class Peer:
    """What Keras 2.13 wrote, which this Keras is given in the place of a file that it does not take."""

    def __init__(self, place):
        self.place = place
        self.written = None

    def problem(self, name):
        """What this Keras does not take of the same model as Keras 2.13 wrote it: none if it takes it, or there is none."""
        if self.written is None:
            # scripts/test-keras.js makes it, if the other has ended without it.
            while not (self.place / "written.json").exists():
                time.sleep(0.2)
            self.written = {about["file"]: about for about in json.loads((self.place / "written.json").read_text())}
        # In Keras 2.13's words, which Keras 3's own format has, too.
        file = f"{name.rsplit('.', 1)[0]}.h5"
        about = self.written.get(file)
        if about is None:
            return None
        try:
            with Limited():
                model = keras.models.load_model(self.place / file, compile=False)
            check_outputs(model, [array(values) for values in about["inputs"]], [array(values) for values in about["outputs"]], "")
        except Exception as error:  # whatever Keras does not take
            return error
        return None


def hard_sigmoid_problem(folder, case, ending):
    """What is wrong with a model that is said to be another only for its hard sigmoid: nothing if it is the same with Keras 2's."""
    try:
        with hard_sigmoid_of_keras_2():
            check(folder, case, ending)
    except Exception as error:  # whatever it does otherwise
        return f"with Keras 2's hard sigmoid {said(error)}"
    return None


def limit_problem(peer, folder, case, ending, error, reason):
    """What is wrong with what is said to be a limit of this Keras's: none if it is one."""
    name = case["name"] + ending
    if error is None:
        return f"it is taken, and is said not to be: {reason}"
    if reason == "its hard_sigmoid is another function":
        return hard_sigmoid_problem(folder, case, ending)
    own = peer.problem(name)
    if own is None:
        return f"{said(error)}, and Keras 2.13's own is taken, or was not written"
    if type(own) is not type(error):
        return f"{said(error)}, and of Keras 2.13's own {said(own)}"
    return None


def tell(what):
    print(f"Keras {keras.__version__}: {what}", flush=True)


class Results:
    def __init__(self):
        self.passed = self.failed = self.served = self.served_failed = 0
        self.limits, self.left, self.written, self.unwritten = [], [], [], []

    def read(self, folder, back, case, ending):
        name = case["name"] + ending
        limit = None if OLD else case.get("limits", {}).get(ending)
        try:
            with Timed(f"reading {ending}"), Limited():
                model, inputs, labels = check(folder, case, ending)
        except Exception as error:  # whatever Keras does not take
            if limit is None:
                self.fail(name, said(error))
            else:
                self.limits.append((case, ending, error, limit))
            return
        if limit is not None:
            self.limits.append((case, ending, None, limit))
            return
        self.passed += 1
        try:
            with Timed("writing"):
                written, unwritten = write(case, ending, model, inputs, labels, back)
            self.written += [about for about in written if self.is_kept(case, back, about)]
            self.unwritten += unwritten
        except Exception as error:  # whatever it does not do
            self.unwritten.append(f"{name} ({said(error)})")

    def is_kept(self, case, back, about):
        """Whether a file that was written need be the same model; not what this Keras does not take back itself, which is said and shown."""
        name = about["file"]
        reason = None if OLD else case.get("limits", {}).get("written" + pathlib.Path(name).suffix)
        if reason is None:
            return True
        if own_problem(back / name, about) is None:
            self.fail(name, f"it is the same when it is read back, and is said not to be: {reason}")
        else:
            self.passed += 1
            tell(f"{name}: not read back by itself as it was: {reason}")
        return False

    def fail(self, name, problem):
        self.failed += 1
        tell(f"{name}: {problem}")

    def serve(self, folder, case, is_known):
        place = str(folder / case["name"])
        if not all(os.path.exists(f"{place}.{kind}") for kind in ("tf", "frozen", "weights", "h5")):
            return
        try:
            with Timed("SavedModels"), known(case if is_known else {"classes": []}):
                check_served(place, case, is_known)
            self.served += 1
        except Exception as error:  # whatever does not agree
            self.served_failed += 1
            tell(f"{case['name']}.tf: {said(error)}")

    def prove(self, peer, folder):
        """Looks at whether what is said to be a limit of this Keras's is one."""
        for what, problem in (("an embedding", gradients_problem()), ("a penalty", penalties_problem())):
            if problem is None:
                self.passed += 1
            else:
                self.fail(what, problem)
        for case, ending, error, reason in self.limits:
            name = case["name"] + ending
            problem = limit_problem(peer, folder, case, ending, error, reason)
            if problem is None:
                self.passed += 1
                tell(f"{name}: not taken, as is right: {reason}")
            else:
                self.fail(name, problem)

    def follow(self, folder):
        try:
            check_following(folder)
            self.served += 1
        except Exception as error:  # whatever does not agree
            self.served_failed += 1
            tell(f"following: {said(error)}")

    def tell(self):
        if self.left:
            tell(f"not there: {', '.join(dict.fromkeys(self.left))}")
        if self.unwritten:
            tell(f"not written: {', '.join(self.unwritten)}")
        tell(", ".join(f"{what} {seconds:.0f} s" for what, seconds in spent.items()))
        tell(f"SavedModels in TensorFlow {tf.__version__}: {self.served} passed, {self.served_failed} failed")
        tell(f"{self.passed} passed, {self.failed} failed")
        return self.failed + self.served_failed == 0 and self.passed > 0 and self.served > 0


def main(folder, back, peer=None):
    results = Results()
    cases = [case for part in sorted(folder.glob("expected-*.json")) for case in json.loads(part.read_text())]
    for case in cases:
        keras.backend.clear_session()
        missing = [name for name in case["classes"] if not hasattr(keras.layers, name)]
        results.left += missing
        if not missing:
            for ending, about in FORMATS.items():
                if VERSION in about["versions"] and (folder / (case["name"] + ending)).exists():
                    results.read(folder, back, case, ending)
        results.serve(folder, case, not missing)
    results.follow(folder)
    # The other waits for it: it is there whole, or not at all.
    (back / "written.part").write_text(json.dumps(results.written))
    (back / "written.part").rename(back / "written.json")
    if peer is not None:
        results.prove(Peer(peer), folder)
    return results.tell()


if __name__ == "__main__":
    sys.exit(0 if main(*(pathlib.Path(place) for place in sys.argv[1:])) else 1)
