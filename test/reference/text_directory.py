"""The order in which Keras 2.13 goes through a folder of texts, with and without a seed, in parts, and the batches that it makes.

The folder's files are in the JSON, too, so that a test can make the same folder: paths and contents.
"""

import copy
import json
import os
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import contextlib
import io

import keras
from keras.src.utils import dataset_utils

FILES = {
    "pos/b.txt": "good",
    "pos/a.txt": "fine, fine",
    "pos/B.TXT": "great",
    "pos/notes.md": "no text of the data",
    "pos/sub/z.txt": "deep",
    "pos/sub-a/z.txt": "deeper",
    "pos/sub/deep/y.txt": "deepest",
    "pos/10.txt": "ten",
    "pos/9.txt": "nine",
    "neg/\uff5a.txt": "wide",
    "neg/\U0001d518.txt": "far",
    "neg/a.txt": "bad \u00e4\u00f6\u00fc \u20ac",
    "neg/c.txt": "",
    "neg/d.txt": "line\nline\r\n",
    "neutral/a.txt": "so so",
    "neutral/.hidden.txt": "hidden",
    "readme.txt": "beside the classes",
}
TWO = [name for name in FILES if not name.startswith(("neutral/", "readme"))]


def folder_of(names):
    folder = tempfile.mkdtemp()
    for name in names:
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(FILES[name].encode())
    return folder


folder = folder_of(FILES)
two = folder_of(TWO)


def listed(labels="inferred", class_names=None, shuffle=True, seed=None, split=None, subset=None, directory=folder):
    with contextlib.redirect_stdout(io.StringIO()):
        paths, numbers, names = dataset_utils.index_directory(
            directory, labels, formats=(".txt",), class_names=class_names, shuffle=shuffle, seed=seed
        )
        paths, numbers = dataset_utils.get_training_or_validation_split(paths, numbers, split, subset)
    return {
        "files": [os.path.relpath(path, directory) for path in paths],
        "labels": [int(number) for number in numbers],
        "class_names": list(names),
    }


def case(**options):
    # A copy, since Keras shuffles the list that it is given.
    return {"options": copy.deepcopy(options), **listed(**options)}


def batches(directory, **options):
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = keras.utils.text_dataset_from_directory(directory, shuffle=False, **options)
    result = []
    for batch in dataset:
        texts, labels = batch if isinstance(batch, tuple) else (batch, None)
        result.append(
            {
                # Cut by bytes: what is left of a character is none.
                "texts": [text.decode("utf-8", "ignore") for text in texts.numpy()],
                "labels": None if labels is None else labels.numpy().tolist(),
                "dtype": None if labels is None else labels.dtype.name,
            }
        )
    return {"two": directory == two, "options": options, "batches": result}


print(
    json.dumps(
        {
            "files": FILES,
            "two": TWO,
            "orders": [
                case(shuffle=False),
                case(seed=13),
                case(seed=2**32 - 1, class_names=["neutral", "pos", "neg"]),
                case(seed=5, split=0.3, subset="training"),
                case(seed=5, split=0.3, subset="validation"),
                case(shuffle=False, split=0.25, subset="validation"),
                case(labels=None, shuffle=False),
                case(labels=list(range(100, 116)), seed=3),
            ],
            "batches": [
                batches(folder, batch_size=6),
                batches(folder, batch_size=6, label_mode="categorical", max_length=7),
                batches(folder, label_mode=None, batch_size=9),
                batches(two, label_mode="binary"),
                batches(folder, labels=[2, 5] * 8, batch_size=10),
                batches(folder, labels=None, batch_size=16),
            ],
        }
    )
)
