"""
Prints which options each of Keras 3's layers takes: those of its `__init__`, and of those that this hands on to.

    npm run reference -- keras3/layer_options
"""
import inspect
import json
import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import keras as K

BASE = K.layers.Layer
# What the base class takes besides the arguments that it names.
FURTHER = {"input_shape", "batch_input_shape"}


def options_of(layer):
    options = set()
    for one in layer.__mro__:
        if "__init__" not in one.__dict__:
            continue
        parameters = inspect.signature(one.__init__).parameters.values()
        options |= {parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD}
        if one is BASE:
            return options | FURTHER
        if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
            break
    return options


def main():
    classes = {name: value for name, value in vars(K.layers).items() if inspect.isclass(value) and issubclass(value, BASE)}
    print(json.dumps({name: sorted(options_of(value) - {"self"}) for name, value in sorted(classes.items())}, indent=0))


if __name__ == "__main__":
    main()
