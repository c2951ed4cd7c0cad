"""Writes names.json: the classes and functions that Keras 3 has under each of its modules."""
import importlib
import json
import os

os.environ.setdefault("KERAS_BACKEND", "jax")
MODULES = ["layers", "losses", "metrics", "optimizers", "optimizers.schedules"]
MODULES += ["initializers", "constraints", "regularizers", "activations"]


def names_in(module):
    found = importlib.import_module(f"keras.{module}")
    return [name for name in dir(found) if not name.startswith("_") and callable(getattr(found, name))]


print(json.dumps({module: names_in(module) for module in MODULES}))
