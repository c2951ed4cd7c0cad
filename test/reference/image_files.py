"""Images in files as Keras 2.13 has them: `load_img` with Pillow, and `image_dataset_from_directory` with TensorFlow's kernels.

The files are drawn here, and are in the JSON, too, so that a test can write them: paths and contents in base64.
"""

import base64
import contextlib
import io
import json
import os
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from PIL import Image

FILES = {}


def add(name, image, **options):
    stream = io.BytesIO()
    kind = {"jpg": "jpeg", "jpeg": "jpeg"}.get(name.rsplit(".", 1)[1].lower(), name.rsplit(".", 1)[1].lower())
    image.save(stream, format=kind, **options)
    FILES[name] = stream.getvalue()


def picture(height, width, shift=0):
    """A slope, a wave and a bright corner, of three colors."""
    y, x = np.mgrid[0:height, 0:width].astype("float64")
    red = 255 * (x + shift) / (width + shift)
    green = 127 + 120 * np.sin(y * 0.9 + x * 0.4 + shift)
    blue = np.where((x < width / 3) & (y < height / 2), 250, 20 + 10 * y)
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 255).astype("uint8")


def opacity(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return ((x * 37 + y * 19) % 256).astype("uint8")


color = Image.fromarray(picture(9, 13))
gray = color.convert("L")
clear = Image.fromarray(np.dstack([picture(9, 13), opacity(9, 13)]), "RGBA")
palette = color.quantize(8)

add("color.jpg", color, quality=90)
add("halved.jpeg", color, quality=70, subsampling="4:2:0")
add("gray.jpg", gray, quality=85)
add("progressive.JPG", color, progressive=True)
add("color.png", color)
add("clear.png", clear)
add("gray.png", gray)
add("gray-clear.png", clear.convert("LA"))
add("palette.png", palette)
add("palette-clear.png", palette, transparency=2)
add("bits.png", gray.convert("1"))
add("color.bmp", color)
add("palette.bmp", palette)
add("gray.bmp", gray)
add("color.gif", palette, save_all=True, append_images=[Image.fromarray(picture(9, 13, 5)).quantize(8)], duration=10)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    # Of blocks as large as JPEG's, so that turning them changes nothing.
    add(f"exif{orientation}.jpg", Image.fromarray(picture(16, 32)), quality=95, subsampling=0, exif=exif)

folder = tempfile.mkdtemp()


def write(files, into):
    for name, content in files.items():
        path = os.path.join(into, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


write(FILES, folder)


def load(name, **options):
    image = keras.utils.load_img(os.path.join(folder, name), **options)
    array = keras.utils.img_to_array(image)
    return {
        "file": name,
        "options": options,
        "shape": list(array.shape),
        "values": array.astype(int).ravel().tolist(),
    }


PLAIN = [name for name in FILES if not name.startswith("exif")]
loads = [load(name, color_mode=mode) for name in PLAIN for mode in ["rgb", "grayscale", "rgba"]]
loads += [load(name) for name in ["exif1.jpg"]]
for interpolation in ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"]:
    for size in [[4, 5], [20, 17], [9, 6]]:
        loads.append(load("color.png", target_size=size, interpolation=interpolation))
    loads.append(load("clear.png", color_mode="rgba", target_size=[5, 7], interpolation=interpolation))
loads.append(load("color.png", target_size=[9, 13], interpolation="bilinear"))
for interpolation in ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"]:
    for size in [[4, 4], [7, 3], [30, 8], [2, 31]]:
        loads.append(load("color.png", target_size=size, interpolation=interpolation, keep_aspect_ratio=True))
loads.append(load("clear.png", color_mode="rgba", target_size=[5, 5], interpolation="bicubic", keep_aspect_ratio=True))

upright = []
for orientation in range(1, 9):
    image = Image.open(io.BytesIO(FILES[f"exif{orientation}.jpg"]))
    from PIL import ImageOps

    array = np.asarray(ImageOps.exif_transpose(image))
    upright.append({"file": f"exif{orientation}.jpg", "shape": list(array.shape), "values": array.ravel().tolist()})

CLASSES = {
    "b/2.png": FILES["color.png"],
    "b/10.jpg": FILES["color.jpg"],
    "b/deep/a.png": FILES["gray.png"],
    "a/x.bmp": FILES["color.bmp"],
    "a/y.GIF": FILES["color.gif"],
    "a/notes.txt": b"no image",
    "c/z.jpeg": FILES["halved.jpeg"],
    "c/u.png": FILES["palette.png"],
}
classes = tempfile.mkdtemp()
write(CLASSES, classes)


def dataset(directory=classes, **options):
    with contextlib.redirect_stdout(io.StringIO()):
        made = keras.utils.image_dataset_from_directory(directory, **options)
    batches = []
    if not options.get("shuffle", True):
        for batch in made:
            x, y = batch if isinstance(batch, tuple) else (batch, None)
            x = x.numpy().astype("float64")
            batches.append(
                {
                    "shape": list(x.shape),
                    "values": np.round(x, 3).ravel().tolist(),
                    "labels": None if y is None else y.numpy().tolist(),
                }
            )
    return {
        "options": options,
        "files": [os.path.relpath(path, directory) for path in made.file_paths],
        "class_names": [str(name) for name in made.class_names],
        "batches": batches,
    }


small = {"image_size": [4, 3], "shuffle": False}
datasets = [
    dataset(batch_size=3, **small),
    dataset(label_mode="categorical", crop_to_aspect_ratio=True, **small),
    dataset(labels=None, image_size=[3, 5], shuffle=False),
    dataset(labels=[1, 0, 1, 0, 1, 0, 1], label_mode="binary", batch_size=7, **small),
    dataset(seed=7),
    dataset(seed=7, validation_split=0.3, subset="training"),
    dataset(seed=7, validation_split=0.3, subset="validation"),
    dataset(seed=3, class_names=["c", "a", "b"]),
]
datasets += [
    dataset(interpolation=interpolation, **small)
    for interpolation in ["nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
]
larger = dataset(image_size=[14, 20], shuffle=False, crop_to_aspect_ratio=True, validation_split=0.2, subset="validation")
pngs = tempfile.mkdtemp()
PNGS = {"a/1.png": FILES["clear.png"], "b/1.png": FILES["palette-clear.png"], "b/2.png": FILES["gray.png"]}
write(PNGS, pngs)
modes = [dataset(pngs, color_mode=mode, **small) for mode in ["grayscale", "rgba"]]

from scipy import ndimage

noise = np.random.RandomState(3).uniform(-1, 1, [5, 7, 2]).astype("float32")
resized = [
    {
        "height": height,
        "width": width,
        "values": np.round(ndimage.zoom(noise, [height / 5, width / 7, 1], order=1).astype("float64"), 6).ravel().tolist(),
    }
    for height, width in [[10, 3], [3, 9], [5, 7], [1, 4]]
]

saved = []
for name, array, scale in [
    ["color", picture(6, 5).astype("float32") * 0.37 - 40, True],
    ["gray", noise[:, :, :1] * 3, True],
    ["plain", picture(4, 7).astype("float32") + 0.6, False],
    ["flat", np.full([2, 3, 1], 7, "float32"), True],
]:
    image = keras.utils.array_to_img(array, scale=scale)
    stream = io.BytesIO()
    image.save(stream, format="jpeg")
    saved.append(
        {
            "name": name,
            "scale": scale,
            "shape": list(array.shape),
            "array": array.astype("float64").ravel().tolist(),
            "png": np.asarray(image).ravel().tolist(),
            "jpeg": np.asarray(Image.open(stream)).ravel().tolist(),
        }
    )

encode = lambda files: {name: base64.b64encode(content).decode() for name, content in files.items()}
print(
    json.dumps(
        {
            "files": encode(FILES),
            "loads": loads,
            "upright": upright,
            "classes": encode(CLASSES),
            "datasets": [*datasets, larger],
            "pngs": encode(PNGS),
            "modes": modes,
            "noise": np.round(noise.astype("float64"), 9).ravel().tolist(),
            "resized": resized,
            "saved": saved,
        }
    )
)
