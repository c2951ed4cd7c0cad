"""
Prints which of Keras 2.13's layers let a mask pass: those whose outputs have one if their input has.

    npm run reference -- masking
"""
import inspect
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
# What a layer cannot be made without; the others are made with nothing.
ARGUMENTS = {
    "Activation": {"activation": "relu"},
    "AlphaDropout": {"rate": 0.5},
    "Bidirectional": {"layer": L.LSTM(2)},
    "CenterCrop": {"height": 2, "width": 2},
    "Dense": {"units": 2},
    "Dot": {"axes": 1},
    "Dropout": {"rate": 0.5},
    "DepthwiseConv1D": {"kernel_size": 1},
    "DepthwiseConv2D": {"kernel_size": 1},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 2},
    "Embedding": {"input_dim": 2, "output_dim": 2, "mask_zero": True},
    "CategoryEncoding": {"num_tokens": 3},
    "GRU": {"units": 2},
    "GaussianDropout": {"rate": 0.5},
    "GaussianNoise": {"stddev": 0.5},
    "Hashing": {"num_bins": 3},
    "LSTM": {"units": 2},
    "Lambda": {"function": lambda x: x},
    "MultiHeadAttention": {"num_heads": 1, "key_dim": 1},
    "Permute": {"dims": (2, 1)},
    "RNN": {"cell": L.LSTMCell(2)},
    "RandomBrightness": {"factor": 0.5},
    "RandomContrast": {"factor": 0.5},
    "RandomCrop": {"height": 2, "width": 2},
    "RandomHeight": {"factor": 0.5},
    "RandomRotation": {"factor": 0.5},
    "RandomTranslation": {"height_factor": 0.5, "width_factor": 0.5},
    "RandomWidth": {"factor": 0.5},
    "RandomZoom": {"height_factor": 0.5},
    "RepeatVector": {"n": 2},
    "Rescaling": {"scale": 2},
    "Reshape": {"target_shape": (6,)},
    "Resizing": {"height": 2, "width": 2},
    "SimpleRNN": {"units": 2},
    "SpatialDropout1D": {"rate": 0.5},
    "SpectralNormalization": {"layer": L.Dense(2)},
    "SpatialDropout2D": {"rate": 0.5},
    "SpatialDropout3D": {"rate": 0.5},
    "TimeDistributed": {"layer": L.Dense(2)},
}
CONVOLUTIONS = {"filters": 2, "kernel_size": 1}
layers = {}
for name, layer in sorted(inspect.getmembers(L, inspect.isclass)):
    if not issubclass(layer, L.Layer) or name.startswith("_"):
        continue
    for options in (ARGUMENTS.get(name, {}), CONVOLUTIONS):
        try:
            made = layer(**options)
        except (TypeError, ValueError):
            continue
        layers[name] = bool(made.supports_masking)
        break
print(json.dumps(layers))
