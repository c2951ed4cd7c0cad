"""
Writes normalization.json: outputs, and gradients of input and weight of the sum of the outputs times fixed numbers, of the normalization
that only Keras 3 has; and which of Keras 3's own layers let masks pass.

Options are written as this library names them.
"""
import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax
import numpy as np
from keras import layers


def waves(shape, shift):
    """0.5 · sin(1.7 n + shift), which TypeScript makes alike."""
    return (0.5 * np.sin(np.arange(int(np.prod(shape))) * 1.7 + shift)).reshape(shape).astype("float32")


def digits(value):
    return [float(f"{x:.7g}") for x in np.asarray(value, dtype="float64").ravel()]


def case(options, shape):
    layer = layers.RMSNormalization(**options)
    layer.build(shape)
    x = waves(shape, 0.3)
    scale = waves(layer.scale.shape, 1.0)

    def loss(x, scale):
        output, _ = layer.stateless_call([scale], [], x)
        return (output * waves(shape, 0.7)).sum(), output

    (_, output), gradients = jax.value_and_grad(loss, argnums=(0, 1), has_aux=True)(x, scale)
    return {
        "options": options,
        "shape": list(shape),
        "output": digits(output),
        "gradients": [digits(gradient) for gradient in gradients],
    }


cases = [case({}, (2, 4, 3)), case({"axis": [1, 2], "epsilon": 0.01}, (2, 4, 3))]
masks = {
    "GroupQueryAttention": bool(layers.GroupQueryAttention(2, 2, 1).supports_masking),
    "Identity": bool(layers.Identity().supports_masking),
    "RMSNormalization": bool(layers.RMSNormalization().supports_masking),
}
print(json.dumps({"rms": cases, "masks": masks}, separators=(",", ":")))
