"""
Trains the model in this folder on the data in it, on as many machines as TF_CONFIG names; without it, on this one alone. All machines
have the folder, and run the program at the same time, each with its own index:

    TF_CONFIG='{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", "index": 0}}' python train.py

The first of them writes the trained model into result/; each of them how its training went, and a hash of its weights.
"""
import argparse
import hashlib
import json
import os
import pathlib
import tempfile

import numpy as np
import tensorflow as tf

keras = tf.keras
FOLDER = pathlib.Path(__file__).resolve().parent
MODELS = {2: "model.h5", 3: "model.keras"}
# What raw bytes of a record are read as.
RAW_TYPES = {"float32": tf.float32, "int32": tf.int32, "bool": tf.uint8}


def parser_of(features):
    """What makes the arrays of records: (inputs, labels) or (inputs, labels, weights)."""
    every = features["x"] + features["y"] + features["weights"]
    spec = {}
    for one in every:
        if one["kind"] == "bytes":
            spec[one["name"]] = tf.io.FixedLenFeature([], tf.string)
        elif one["kind"] == "texts":
            spec[one["name"]] = tf.io.FixedLenFeature(one["shape"], tf.string)
        else:
            spec[one["name"]] = tf.io.RaggedFeature(tf.int64, row_splits_dtype=tf.int64)

    def array_of(value, one):
        if one["kind"] == "texts":
            return value
        if one["kind"] == "columns":
            places = tf.stack([value.value_rowids(), value.values], axis=1)
            shape = tf.stack([value.nrows(), tf.constant(one["shape"][0], tf.int64)])
            return tf.scatter_nd(places, tf.ones_like(value.values, tf.float32), shape)
        numbers = tf.reshape(tf.io.decode_raw(value, RAW_TYPES[one["dtype"]]), [-1, *one["shape"]])
        return tf.cast(numbers, tf.bool) if one["dtype"] == "bool" else numbers

    def arrays(records):
        values = tf.io.parse_example(records, spec)
        parts = [[array_of(values[one["name"]], one) for one in features[part]] for part in ("x", "y", "weights")]
        return tuple(part[0] if len(part) == 1 else tuple(part) for part in parts if part)

    return arrays


def steps_of(part, batch_size, replicas):
    """Batches in an epoch. A last one that has not a row for each replica is left out."""
    whole, rest = divmod(part["rows"], batch_size)
    return whole + (rest >= replicas)


def batches_of(job, part, context, is_training):
    """
    The batches of one worker. All workers draw the rows in the same order, and of each batch, each of their replicas takes every
    n-th row: together they have all of it.
    """
    shuffles = is_training and job["shuffle"]
    files = tf.data.Dataset.from_tensor_slices([str(FOLDER / name) for name in part["files"]])
    if shuffles:
        files = files.shuffle(len(part["files"]), seed=job["seed"])
        records = files.interleave(tf.data.TFRecordDataset, cycle_length=8, block_length=16, deterministic=True)
        records = records.shuffle(part["shuffled_rows"], seed=job["seed"])
    else:
        records = files.flat_map(tf.data.TFRecordDataset)
    replicas = context.num_replicas_in_sync
    local = replicas // context.num_input_pipelines
    first = context.input_pipeline_id * local

    def shares(batch):
        return tf.data.Dataset.range(first, first + local).map(lambda replica: batch[replica::replicas])

    batches = records.batch(job["batch_size"]).take(steps_of(part, job["batch_size"], replicas))
    batches = batches.flat_map(shares).map(parser_of(part["features"]), num_parallel_calls=tf.data.AUTOTUNE)
    return (batches.repeat() if is_training else batches).prefetch(tf.data.AUTOTUNE)


def options_of(strategy, job, is_training):
    """What `fit` takes for training or validation."""
    part = job["training" if is_training else "validation"]
    steps = steps_of(part, job["batch_size"], strategy.num_replicas_in_sync)
    if steps == 0:
        raise SystemExit(f"There are {part['rows']} rows for {strategy.num_replicas_in_sync} workers: use fewer of them.")
    dataset = strategy.distribute_datasets_from_function(lambda context: batches_of(job, part, context, is_training))
    if is_training:
        return {"x": dataset, "steps_per_epoch": steps}
    return {"validation_data": dataset, "validation_steps": steps}


