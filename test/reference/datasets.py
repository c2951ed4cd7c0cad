"""Small files in the formats of Keras's data sets, and what Keras 2.13's own loaders make of them.

Files are in base64; arrays as lists, of images the SHA-256 of their values as little-endian int32, row by row. `get_file` is replaced by one
that notes what Keras asks for, and gives the small files. Keras's loader of CIFAR-10 takes batches of 10,000 rows only: here its own
`load_batch` reads them, and they are put together as it does.
"""

import base64
import gzip
import hashlib
import io
import json
import os
import struct
import tarfile
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
from keras.src.datasets import cifar, cifar10, cifar100, fashion_mnist, reuters

random = np.random.default_rng(13)
folder = tempfile.mkdtemp()
files = {}
requests = []


def save(name, content):
    files[name] = base64.b64encode(content).decode()
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)


def get_file(fname, origin, **options):
    requests.append({"fname": fname, "origin": origin, **options})
    return os.path.join(folder, os.path.basename(fname))


for module in (cifar10, cifar100, fashion_mnist, reuters):
    module.get_file = get_file


def images(*shape):
    """Images that pack well: steps of brightness from a start."""
    starts = random.integers(0, 256, shape[:1] + (1,) * (len(shape) - 1))
    return ((starts + np.arange(np.prod(shape[1:])).reshape((1,) + shape[1:]) // 37) % 256).astype("uint8")


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array, dtype="<i4").tobytes()).hexdigest()


def summary(data):
    return [
        {"x": {"shape": list(x.shape), "sha256": sha256(x)}, "y": np.asarray(y).tolist()} for x, y in data
    ]


def gzipped(content):
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(content)
    return packed.getvalue()


# Reuters.
def make_reuters():
    xs = np.empty(23, dtype=object)
    for row, length in enumerate(random.integers(1, 12, 23)):
        xs[row] = [int(word) for word in random.integers(1, 300, length)]
    xs[4] = [30979, 1, 65536]
    packed = io.BytesIO()
    np.savez_compressed(packed, x=xs, y=random.integers(0, 46, 23))
    save("reuters.npz", packed.getvalue())
    save("reuters_word_index.json", json.dumps({"the": 1, "of": 2, "constructor": 4, "2001": 3}).encode())


def reuters_cases():
    cases = [
        {},
        {"num_words": 100},
        {"num_words": 200, "skip_top": 20, "maxlen": 8, "seed": 7, "test_split": 0.5},
        {"start_char": None, "oov_char": None, "index_from": 0, "num_words": 150, "skip_top": 5},
        {"test_split": 0.0},
    ]
    result = []
    for options in cases:
        (x_train, y_train), (x_test, y_test) = reuters.load_data(**options)
        lists = lambda xs: [[int(word) for word in x] for x in xs]
        result.append(
            {
                "options": options,
                "data": [
                    {"x": lists(x_train), "y": y_train.tolist()},
                    {"x": lists(x_test), "y": y_test.tolist()},
                ],
            }
        )
    return result


# Fashion-MNIST.
def make_fashion():
    for part, rows in (("train", 12), ("t10k", 5)):
        labels = random.integers(0, 10, rows).astype("uint8")
        save(f"{part}-labels-idx1-ubyte.gz", gzipped(struct.pack(">II", 0x801, rows) + labels.tobytes()))
        pixels = images(rows, 28, 28)
        save(
            f"{part}-images-idx3-ubyte.gz",
            gzipped(struct.pack(">IIII", 0x803, rows, 28, 28) + pixels.tobytes()),
        )


