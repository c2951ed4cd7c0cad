"""Numbers on their way between this library and Keras, as test/keras/values.ts has them, and how far they may be apart."""
import numpy as np


def array(values):
    return np.array(values["values"], dtype=values["dtype"].replace("bool", "bool_")).reshape(values["shape"])


def plain(values):
    values = np.asarray(values)
    kind = "bool" if values.dtype == bool else "int32" if values.dtype.kind in "iu" else "float32"
    return {"shape": list(values.shape), "dtype": kind, "values": values.astype("float64").ravel().tolist()}


def one(values):
    return values[0] if len(values) == 1 else values


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def close(actual, expected, what, tolerance=1e-5):
    actual, expected = (np.asarray(values, dtype="float64") for values in (actual, expected))
    if actual.shape != expected.shape:
        raise AssertionError(f"{what}: the shape {actual.shape} in the place of {expected.shape}")
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    worst = float(np.max(np.abs(actual - expected), initial=0))
    if not worst <= tolerance * scale:
        raise AssertionError(f"{what}: {worst:.2e} of {scale:.2e}")


def said(error):
    return f"{type(error).__name__}: {' '.join(str(error).split())[-300:]}"
