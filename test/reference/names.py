"""Writes names.json: the classes and functions that Keras 2.13 has under each of its modules."""
import importlib
import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
MODULES = ["layers", "losses", "metrics", "optimizers", "optimizers.schedules"]
MODULES += ["initializers", "constraints", "regularizers", "activations"]


def names_in(module):
    found = importlib.import_module(f"tensorflow.keras.{module}")
    return [name for name in dir(found) if not name.startswith("_") and callable(getattr(found, name))]


print(json.dumps({module: names_in(module) for module in MODULES}))
