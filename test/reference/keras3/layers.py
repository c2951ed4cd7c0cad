"""
Prints what layers that only Keras 3 has make of the numbers of ../layers.py, in its form: one list of cases for each group in layers/*.py.

    npm run reference -- keras3/layers
"""
import importlib.util
import json
import os
import pathlib
import re

os.environ["KERAS_BACKEND"] = "jax"
import jax
import numpy as np

FOLDER = pathlib.Path(__file__).parent / "layers"
BATCH = 2
INPUT, WEIGHT, UPSTREAM = 0, 100, 500


def grid(shape, seed):
    """Numbers in [-1, 1) that TypeScript makes alike, exact in float32."""
    index = np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1 + 1009 * seed)
    hashed = (index * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    hashed ^= hashed >> np.uint64(15)
    hashed = (hashed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    return ((hashed >> np.uint64(16)).astype("float64") / 2**15 - 1).reshape(shape).astype("float32")


def camel(name):
    return re.sub(r"_(\w)", lambda found: found.group(1).upper(), name)


def numbers(value):
    """Seven digits, which is what float32 holds."""
    return [float(f"{x:.7g}") for x in np.asarray(value, dtype="float64").ravel()]


def case(function, make, options, shapes, about=None, masks=None, call=None, bools=()):
    """
    One case of an attention layer, which takes one argument for each input. `call` are given as the layer is called; `bools` are inputs
    that are truth values; `masks` are those of query and value. The scores are always asked for, and left out again: without them some
    backends of Keras take another way, on which what sees nothing gets the mean of all.
    """
    layer = make(**options)
    inputs = [grid([BATCH, *shape], INPUT + index) for index, shape in enumerate(shapes)]
    inputs = [value > -0.3 if index in bools else value for index, value in enumerate(inputs)]
    named = {**(call or {}), "return_attention_scores": True}
    count = 2 if (call or {}).get("return_attention_scores") else 1
    if bools:
        named["attention_mask"] = inputs[bools[0]]
    if masks is not None:
        named.update({name: np.array(mask) for name, mask in zip(["query_mask", "value_mask"], masks) if mask is not None})
    floats = [value for index, value in enumerate(inputs) if index not in bools]
    layer(*floats, **named)
    layer.set_weights([grid(weight.shape, WEIGHT + index) for index, weight in enumerate(layer.weights)])
    variables = [variable.value for variable in layer.trainable_variables]

    def total(variables, floats):
        outputs, _ = layer.stateless_call(variables, [v.value for v in layer.non_trainable_variables], *floats, **named)
        listed = list(outputs)[:count]
        return sum((output * grid(output.shape, UPSTREAM + i)).sum() for i, output in enumerate(listed)), listed

    (_, outputs), (ofWeights, ofInputs) = jax.value_and_grad(total, argnums=(0, 1), has_aux=True)(variables, floats)
    given = {camel(key): value for key, value in {**options, **(call or {})}.items()}
    return {
        "layer": function,
        "class": make.__name__ if make.__name__ != "GroupedQueryAttention" else "GroupQueryAttention",
        **({"about": about} if about else {}),
        "options": given,
        "inputs": [list(shape) for shape in shapes],
        **({"masks": masks} if masks else {}),
        "many": True,
        **({"bools": list(bools)} if bools else {}),
        "outputs": [numbers(output) for output in outputs],
        "shapes": [list(output.shape[1:]) for output in outputs],
        "inputGradients": [numbers(gradient) for gradient in ofInputs],
        "weightGradients": [numbers(gradient) for gradient in ofWeights],
        "params": layer.count_params(),
        "config": make(**options).get_config(),
    }


def main():
    groups = {}
    for path in sorted(FOLDER.glob("*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        groups[path.stem] = module.cases(case)
    print(json.dumps(groups, separators=(",", ":")))


if __name__ == "__main__":
    main()
