"""
Has ONNX's own checker look at what test/onnx/write.ts wrote, and infer all shapes; ONNX's reference implementation of the operators, in
NumPy, must compute the same to 1e-5.

    python test/onnx/check.py FOLDER
"""
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

folder = pathlib.Path(sys.argv[1])
expected = json.loads((folder / "expected.json").read_text())


def array(values):
    if "texts" in values:
        return np.array(values["texts"], dtype=np.str_).reshape(values["shape"])
    return np.array(values["values"], dtype=values["dtype"].replace("bool", "bool_")).reshape(values["shape"])


#: Operators that the reference implementation knows in part: loops along other axes than the first, all outputs of recurrent ones, and their
#: activations are not there. Their files are checked all the same, and computed by ONNX Runtime in the tests.
NOT_COMPUTED = {"Scan", "LSTM", "RNN"}

wrong = []
computed = 0
for one in expected:
    file = str(folder / one["file"])
    try:
        onnx.checker.check_model(file, full_check=True)
        model = onnx.load(file)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        feeds = {port.name: array(values) for port, values in zip(model.graph.input, one["inputs"])}
        if NOT_COMPUTED & {node.op_type for node in model.graph.node}:
            continue
        outputs = ReferenceEvaluator(model).run(None, feeds)
        computed += 1
        for output, values in zip(outputs, one["outputs"]):
            target = array(values)
            scale = max(1.0, float(np.abs(target).max(initial=0)))
            assert output.shape == target.shape, f"{output.shape} for {target.shape}"
            far = float(np.abs(output - target).max(initial=0)) / scale
            assert far <= 1e-5, f"{far} off"
    except Exception as error:  # each is reported, whatever it is
        wrong.append(f"{one['title']}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
print(f"onnx {onnx.__version__}: {len(expected)} files checked, {computed} computed, {len(wrong)} wrong")
for line in wrong:
    print(line)
sys.exit(1 if wrong else 0)
