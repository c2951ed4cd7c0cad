"""Summaries that Keras 3 prints where there is room: the lines of each."""

import json
import os
import sys
from pathlib import Path

os.environ["COLUMNS"] = "200"
os.environ["KERAS_BACKEND"] = "jax"

import keras

sys.path.append(str(Path(__file__).parent.parent / "shared"))

from summary_models import models

texts = {}
for name, (model, options, length) in models(keras).items():
    lines = []
    wide = {} if length is None else {"line_length": length}
    model.summary(print_fn=lambda text: lines.append(text), **{**options, **wide})
    texts[name] = [line.rstrip() for line in "".join(lines).split("\n") if line.strip() != ""]
print(json.dumps(texts, ensure_ascii=False, indent=1))
