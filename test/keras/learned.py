"""
Prints the models of test/reference/keras_learned.py as Keras 3 saves them, whose layers with vocabularies need TensorFlow: in the environment
of `npm run test:keras`,

    python test/keras/learned.py > test/reference/keras3/learned.json
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "reference"))

from keras_learned import MODELS, cases  # noqa: E402

if __name__ == "__main__":
    print(json.dumps(cases(MODELS, [".keras"]), separators=(",", ":")))
