"""What Keras 2.13 makes of series: windows of timeseries_dataset_from_array and TimeseriesGenerator, and sampling tables.

Run as the README of this folder says; prints series.json.
"""

import itertools
import json

import numpy as np
from keras.preprocessing.sequence import TimeseriesGenerator, make_sampling_table, skipgrams
from keras.utils import timeseries_dataset_from_array

data = np.arange(40, dtype="float32").reshape(20, 2)
targets = np.arange(100, 120, dtype="float32")


def batches(dataset, with_targets):
    if with_targets:
        return [[x.numpy().tolist(), y.numpy().tolist()] for x, y in dataset]
    return [x.numpy().tolist() for x in dataset]


windows = []
for length, stride, rate, size, start, end, with_targets in itertools.chain(
    itertools.product([1, 3], [1, 2], [1, 3], [4], [None, 2], [None, 15], [True, False]),
    [(3, 1, 1, 128, None, None, True), (3, 2, 2, None, 1, 18, True), (3, 1, 1, None, None, None, False)],
):
    options = dict(
        sequence_length=length,
        sequence_stride=stride,
        sampling_rate=rate,
        batch_size=size,
        start_index=start,
        end_index=end,
    )
    dataset = timeseries_dataset_from_array(data, targets if with_targets else None, **options)
    windows.append(dict(options=options, targets=with_targets, batches=batches(dataset, with_targets)))

generators = []
for length, rate, stride, start, end, reverse, size in itertools.chain(
    itertools.product([2, 5], [1, 2], [1, 3], [0, 2], [None, 14], [False, True], [4]),
    [(3, 1, 1, 0, None, False, 128)],
):
    options = dict(
        length=length, sampling_rate=rate, stride=stride, start_index=start, end_index=end, reverse=reverse, batch_size=size
    )
    generator = TimeseriesGenerator(data, targets, **options)
    generators.append(
        dict(
            options=options,
            batches=[[x.tolist(), y.tolist()] for x, y in (generator[i] for i in range(len(generator)))],
        )
    )

sequence = [1, 2, 0, 3, 4, 5, 2]
grams = []
for window, categorical in itertools.product([1, 2, 4], [False, True]):
    couples, labels = skipgrams(
        sequence, 6, window_size=window, negative_samples=0.0, shuffle=False, categorical=categorical
    )
    grams.append(dict(window=window, categorical=categorical, couples=couples, labels=labels))

print(
    json.dumps(
        dict(
            windows=windows,
            generators=generators,
            sequence=sequence,
            skipgrams=grams,
            table=make_sampling_table(50).tolist(),
            steep=make_sampling_table(10, sampling_factor=0.1).tolist(),
        ),
        separators=(",", ":"),
    )
)
