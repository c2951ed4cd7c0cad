"""Single layers in Keras 2.13, each between two dense layers, as bench/each-layer.ts has them.

Usage: python layer_peer.py PLAN. PLAN is JSON. Prints the milliseconds a step, by title: of the quicker of Keras's two ways.
"""
import json
import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

plan = json.loads(sys.argv[1])
clock = time.perf_counter if plan["wall"] else time.process_time
rows, results = plan["batch"] * plan["steps"], {}
random = np.random.default_rng(1)


def trainer(row, steps_per_execution):
    shape, ids = row["shape"], row["ids"]
    spec = dict(row["layer"])
    layer = getattr(layers, spec.pop("type"))(**spec)
    x = random.integers(0, ids, (rows, *shape)).astype("int32") if ids else random.random((rows, *shape), dtype="float32")
    before = [] if ids else [layers.Dense(shape[-1])]
    model = keras.Sequential([keras.Input(shape, dtype=str(x.dtype)), *before, layer, layers.Flatten(), layers.Dense(1)])
    model.compile(optimizer="rmsprop", loss="mse", steps_per_execution=steps_per_execution)
    y = random.random((rows, 1), dtype="float32")
    return lambda: model.fit(x, y, batch_size=plan["batch"], epochs=1, verbose=0)


for row in plan["rows"]:
    best = float("inf")
    for steps_per_execution in (1, plan["steps"]):
        train = trainer(row, steps_per_execution)
        train()
        times = []
        for _ in range(plan["rounds"]):
            begun = clock()
            train()
            times.append((clock() - begun) * 1000 / plan["steps"])
        best = min(best, statistics.median(times))
    results[row["title"]] = best
print(json.dumps(results))
