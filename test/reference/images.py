"""
Prints what Keras 2.13 makes of fixed images whose contrast it changes by known factors, and whose height or width it changes by factors
drawn from a range of one number.

    npm run reference -- images
"""
import importlib.util
import json
import pathlib

import tensorflow as tf

spec = importlib.util.spec_from_file_location("layers", pathlib.Path(__file__).parent / "layers.py")
common = importlib.util.module_from_spec(spec)
spec.loader.exec_module(common)

images = 127.5 * (common.grid([2, 5, 4, 3], 7) + 1)
contrast = [
    {"factor": factor, "output": common.numbers(tf.clip_by_value(tf.image.adjust_contrast(images, factor), 0, 255))}
    for factor in (0.0, 0.4, 1.7, 3.0)
]
sizes = []
for name in ("RandomHeight", "RandomWidth"):
    for factor in (-0.4, 0.3, 0.99):
        for interpolation in ("bilinear", "nearest", "area", "gaussian"):
            layer = getattr(tf.keras.layers, name)([factor, factor], interpolation=interpolation)
            output = layer(images, training=True)
            sizes.append(
                {
                    "layer": f"layer{name}",
                    "options": {"factor": [factor, factor], "interpolation": interpolation},
                    "shape": output.shape.as_list(),
                    "output": common.numbers(output),
                }
            )
print(json.dumps({"images": common.numbers(images), "contrast": contrast, "sizes": sizes}, separators=(",", ":")))
