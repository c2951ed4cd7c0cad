"""
Reads the SavedModels and checkpoints that test/keras/write.ts wrote. TensorFlow's own loader, that of TensorFlow 2 and that of graphs of
version 1, must predict the same to 1e-5, for batches of 1, of 7 and of all rows. With Keras 2 the folder must become a model that
predicts the same and trains, and the checkpoint must give its weights, and the optimizer's state: those that were trained go on with
the same losses.

    python test/keras/check_savedmodel.py FOLDER
"""
import importlib.util
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
if importlib.util.find_spec("tensorflow") is None:
    print("There is no TensorFlow beside this Keras.")
    sys.exit(0)
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from check import array, close, one, outputs_of  # noqa: E402

tf.get_logger().setLevel("ERROR")
folder = pathlib.Path(sys.argv[1])


def served(call, names, inputs, expected, outputs):
    for rows in sorted({1, 7, len(inputs[0])}):
        rows = min(rows, len(inputs[0]))
        found = call({name: values[:rows] for name, values in zip(names, inputs)})
        for index, wanted in enumerate(expected):
            close(found[outputs[index]], wanted[:rows], f"output {index} of {rows} rows")


def check_served(place, inputs, expected, keys):
    model = tf.saved_model.load(str(place))
    run = model.signatures["serving_default"]

    def eager(feeds):
        specs = run.structured_input_signature[1]
        return {key: value.numpy() for key, value in run(**{k: tf.constant(v, specs[k].dtype) for k, v in feeds.items()}).items()}

    served(eager, keys["inputs"], inputs, expected, keys["outputs"])
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        signature = tf.compat.v1.saved_model.load(session, ["serve"], str(place)).signature_def["serving_default"]

        def graph(feeds):
            fetches = {key: info.name for key, info in signature.outputs.items()}
            return session.run(fetches, {signature.inputs[key].name: value for key, value in feeds.items()})

        served(graph, keys["inputs"], inputs, expected, keys["outputs"])


def train_on(model, case, inputs):
    labels = [array(values) for values in case["labels"]]
    for index, wanted in enumerate(case["losses"]):
        history = model.fit(one(inputs), one(labels), epochs=1, batch_size=64, shuffle=False, verbose=0)
        close(history.history["loss"][0], wanted, f"loss of step {index}", 2e-5)


def check_keras(place, case, inputs, expected):
    import keras

    old = keras.__version__.startswith("2.")
    if not old or any(not hasattr(keras.layers, name) for name in case["classes"]):
        return False
    model = keras.models.load_model(f"{place}.tf")
    for index, (actual, wanted) in enumerate(zip(outputs_of(model, inputs), expected)):
        close(actual, wanted, f"Keras's output {index}")
    # What the optimizer remembers Keras itself does not take out of SavedModels, its own included.
    if model.trainable_weights:
        if "losses" not in case:
            model.compile(optimizer="sgd", loss="mse")
        labels = [np.zeros_like(values) for values in expected]
        history = model.fit(one(inputs), one(labels), epochs=1, verbose=0)
        assert np.isfinite(history.history["loss"][0]), "the loss of a step"
    # Weights alone, into a model that has others.
    again = keras.models.load_model(f"{place}.h5")
    for weight in again.weights:
        weight.assign(tf.zeros_like(weight))
    status = again.load_weights(f"{place}.weights/weights")
    status.assert_existing_objects_matched()
    for index, (actual, wanted) in enumerate(zip(outputs_of(again, inputs), expected)):
        close(actual, wanted, f"output {index} with the weights of the checkpoint")
    if "losses" in case:
        train_on(again, case, inputs)
    return True


def main():
    wrong = done = made = 0
    for case in json.loads((folder / "expected.json").read_text()):
        place = folder / case["name"]
        if not all(pathlib.Path(f"{place}.{kind}").exists() for kind in ("tf", "frozen", "weights")):
            continue
        inputs = [array(values) for values in case["inputs"]]
        expected = [array(values) for values in case["outputs"]]
        try:
            for kind in ("tf", "frozen"):
                check_served(f"{place}.{kind}", inputs, expected, case["keys"])
            made += check_keras(place, case, inputs, expected)
            done += 1
        except Exception as error:  # whatever does not agree
            wrong += 1
            print(f"{case['name']}: {type(error).__name__}: {str(error)[-600:]}")
    print(f"Keras trains {made} of the SavedModels on.")
    print(f"TensorFlow {tf.__version__}'s SavedModels: {done} passed, {wrong} failed", flush=True)
    sys.exit(1 if wrong or not done else 0)


if __name__ == "__main__":
    main()