# CIFAR, whose pickles Python 2 wrote.
class Python2Pickle:
    """Writes what Python 2's pickle wrote in protocol 2: strings as BINSTRING, NumPy arrays by _reconstruct."""

    def __init__(self):
        self.out = io.BytesIO()
        self.memo = 0

    def dump(self, value):
        self.out.write(b"\x80\x02")
        self.write(value)
        self.out.write(b".")
        return self.out.getvalue()

    def put(self):
        self.out.write(b"q" + bytes([self.memo]) if self.memo < 256 else b"r" + struct.pack("<I", self.memo))
        self.memo += 1

    def write(self, value):
        if isinstance(value, dict):
            self.out.write(b"}")
            self.put()
            self.out.write(b"(")
            for key, item in value.items():
                self.write(key)
                self.write(item)
            self.out.write(b"u")
        elif isinstance(value, bytes):
            if len(value) < 256:
                self.out.write(b"U" + bytes([len(value)]) + value)
            else:
                self.out.write(b"T" + struct.pack("<I", len(value)) + value)
            self.put()
        elif isinstance(value, list):
            self.out.write(b"]")
            self.put()
            self.out.write(b"(")
            for item in value:
                self.write(item)
            self.out.write(b"e")
        elif isinstance(value, int):
            self.out.write(b"K" + bytes([value]))
        else:
            self.array(value)

    def array(self, value):
        self.out.write(b"cnumpy.core.multiarray\n_reconstruct\n")
        self.put()
        self.out.write(b"cnumpy\nndarray\n")
        self.put()
        self.out.write(b"K\x00\x85")
        self.put()
        self.out.write(b"U\x01b\x87")
        self.put()
        self.out.write(b"R")
        self.put()
        rows, columns = value.shape
        self.out.write(b"(K\x01M" + struct.pack("<H", rows) + b"M" + struct.pack("<H", columns) + b"\x86")
        self.put()
        self.out.write(b"cnumpy\ndtype\n")
        self.put()
        self.out.write(b"U\x02u1K\x00K\x01\x87")
        self.put()
        self.out.write(b"R")
        self.put()
        self.out.write(b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t")
        self.put()
        self.out.write(b"b\x89")
        self.write(value.tobytes())
        self.out.write(b"tb")


def tar(members):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as file:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if content is None:
                info.type = tarfile.DIRTYPE
                file.addfile(info)
            else:
                info.size = len(content)
                file.addfile(info, io.BytesIO(content))
    with tarfile.open(fileobj=io.BytesIO(packed.getvalue())) as file:
        file.extractall(folder)
    return gzipped(packed.getvalue())


def batch(name, rows, classes):
    record = {b"batch_label": name.encode()}
    for key, count in classes.items():
        record[key.encode()] = [int(label) for label in random.integers(0, count, rows)]
    record[b"data"] = images(rows, 3072)
    record[b"filenames"] = [f"image_{row}.png".encode() for row in range(rows)]
    return Python2Pickle().dump(record)


def make_cifar():
    ten = {"cifar-10-batches-py": None}
    for number in range(1, 6):
        ten[f"cifar-10-batches-py/data_batch_{number}"] = batch(f"batch {number}", 2, {"labels": 10})
    ten["cifar-10-batches-py/readme.html"] = b"<p>small</p>"
    ten["cifar-10-batches-py/test_batch"] = batch("testing batch", 3, {"labels": 10})
    save("cifar-10-batches-py.tar.gz", tar(ten))
    both = {"coarse_labels": 20, "fine_labels": 100}
    hundred = {"cifar-100-python": None}
    hundred["cifar-100-python/train"] = batch("training batch", 7, both)
    hundred["cifar-100-python/test"] = batch("testing batch", 4, both)
    save("cifar-100-python.tar.gz", tar(hundred))


def small_cifar10():
    try:
        cifar10.load_data()  # for what it asks for
    except ValueError:
        pass
    path = os.path.join(folder, "cifar-10-batches-py")
    parts = [cifar.load_batch(os.path.join(path, f"data_batch_{number}")) for number in range(1, 6)]
    x_train = np.concatenate([x for x, _ in parts])
    y_train = np.concatenate([np.array(y) for _, y in parts])
    x_test, y_test = cifar.load_batch(os.path.join(path, "test_batch"))
    return [
        (x_train.transpose(0, 2, 3, 1), np.reshape(y_train, (len(y_train), 1))),
        (x_test.transpose(0, 2, 3, 1), np.reshape(y_test, (len(y_test), 1))),
    ]


make_reuters()
make_fashion()
make_cifar()
result = {
    "files": files,
    "reuters": reuters_cases(),
    "word_index": reuters.get_word_index(),
    "fashion": summary(fashion_mnist.load_data()),
    "cifar10": summary(small_cifar10()),
    "cifar100": {mode: summary(cifar100.load_data(mode)) for mode in ("fine", "coarse")},
}
unique = []
for request in requests:
    if request not in unique:
        unique.append(request)
print(json.dumps({**result, "requests": unique}))
