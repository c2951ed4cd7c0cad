"""What Keras 2.13's `ImageDataGenerator` makes of images: by given transformations, by seeds, fitted to data, and in batches."""

import base64
import contextlib
import io
import json
import os
import tempfile
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

import numpy as np
from keras.preprocessing.image import ImageDataGenerator
from PIL import Image

rows, columns = 7, 9
y, x = np.mgrid[0:rows, 0:columns].astype("float32")
image = np.stack([x * 30, 120 + 100 * np.sin(y + x / 2), 250 - y * 35], axis=-1).astype("float32")
opaque = np.concatenate([image, 255 - image[:, :, :1]], axis=-1)
dark = (image - 100) / 50
# Not quite whole numbers, so that no place lies on the border between two pixels.
TRANSFORMATIONS = [
    {"theta": 23.4},
    {"theta": -170.3},
    {"tx": 2.3},
    {"ty": -3.7},
    {"tx": 20.2, "ty": -31.1},
    {"shear": 15.3},
    {"zx": 0.613, "zy": 1.337},
    {"zx": 2.913, "zy": 3.127},
    {"theta": 40.1, "tx": 1.7, "ty": 2.1, "shear": -22.2, "zx": 1.313, "zy": 0.721},
    {"flip_horizontal": True},
    {"flip_vertical": True, "flip_horizontal": True},
    {"channel_shift_intensity": 33.3},
    {"brightness": 0.62},
    {"brightness": 1.71},
    {"theta": 10.9, "flip_vertical": True, "channel_shift_intensity": -25.5, "brightness": 1.2},
]


def flat(array):
    return np.round(np.asarray(array).astype("float64"), 4).ravel().tolist()


def transformed(array, transformation, **options):
    generator = ImageDataGenerator(**options)
    return {
        "options": options,
        "transformation": transformation,
        "values": flat(generator.apply_transform(array.copy(), transformation)),
    }


modes = [{"fill_mode": mode} for mode in ["nearest", "reflect", "wrap"]] + [{"fill_mode": "constant", "cval": 7.5}]
moving = TRANSFORMATIONS[:9]
applied = [transformed(image, one, **options) for one in moving for options in modes]
applied += [transformed(image, one) for one in TRANSFORMATIONS[9:]]
applied += [transformed(image, one, interpolation_order=0, fill_mode="reflect") for one in moving]
scaled = [transformed(array, {"brightness": 0.7}) for array in [dark, opaque]]

DRAWN = [
    dict(rotation_range=30, width_shift_range=0.2, height_shift_range=0.3, shear_range=10, zoom_range=0.2, horizontal_flip=True),
    dict(width_shift_range=3.5, height_shift_range=[1, 2, 4], zoom_range=[0.5, 0.8], vertical_flip=True),
    dict(width_shift_range=[0.1, -0.25], channel_shift_range=20.0, brightness_range=[0.3, 1.4]),
    {},
]


def plain(value):
    return value.item() if isinstance(value, np.generic) else value


drawn = [
    {
        "options": options,
        "seed": seed,
        "transformation": {
            name: bool(value) if name.startswith("flip") else plain(value)
            for name, value in ImageDataGenerator(**options).get_random_transform(image.shape, seed).items()
        },
    }
    for options in DRAWN
    for seed in [0, 1, 42, 4294967295]
]

STANDARD = [
    dict(rescale=1 / 255),
    dict(samplewise_center=True),
    dict(samplewise_std_normalization=True, rescale=0.5),
    dict(featurewise_center=True),
    dict(featurewise_std_normalization=True, rescale=1 / 127.5),
    dict(featurewise_center=True, featurewise_std_normalization=True, samplewise_center=True),
    dict(zca_whitening=True, zca_epsilon=1e-3),
]
data = np.random.RandomState(5).uniform(0, 255, [40, 3, 2, 2]).astype("float32")
standardized = []
for options in STANDARD:
    generator = ImageDataGenerator(**options)
    generator.fit(data)
    standardized.append({"options": options, "values": flat(generator.standardize(data[3].copy()))})
augmented = ImageDataGenerator(featurewise_std_normalization=True, rotation_range=40, horizontal_flip=True, rescale=0.01)
augmented.fit(data, augment=True, rounds=3, seed=11)
fitted = {
    "options": dict(featurewise_std_normalization=True, rotation_range=40, horizontal_flip=True, rescale=0.01),
    "mean": flat(augmented.mean),
    "std": flat(augmented.std),
}

