"""
Prints models with layers that have learned from data, as Keras 2.13 saved them (files packed by gzip, in base64), and what they predicted
before: vocabularies, weights of tokens, bins, and moments. HDF5 has place for some of them only.

    npm run reference -- keras_learned
"""
import base64
import gzip
import json
import os
import tempfile

import keras as K
import numpy as np
import tensorflow as tf

L = K.layers

TEXTS = [["a bad film"], ["good, GOOD fun"], ["bad bad"], ["fun and good"], ["a film"], ["no fun, é"]]
CITIES = [["Rome"], ["Oslo"], ["Rome"], ["Bern"], ["Oslo"], ["Rome"]]
CODES = [[700], [12], [-5], [700], [12], [3]]
AGES = [[18.5], [70.0], [33.0], [41.5], [25.0], [64.0]]


def adapted(layer, data):
    layer.adapt(tf.constant(data))
    return layer


def words():
    x = L.Input((1,), dtype="string", name="text")
    y = adapted(L.TextVectorization(output_sequence_length=4), TEXTS)(x)
    return K.Model(x, L.Dense(1)(L.Flatten()(L.Embedding(12, 3)(y)))), [TEXTS]


def weighted():
    """In a model inside, and with a vocabulary that is given before the one that is learned."""
    given = L.TextVectorization(vocabulary=["film", "fun"], output_mode="multi_hot")
    learned = adapted(L.TextVectorization(output_mode="tf_idf", max_tokens=6), TEXTS)
    x = L.Input((1,), dtype="string", name="text")
    inner = K.Model(x, learned(x), name="inner")
    return K.Model(x, L.Dense(1)(L.Concatenate()([given(x), inner(x)]))), [TEXTS]


def table():
    """Several of a class, of which those in between have learned nothing."""
    city, code, age = (L.Input((1,), dtype=d, name=n) for n, d in [("city", "string"), ("code", "int64"), ("age", "float32")])
    parts = [
        adapted(L.StringLookup(output_mode="one_hot", num_oov_indices=2), CITIES)(city),
        L.StringLookup(vocabulary=["Rome"], output_mode="one_hot")(city),
        adapted(L.StringLookup(output_mode="tf_idf", max_tokens=3), CITIES)(city),
        adapted(L.IntegerLookup(output_mode="multi_hot"), CODES)(code),
        L.IntegerLookup(vocabulary=[12, 3], output_mode="count", mask_token=-1)(code),
        adapted(L.Normalization(), AGES)(age),
    ]
    return K.Model([city, code, age], L.Dense(1)(L.Concatenate()(parts))), [CITIES, CODES, AGES]


def bins():
    """Bins whose numbers come out: of others Keras 2.13 cannot read what it has written."""
    x = L.Input((1,), name="age")
    given = L.Discretization([30.0, 50.0])(x)
    y = adapted(L.Discretization(num_bins=3, epsilon=0.1), AGES)(x)
    z = adapted(L.Discretization(num_bins=2), AGES)(x)
    parts = [L.Flatten()(L.Embedding(4, 2)(one)) for one in (given, y, z)]
    return K.Model(x, L.Dense(1)(L.Concatenate()(parts))), [AGES]


def given():
    x = L.Input((1,), dtype="string", name="text")
    y = L.TextVectorization(vocabulary=["film", "fun", "é"], idf_weights=[0.5, 1.5, 2.5], output_mode="tf_idf")(x)
    return K.Model(x, L.Dense(1)(y)), [TEXTS]


MODELS = [words, weighted, table, bins, given]


def set_weights(model):
    """What is trained, to numbers that are others for each of them."""
    for index, weight in enumerate(model.trainable_weights):
        count = int(np.prod(weight.shape))
        weight.assign(np.sin(np.arange(1, count + 1) * (index + 1.5)).reshape(weight.shape).astype("float32"))


def packed(path):
    """The files of a folder, or one."""
    files = {}
    paths = [os.path.join(place, name) for place, _, names in os.walk(path) for name in names] if os.path.isdir(path) else [path]
    for one in sorted(paths):
        name = "" if one == path else os.path.relpath(one, path).replace(os.sep, "/")
        if name == "fingerprint.pb":
            continue
        with open(one, "rb") as file:
            files[name] = base64.b64encode(gzip.compress(file.read(), mtime=0)).decode()
    return files


def case(make, suffix):
    K.backend.clear_session()
    model, inputs = make()
    set_weights(model)
    tensors = [tf.constant(one) for one in inputs]
    predicted = np.asarray(model(tensors if len(tensors) > 1 else tensors[0]))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + suffix)
        try:
            model.save(path)
        except NotImplementedError:
            return None
        files = packed(path)
    return {
        "name": make.__name__,
        "suffix": suffix,
        "inputs": inputs,
        "predicted": [float(f"{value:.7g}") for value in predicted.ravel()],
        "files": files,
    }


def cases(makes, suffixes):
    found = [case(make, suffix) for make in makes for suffix in suffixes]
    return [one for one in found if one is not None]


if __name__ == "__main__":
    print(json.dumps(cases(MODELS, [".keras", ".h5", ""]), separators=(",", ":")))
