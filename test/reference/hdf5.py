"""HDF5 files as h5py writes them, in base64: one with what Keras's files hold, one with what leads out of a file or
pretends to be more than it is."""

import base64
import json
import os
import tempfile

import h5py
import numpy as np


def usual(f):
    f.attrs["text"] = "naïve"
    f.attrs["bytes"] = np.bytes_(b"abc")
    f.attrs["number"] = np.int64(5)
    f.attrs["fraction"] = 0.5
    f.attrs["names"] = np.array([b"dense", b"dense_1"])
    f.attrs["none"] = []
    f.attrs["complex"] = np.array([1 + 2j])
    g = f.create_group("model_weights/dense")
    g["kernel:0"] = np.arange(6, dtype="float32").reshape(2, 3)
    g["wide"] = np.arange(4, dtype="float64")
    g["steps"] = np.int64(2**40)
    g["small"] = np.array([-1, 2], dtype="int32")
    f.create_dataset("packed", data=np.arange(1000, dtype="float32"), chunks=(100,), compression="gzip")
    f["void"] = np.zeros((0, 3), dtype="float32")


def hostile(f):
    f["half"] = np.arange(4, dtype="f2")
    f["big_endian"] = np.arange(4, dtype=">f4")
    f["texts"] = ["a", "b"]
    f["away"] = h5py.ExternalLink("outside.h5", "/x")
    f["round"] = h5py.SoftLink("/round")
    g = f.create_group("g")
    g["self"] = g
    f.create_dataset("bomb", shape=(100000, 10000), dtype="f4", chunks=(1000, 10000), compression="gzip")
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_external(b"/etc/passwd", 0, 100)
    h5py.h5d.create(f.id, b"outside", h5py.h5t.NATIVE_INT8, h5py.h5s.create_simple((100,)), dcpl=plist)


def file_of(write):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "f.h5")
        with h5py.File(path, "w", track_order=False) as f:
            write(f)
        with open(path, "rb") as f:
            return base64.b64encode(f.read()).decode()


print(json.dumps({"usual": file_of(usual), "hostile": file_of(hostile)}))