labels = np.arange(11)
weights = np.arange(11) / 10
images = np.random.RandomState(6).uniform(0, 255, [11, 4, 5, 1]).astype("float32")


def taken(flow, count):
    batches = []
    for _ in range(count):
        batch = next(flow)
        batches.append([flat(part) for part in (batch if isinstance(batch, tuple) else (batch,))])
    return batches


def flow(options, **arguments):
    generator = ImageDataGenerator(**options)
    # Keras takes the weights of other images where there is a part.
    weighted = {} if "subset" in arguments else {"sample_weight": weights}
    made = generator.flow(images, labels % 2, **weighted, **arguments)
    return {"options": options, "arguments": arguments, "batches": taken(made, 2 * len(made))}


changes = dict(rotation_range=20, width_shift_range=0.2, horizontal_flip=True)
flows = [
    flow(changes, batch_size=4, seed=9),
    flow({}, batch_size=4, shuffle=False),
    flow(dict(validation_split=0.4, **changes), batch_size=3, seed=2, subset="training"),
    flow(dict(validation_split=0.4, **changes), batch_size=3, seed=2, subset="validation"),
]

FILES = {}


def add(name, shift, size):
    height, width = size
    row, column = np.mgrid[0:height, 0:width]
    pixels = np.stack([(column * 20 + shift) % 256, (row * 25 + shift * 2) % 256, (row * column + shift) % 256], -1)
    stream = io.BytesIO()
    Image.fromarray(pixels.astype("uint8")).save(stream, format="png")
    FILES[name] = stream.getvalue()


for index, name in enumerate(
    ["cats/2.png", "cats/10.png", "cats/1.PNG", "cats/deep/a.png", "dogs/a.png", "dogs/B.png", "dogs/c.png", "owls/x.png", "owls/y.png"]
):
    add(name, 17 * index, (6 + index % 3, 8 - index % 2))
FILES["owls/notes.txt"] = b"no image"
FILES["beside.png"] = FILES["owls/x.png"]
folder = tempfile.mkdtemp()
for name, content in FILES.items():
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def quiet(make):
    with contextlib.redirect_stdout(io.StringIO()):
        return make()


def folder_flow(options, **arguments):
    made = quiet(lambda: ImageDataGenerator(**options).flow_from_directory(folder, **arguments))
    return {
        "options": options,
        "arguments": arguments,
        "files": made.filenames,
        "classes": made.classes.tolist(),
        "class_indices": made.class_indices,
        "batches": taken(made, len(made) + 1),
    }


small = dict(target_size=[4, 5])
folders = [
    folder_flow({}, batch_size=4, shuffle=False, **small),
    folder_flow(changes, batch_size=4, seed=3, class_mode="sparse", interpolation="bilinear", **small),
    folder_flow(dict(validation_split=0.4), subset="training", shuffle=False, class_mode=None, **small),
    folder_flow(dict(validation_split=0.4), subset="validation", shuffle=False, class_mode="input", **small),
    folder_flow(dict(rescale=0.5), classes=["dogs", "cats"], class_mode="binary", color_mode="grayscale", seed=8, **small),
]

saved = tempfile.mkdtemp()
made = quiet(
    lambda: ImageDataGenerator(**changes).flow_from_directory(
        folder, seed=4, batch_size=3, save_to_dir=saved, save_prefix="seen", **small
    )
)
next(made)
names = {
    name: np.asarray(Image.open(os.path.join(saved, name))).ravel().tolist() for name in sorted(os.listdir(saved))
}
made = ImageDataGenerator().flow(images, seed=4, batch_size=3, save_to_dir=saved, save_prefix="data")
before = set(os.listdir(saved))
next(made)
data_names = sorted(set(os.listdir(saved)) - before)

print(
    json.dumps(
        {
            "image": flat(image),
            "opaque": flat(opaque),
            "dark": np.round(dark.astype("float64"), 7).ravel().tolist(),
            "applied": applied,
            "scaled": scaled,
            "drawn": drawn,
            "data": flat(data),
            "standardized": standardized,
            "fitted": fitted,
            "images": flat(images),
            "flows": flows,
            "files": {name: base64.b64encode(content).decode() for name, content in FILES.items()},
            "folders": folders,
            "saved": names,
            "saved_data": data_names,
        }
    )
)
