"""Summaries that Keras 2.13 prints: the lines of each, without those that are blank, as R prints them."""

import json
import sys
from pathlib import Path

import tensorflow as tf

sys.path.append(str(Path(__file__).parent / "shared"))

from summary_models import models

texts = {}
for name, (model, options, _) in models(tf.keras).items():
    lines = []
    model.summary(print_fn=lines.append, **options)
    texts[name] = [line.rstrip() for line in lines if line.strip() != ""]
print(json.dumps(texts, ensure_ascii=False, indent=1))
