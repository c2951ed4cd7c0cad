"""Principal components by NumPy's singular value decomposition: scores of the first two, and their shares of the variance."""

import json

import numpy as np

random = np.random.RandomState(3)


def components(rows):
    centered = rows - rows.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centered, full_matrices=False)
    two = directions[:2]
    # The sign that scikit-learn gives them.
    signs = np.sign(two[np.arange(2), np.abs(two).argmax(axis=1)])
    points = centered @ (two * signs[:, None]).T
    return {
        "rows": rows.tolist(),
        "points": points.tolist(),
        "shares": ((sizes**2)[:2] / (sizes**2).sum()).tolist(),
    }


cases = {
    "tall": random.normal(size=(12, 4)) * [3, 1, 2, 0.5] + [10, 0, -5, 1],
    "wide": random.normal(size=(5, 9)) * np.linspace(3, 0.5, 9),
    "two columns": random.normal(size=(6, 2)) * [1, 3],
}
print(json.dumps({name: components(np.round(rows, 4)) for name, rows in cases.items()}))
