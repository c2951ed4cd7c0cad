"""A round of bench/images.ts in Keras 2: images a second from a folder, by themselves and for a convnet. Usage: images_peer.py FOLDER SIZE BATCH"""
import json
import sys
import time

import keras
import tensorflow as tf
from keras import layers

folder, size, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = keras.utils.image_dataset_from_directory(
    folder, image_size=(size, size), batch_size=batch, label_mode="binary", seed=1
).prefetch(tf.data.AUTOTUNE)
model = keras.Sequential(
    [
        layers.Input((size, size, 3)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(8, 3, strides=2, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy")


def decode():
    return sum(len(y) for _, y in data)


def rate(run):
    begun = time.perf_counter()
    run()
    return files / (time.perf_counter() - begun)


files = decode()
model.fit(data, epochs=1, verbose=0)
print(json.dumps({"decoded": rate(decode), "trained": rate(lambda: model.fit(data, epochs=1, verbose=0))}))