def fit_together(model, strategy, options, epochs, is_told):
    """What `fit` does. That of Keras 3 does not know several workers; the steps that it is made of do."""
    steps = {"train": options["steps_per_epoch"], "val": options.get("validation_steps", 0)}
    data = {"train": options["x"], "val": options.get("validation_data")}
    first = strategy.experimental_local_results(next(iter(data["train"])))[0]
    with strategy.scope():
        model._symbolic_build(data_batch=first)

    @tf.function
    def train_step(batch):
        strategy.run(model.train_step, args=(batch,))

    @tf.function
    def test_step(batch):
        strategy.run(model.test_step, args=(batch,))

    def results(step, iterator, count):
        model.reset_metrics()
        for _ in range(count):
            step(next(iterator))
        return {name: float(value) for name, value in model.get_metrics_result().items()}

    history = {}
    iterator = iter(data["train"])
    for epoch in range(epochs):
        values = results(train_step, iterator, steps["train"])
        if data["val"] is not None:
            tested = results(test_step, iter(data["val"]), steps["val"])
            values.update({f"val_{name}": value for name, value in tested.items()})
        if is_told:
            print(f"Epoch {epoch + 1}/{epochs}", *(f"{name}: {value:.4f}" for name, value in values.items()), sep=" - ")
        for name, value in values.items():
            history.setdefault(name, []).append(value)
    return history


def version_of(job):
    """The version of Keras, if it knows all that the model is made of."""
    version = 3 if hasattr(keras, "ops") else 2
    if version not in job["keras"]:
        raise SystemExit(f"The model needs Keras {job['keras'][0]}, and TensorFlow {tf.__version__} has Keras {version}.")
    return version


def write_result(folder, name, write):
    """Writes a file so that the old one or the new one is there, whole."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".part-{name}"
    write(temporary)
    os.replace(temporary, folder / name)


def train(result=FOLDER / "result"):
    """Trains the model, and writes what comes of it. Gives the values of each epoch by their names."""
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    resolver = strategy.cluster_resolver
    task = (resolver.task_type or "worker", resolver.task_id or 0)
    has_chief = "chief" in resolver.cluster_spec().jobs
    index = 0 if task == ("chief", 0) else task[1] + has_chief
    job = json.loads((FOLDER / "job.json").read_text())
    name = MODELS[version_of(job)]
    options = options_of(strategy, job, True)
    if job["validation"] is not None:
        options.update(options_of(strategy, job, False))
    # Now that the order of the rows is drawn, which is the same for all: what layers draw is each worker's own.
    keras.utils.set_random_seed(job["seed"] + index)
    with strategy.scope():
        model = keras.models.load_model(str(FOLDER / name))
    if name == MODELS[3]:
        history = fit_together(model, strategy, options, job["epochs"], index == 0)
    else:
        history = model.fit(**options, epochs=job["epochs"], verbose=0 if index else 2).history
        history = {key: [float(value) for value in values] for key, values in history.items()}
    weights = hashlib.sha256()
    for weight in model.get_weights():
        weights.update(np.ascontiguousarray(weight).tobytes())
    with tempfile.TemporaryDirectory() as unused:
        # All of them save, since what each has for itself, as statistics of batches, is put together on the way.
        write_result(pathlib.Path(unused) if index else result, name, lambda file: model.save(str(file)))
    about = {"workers": strategy.num_replicas_in_sync, "weights": weights.hexdigest(), "history": history}
    text = json.dumps(about, indent=2)
    write_result(result, f"{task[0]}-{task[1]}.json", lambda file: file.write_text(text))
    return history


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Trains the model in this folder; see the beginning of this file.")
    arguments.add_argument("--result", type=pathlib.Path, default=FOLDER / "result", help="where the result goes")
    train(arguments.parse_args().result)
