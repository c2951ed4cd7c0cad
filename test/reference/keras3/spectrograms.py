"""
Prints what Keras 3's layer of short-time Fourier transforms makes of waves: kernels as they begin, outputs, and the gradients of the sum of
outputs times sines.

    npm run reference -- keras3/spectrograms
"""
import json
import os
import re

os.environ["KERAS_BACKEND"] = "jax"
import jax
import keras
import numpy as np


def wave(shape, shift=0.0):
    """Sines of squares, of which no frequency is quite absent."""
    size = int(np.prod(shape))
    return np.sin(0.37 * np.arange(size) ** 2 + shift).reshape(shape).astype("float32")


def numbers(value):
    return [float(f"{x:.7g}") for x in np.asarray(value, dtype="float64").ravel()]


def camel(name):
    return re.sub(r"_(\w)", lambda found: found.group(1).upper(), name)


def case(shape, **options):
    layer = keras.layers.STFTSpectrogram(**options)
    x = wave((2, *shape))
    layer(x)
    variables = [variable.value for variable in layer.trainable_variables]

    def total(variables, x):
        output, _ = layer.stateless_call(variables, [], x)
        return (output * wave(output.shape, 0.5)).sum(), output

    (_, output), (of_weights, of_input) = jax.value_and_grad(total, argnums=(0, 1), has_aux=True)(variables, x)
    return {
        "options": {camel(key): value for key, value in options.items()},
        "input": list(shape),
        "shape": list(output.shape),
        "output": numbers(output),
        "kernels": [numbers(variable) for variable in variables],
        "weightGradients": [numbers(gradient) for gradient in of_weights],
        "inputGradient": numbers(of_input),
    }


small = {"frame_length": 8, "frame_step": 3}
cases = [
    *(case((20, 1), mode=mode, **small) for mode in ["log", "magnitude", "psd", "real", "imag", "angle", "stft"]),
    case((20, 2), **small, padding="same", window="hamming", scaling="spectrum"),
    case((20, 2), **small, fft_length=16, expand_dims=True, periodic=True, scaling=None),
    case((2, 20), **small, data_format="channels_first", mode="magnitude"),
    case((2, 20), **small, data_format="channels_first", mode="stft", expand_dims=True, window=None),
    case((20, 1), frame_length=6, mode="psd", window=[1.0, 2.0, 3.0, 3.0, 2.0, 1.0]),
]
masks = {"STFTSpectrogram": keras.layers.STFTSpectrogram().supports_masking}
print(json.dumps({"cases": cases, "masks": masks}))
