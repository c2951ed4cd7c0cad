"""
Writes event_files.json: what Keras 2.13's TensorBoard callback writes, by TensorBoard's own reader: the tags of each run with their
steps, shapes and plugins, the parts of histograms, and the pixels of pictures. Training changes nothing: its rate is 0.
"""
import glob
import json
import os
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util
from tensorflow.keras import Sequential, callbacks, layers, optimizers

model = Sequential(
    [
        layers.Conv2D(2, 2, input_shape=(3, 3, 1), name="conv2d"),
        layers.Flatten(name="flatten"),
        layers.Dense(3, name="dense"),
        layers.Dense(1, name="dense_1"),
    ]
)
weights = [
    (np.linspace(-0.25, 1.25, num=int(np.prod(w.shape))).reshape(w.shape)).astype("float32") for w in model.get_weights()
]
model.set_weights(weights)
schedule = optimizers.schedules.ExponentialDecay(0.0, 2, 0.5)
model.compile(optimizers.SGD(schedule), "mse", metrics=["mae"])
x = (np.arange(8 * 9).reshape(8, 3, 3, 1) / 50).astype("float32")
y = (np.arange(8).reshape(8, 1) / 4).astype("float32")

with tempfile.TemporaryDirectory() as folder:
    board = callbacks.TensorBoard(folder, histogram_freq=2, write_images=True)
    model.fit(x, y, epochs=3, batch_size=2, validation_split=0.25, shuffle=False, verbose=0, callbacks=[board])
    runs = {}
    for run in ("train", "validation"):
        events = EventAccumulator(os.path.join(folder, run), size_guidance={"tensors": 0})
        events.Reload()
        tags = {}
        for tag in events.Tags()["tensors"]:
            found = events.Tensors(tag)
            value = tensor_util.make_ndarray(found[0].tensor_proto)
            plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
            entry = {"plugin": plugin, "steps": [event.step for event in found], "shape": list(value.shape)}
            if plugin == "scalars":
                entry["values"] = [float(tensor_util.make_ndarray(event.tensor_proto)) for event in found]
            elif plugin == "histograms":
                entry["values"] = value.tolist()
            elif plugin == "images":
                entry["size"] = [int(value[0]), int(value[1])]
                entry["pixels"] = [tf.io.decode_png(file).numpy().reshape(-1).tolist() for file in value[2:]]
            tags[tag] = entry
        runs[run] = tags
print(json.dumps({"x": x.reshape(-1).tolist(), "y": y.reshape(-1).tolist(), "weights": [w.reshape(-1).tolist() for w in weights], "runs": runs}))
