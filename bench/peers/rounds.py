"""What the peers' programs have in common: rounds of training on request, in lines of JSON."""
import json
import os
import resource
import sys
import time

import numpy as np


def load(folder):
    """The arrays that the driver has written: x and y, or of sparse rows splits, columns and y."""
    names = [file[:-4] for file in os.listdir(folder) if file.endswith(".npy")]
    return {name: np.load(os.path.join(folder, f"{name}.npy")) for name in names}


LONG_ENOUGH = 1.5
"""Seconds of a round in which what a call costs by itself, and threads that wake after a pause, do not count."""


def serve(ways, steps, epochs, quick):
    """Answers `prepare`, `choose` and `round`.

    `ways` are functions that give a function which trains a number of epochs of `steps` steps, by the names under which the table
    shows them: compiled or not, as the peer's documentation advises. Those that work are tried after a warm-up; the quickest counts.
    A round has as many epochs as take `LONG_ENOUGH`, and no more than `epochs`.
    `quick` takes the first way: to compile several takes minutes.
    """
    if quick:
        ways = dict(list(ways.items())[:1])
    trains = {}
    chosen = None

    def timed(train, count):
        begun = time.perf_counter()
        train(count)
        return (time.perf_counter() - begun) * 1000 / (steps * count)

    def enough(milliseconds_per_step):
        return max(1, min(epochs, round(LONG_ENOUGH * 1000 / (milliseconds_per_step * steps))))

    for line in sys.stdin:
        request = json.loads(line)
        answer = {}
        if request == "prepare":
            failures = {}
            for name, make in ways.items():
                try:
                    train = make()
                    train(1)
                    trains[name] = train
                except Exception as error:  # what a peer cannot compile, it runs without
                    failures[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:200]}" if str(error) else type(error).__name__
            answer = {"failures": failures}
            if not trains:
                raise SystemExit(f"nothing works: {failures}")
        elif request == "choose":
            times = {}
            for name, train in trains.items():
                times[name] = timed(train, 1)
                # What is far behind is not tried twice.
                if times[name] < 1.5 * min(times.values()):
                    times[name] = min(times[name], timed(train, enough(times[name])))
            chosen = min(times, key=times.get)
            epochs = enough(times[chosen])
            for name in list(trains):
                if name != chosen:
                    del trains[name]
            answer = {"times": times}
        else:
            answer = {
                "millisecondsPerStep": timed(trains[chosen], epochs),
                "engine": chosen,
                "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        print(json.dumps(answer), flush=True)
