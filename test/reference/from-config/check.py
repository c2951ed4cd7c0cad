"""
Reads the configurations that this library saves of its layers, `{class, config, keras}` in the JSON files of a folder, and
checks that Keras takes each and makes the layer of it whose configuration is in test/reference/layers/*.json.

    npm run reference:configs
"""
import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

LEFT_OUT = {"name", "dtype", "batch_input_shape", "implementation", "time_major", "query_shape", "key_shape", "value_shape"}
SCALINGS = {"GlorotUniform": "uniform", "GlorotNormal": "truncated_normal"}


def normal(value):
    """Keras's objects without where their classes are, and without seeds."""
    if isinstance(value, dict) and "class_name" in value:
        name = value["class_name"]
        config = {key: normal(item) for key, item in value.get("config", {}).items() if key != "seed"}
        if name in SCALINGS:
            return {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": SCALINGS[name]}}
        return {"class_name": name, "config": config}
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ListWrapper":
        return [normal(item) for item in value]
    if isinstance(value, (np.integer, np.floating, np.ndarray)):
        value = value.tolist()
    return float(f"{value:.6g}") if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def main():
    wrong = 0
    count = 0
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
        for one in json.loads(path.read_text()):
            count += 1
            try:
                layer = getattr(tf.keras.layers, one["class"]).from_config(one["config"])
                made = {key: normal(value) for key, value in layer.get_config().items() if key not in LEFT_OUT}
                keras = {key: normal(value) for key, value in one["keras"].items() if key not in LEFT_OUT}
                # Attention that is built says which axes it is over.
                if keras.get("attention_axes", 0) is None:
                    made["attention_axes"] = None
                if made != keras:
                    raise ValueError({key: (made.get(key), keras[key]) for key in keras if made.get(key) != keras[key]})
            except Exception as error:  # whatever Keras does not take
                wrong += 1
                print(f"{path.stem}: {one['class']}: {error}")
    print(f"{count - wrong} of {count} configurations are taken by Keras.")
    sys.exit(1 if wrong or not count else 0)


if __name__ == "__main__":
    main()
