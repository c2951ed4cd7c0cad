"""
Runs train.py on the workers of a Ray cluster, by Ray Train. All machines have this folder in the same place.

    python train_ray.py --workers 2
"""
import argparse
import importlib.util
import json
import os
import pathlib

import ray.train
from ray.train.tensorflow import TensorflowTrainer

FOLDER = pathlib.Path(__file__).resolve().parent
LEGACY = "TF_USE_LEGACY_KERAS"


def train_one(config):
    """What each worker does; Ray has set its TF_CONFIG."""
    # Which Keras trains is as where this was started: Ray would have the workers take Keras 2 in a package of its own.
    os.environ.pop(LEGACY, None)
    os.environ.update(config["environment"])
    spec = importlib.util.spec_from_file_location("train", pathlib.Path(config["folder"]) / "train.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    history = program.train(pathlib.Path(config["result"]))
    ray.train.report({name: values[-1] for name, values in history.items()})


def main():
    arguments = argparse.ArgumentParser(description="Trains the model in this folder on a Ray cluster.")
    arguments.add_argument("--workers", type=int, default=2, help="how many workers there are")
    arguments.add_argument("--gpus", action="store_true", help="whether each worker has a GPU")
    arguments.add_argument("--result", type=pathlib.Path, default=FOLDER / "result", help="where the result goes")
    given = arguments.parse_args()
    trainer = TensorflowTrainer(
        train_one,
        train_loop_config={
            "folder": str(FOLDER),
            "result": str(given.result.resolve()),
            "environment": {name: os.environ[name] for name in (LEGACY,) if name in os.environ},
        },
        scaling_config=ray.train.ScalingConfig(num_workers=given.workers, use_gpu=given.gpus),
        run_config=ray.train.RunConfig(storage_path=str((given.result / "ray").resolve())),
    )
    trainer.fit()
    first = given.result / "worker-0.json"
    if first.exists():
        history = json.loads(first.read_text())["history"]
        print({name: values[-1] for name, values in history.items()})
    else:
        print(f"The model is in {given.result.resolve()} of the machine whose worker was the first.")


if __name__ == "__main__":
    main()
