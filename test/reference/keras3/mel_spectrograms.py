"""
Prints what Keras 3's layer of Mel spectrograms makes of waves: outputs, and the gradients of the sum of outputs times sines.

    npm run reference -- keras3/mel_spectrograms
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


def case(samples, **options):
    layer = keras.layers.MelSpectrogram(**options)
    x = wave((2, samples))

    def total(x):
        output = layer(x)
        return (output * wave(output.shape, 0.5)).sum(), output

    (_, output), of_input = jax.value_and_grad(total, has_aux=True)(x)
    return {
        "options": {camel(key): value for key, value in options.items()},
        "samples": samples,
        "shape": list(output.shape),
        "output": numbers(output),
        "inputGradient": numbers(of_input),
    }


small = {"fft_length": 64, "sequence_stride": 20, "num_mel_bins": 6, "sampling_rate": 8000}
cases = [
    case(150, **small),
    case(150, **small, power_to_db=False),
    case(160, **small, sequence_length=48, window="hamming", min_freq=100.0, max_freq=3000.0),
    case(150, **small, mag_exp=1.0, top_db=20.0, ref_power=10.0, power_to_db=True),
    case(150, **small, window=None, min_power=1e-2, top_db=30.0),
    case(150, **{**small, "fft_length": 30}, sequence_length=4, window=[1.0, 2.0, 2.0, 1.0], power_to_db=False),
    case(40, **small, power_to_db=False),
    case(3000, fft_length=1024, num_mel_bins=10, sampling_rate=16000),
]
masks = {"MelSpectrogram": keras.layers.MelSpectrogram().supports_masking}
print(json.dumps({"cases": cases, "masks": masks}))
