"""
Writes tf_record.json: files of one record each, which TensorFlow writes, in base64: an example with one feature, of whole numbers, of
none, of bytes, of texts.
"""
import base64
import json
import os
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

raw = np.linspace(-1, 1, 70).astype("float32").tobytes()
texts = ["", "one", "größer 🙂"]
features = {
    "integers": tf.train.Feature(int64_list=tf.train.Int64List(value=[0, 5, 127, 128, 300000])),
    "none": tf.train.Feature(int64_list=tf.train.Int64List(value=[])),
    "bytes": tf.train.Feature(bytes_list=tf.train.BytesList(value=[raw])),
    "texts": tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode() for text in texts])),
}

files = {}
with tempfile.TemporaryDirectory() as folder:
    for name, feature in features.items():
        example = tf.train.Example(features=tf.train.Features(feature={name: feature}))
        path = os.path.join(folder, name)
        with tf.io.TFRecordWriter(path) as writer:
            writer.write(example.SerializeToString())
        with open(path, "rb") as file:
            files[name] = base64.b64encode(file.read()).decode()

print(json.dumps(files, indent=1))
