"""
What TensorFlow makes of the SavedModels and checkpoints that test/keras/write.ts wrote: its own loader, that of TensorFlow 2 and that of
graphs of version 1, must predict the same to 1e-5, for a batch of 1 and of all rows. With Keras 2 the folder must become a model that
predicts the same and trains, and the checkpoint must give its weights, and the optimizer's state: those that were trained go on with the
same losses. With Keras 3 it is a layer. The model of test/keras/following.ts, which changes by its predictions, changes likewise there.
"""
import json

import keras
import numpy as np
import tensorflow as tf
from values import array, close, listed, one

tf.get_logger().setLevel("ERROR")
OLD = keras.__version__.startswith("2.")


def is_masked_score(output):
    """Whether Keras cannot train on an output, for its mask: Keras 2 spreads none of a sequence over the scores of attention, which have an
    axis more, and with Keras 3 the mask of these has that axis, which their loss has not."""
    mask = getattr(output, "_keras_mask", None)
    return mask is not None and len(output.shape) > 3 and (OLD or len(mask.shape) == len(output.shape))


def compile_for(model, inputs):
    options = {} if OLD else {"jit_compile": False}
    is_scores = [is_masked_score(output) for output in (model.outputs if OLD else listed(model(one(inputs))))]
    loss = [None if scores else "mse" for scores in is_scores] if any(is_scores) else "mse"
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, run_eagerly=True, **options)


def served(call, keys, inputs, expected):
    for rows in sorted({1, len(inputs[0])}):
        found = call({name: values[:rows] for name, values in zip(keys["inputs"], inputs)})
        for name, wanted in zip(keys["outputs"], expected):
            close(found[name], wanted[:rows], f"{name} of {rows} rows")


def check_loader(place, keys, inputs, expected):
    run = tf.saved_model.load(place).signatures["serving_default"]
    specs = run.structured_input_signature[1]

    def eager(feeds):
        return {key: value.numpy() for key, value in run(**{k: tf.constant(v, specs[k].dtype) for k, v in feeds.items()}).items()}

    served(eager, keys, inputs, expected)


def check_graph(place, keys, inputs, expected):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        signature = tf.compat.v1.saved_model.load(session, ["serve"], place).signature_def["serving_default"]
        fetches = {key: info.name for key, info in signature.outputs.items()}

        def graph(feeds):
            return session.run(fetches, {signature.inputs[key].name: value for key, value in feeds.items()})

        served(graph, keys, inputs, expected)


def check_model(place, case, inputs, expected):
    """Keras 2 makes a model of the folder; what its optimizer remembers Keras itself does not take out of it, nor out of its own."""
    model = keras.models.load_model(f"{place}.tf")
    for index, (actual, wanted) in enumerate(zip(listed(model(one(inputs), training=False)), expected)):
        close(actual, wanted, f"output {index} of the folder's model")
    if not model.trainable_weights:
        return
    if "losses" not in case:
        compile_for(model, inputs)
    model.run_eagerly = True
    labels = [np.zeros_like(values) for values in expected]
    loss = listed(model.train_on_batch(one(inputs), one(labels)))[0]
    assert np.isfinite(loss), "the loss of a step of the folder's model"


def check_weights(place, case, inputs, expected):
    """The checkpoint fills a model that has other weights."""
    model = keras.models.load_model(f"{place}.h5")
    for weight in model.weights:
        weight.assign(tf.zeros_like(weight))
    status = model.load_weights(f"{place}.weights/weights")
    status.assert_existing_objects_matched()
    for index, (actual, wanted) in enumerate(zip(listed(model(one(inputs), training=False)), expected)):
        close(actual, wanted, f"output {index} with the weights of the checkpoint")
    if "losses" not in case:
        return
    model.run_eagerly = True
    labels = [array(values) for values in case["labels"]]
    for index, wanted in enumerate(case["losses"]):
        loss = listed(model.train_on_batch(one(inputs), one(labels)))[0]
        close(loss, wanted, f"loss of step {index} with the optimizer of the checkpoint", 2e-5)


def check_layer(place, keys, inputs, expected):
    """Keras 3 takes the folder of a model with one input as a layer, which predicts."""
    if len(inputs) > 1:
        return
    layer = keras.layers.TFSMLayer(f"{place}.tf", call_endpoint="serving_default")
    # Signatures take one type only: ids go into an embedding as floats, in Keras 2.13's own folders, too.
    [spec] = layer.call_endpoint_fn.structured_input_signature[1].values()
    found = layer(tf.constant(inputs[0], spec.dtype))
    for name, wanted in zip(keys["outputs"], expected):
        close(found[name], wanted, f"{name} of Keras's layer")


def check_served(place, case, is_known):
    """What must hold of one model's folders. `is_known` says whether this Keras has its classes."""
    inputs = [array(values) for values in case["inputs"]]
    expected = [array(values) for values in case["outputs"]]
    for kind in ("tf", "frozen"):
        check_loader(f"{place}.{kind}", case["keys"], inputs, expected)
        check_graph(f"{place}.{kind}", case["keys"], inputs, expected)
    if not OLD:
        check_layer(place, case["keys"], inputs, expected)
    elif is_known:
        check_model(place, case, inputs, expected)
        check_weights(place, case, inputs, expected)


def check_following(folder):
    """What a model gives for batches one after the other, and what its variables are after each, by its signature and by its layers."""
    stages = json.loads((folder / "following.json").read_text())
    for kind in ("tf", "served"):
        loaded = tf.saved_model.load(str(folder / f"following.{kind}"))
        run = loaded.signatures["serving_default"]
        for index, stage in enumerate(stages):
            [found] = run(x=tf.constant(array(stage["batch"]))).values()
            close(found, array(stage["output"]), f"batch {index} of the model that follows, .{kind}")
            # TensorFlow gives them in the order of the objects' names.
            values = sorted(array(wanted).ravel().tolist() for wanted in stage["weights"])
            for actual, wanted in zip(sorted(variable.numpy().ravel().tolist() for variable in run.variables), values):
                close(np.array(actual), np.array(wanted), f"a variable after batch {index}, .{kind}")
    if not OLD:
        return
    model = keras.models.load_model(str(folder / "following.tf"), compile=False)
    for index, stage in enumerate(stages):
        close(model.predict(array(stage["batch"]), verbose=0), array(stage["output"]), f"batch {index} of Keras's model that follows")
        for actual, wanted in zip(model.get_weights(), stage["weights"]):
            close(actual, array(wanted), f"a weight of Keras's after batch {index}")
