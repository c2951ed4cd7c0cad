"""
Prints what the layers of Keras 2.13 make of fixed numbers, one list of cases for each group in layers/*.py: outputs, gradients
of inputs and weights of the sum of the outputs times fixed numbers, weights afterwards where the layer itself changes them,
output shapes, numbers of parameters, configurations.

    npm run reference -- layers
"""
import importlib.util
import json
import pathlib
import re

import numpy as np
import tensorflow as tf

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


def ids_of(shape, seed, count):
    return np.floor((grid(shape, seed) + 1) / 2 * count).astype("int32")


def camel(name):
    return re.sub(r"_(\w)", lambda found: found.group(1).upper(), name)


def numbers(value):
    """Seven digits, which is what float32 holds."""
    flat = np.asarray(value, dtype="float64").ravel()
    return [float(f"{x:.7g}") for x in flat]


def plain(value):
    """A configuration as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ListWrapper":
        return [plain(item) for item in value]
    if isinstance(value, (np.integer, np.floating, np.ndarray)):
        return value.tolist()
    if isinstance(value, tf.TensorShape):
        return value.as_list()
    return value


def set_weights(layer):
    values = []
    for index, weight in enumerate(layer.weights):
        value = grid(weight.shape.as_list(), WEIGHT + index)
        values.append(np.abs(value) + 0.5 if "variance" in weight.name else value)
    layer.set_weights(values)


def evaluate(make, shapes, ids, masks, training, call, many, unpack, bools, via, states):
    layer = make()
    inputs = [
        tf.constant(ids_of([BATCH, *shape], INPUT + index, ids) if ids else grid([BATCH, *shape], INPUT + index))
        for index, shape in enumerate(shapes)
    ]
    for index in bools:
        inputs[index] = inputs[index] > -0.3
    given = inputs if many else inputs[0]
    arguments = dict(call)
    if masks is not None:
        tensors = [None if mask is None else tf.constant(mask) for mask in masks]
        if unpack:
            for tensor, mask in zip(inputs, tensors):
                tensor._keras_mask = mask
        else:
            arguments["mask"] = tensors if many and not states else tensors[0]
    if training is not None:
        arguments["training"] = training
    apply = (lambda: layer(*given, **arguments)) if unpack else (lambda: layer(given, **arguments))
    if isinstance(states, list):
        rest = iter(inputs[1:])
        groups = [[next(rest) for _ in range(count)] for count in states]
        nested = tuple(group if len(group) > 1 else group[0] for group in groups)
        apply = lambda: layer(inputs[0], initial_state=nested, **arguments)
    if via is not None:
        apply = lambda: via(layer, given)
        layer.build(given.shape)
    # Layers make their weights as they are called first, and attention for symbolic tensors, too.
    apply()
    set_weights(layer)
    with tf.GradientTape() as tape:
        watched = [] if ids else [tensor for index, tensor in enumerate(inputs) if index not in bools]
        tape.watch(watched)
        outputs = apply()
        listed = tf.nest.flatten(outputs)
        total = tf.add_n(
            [tf.reduce_sum(output * grid(output.shape.as_list(), UPSTREAM + i)) for i, output in enumerate(listed)]
        )
        total += tf.add_n(layer.losses) if layer.losses else 0.0
    gradients = tape.gradient(
        total, watched + list(layer.trainable_weights), unconnected_gradients="zero"
    )
    gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
    count = len(watched)
    result = {
        "outputs": [numbers(output) for output in listed],
        "shapes": [output.shape.as_list()[1:] for output in listed],
        "inputGradients": [numbers(gradient) for gradient in gradients[:count]],
        "weightGradients": [numbers(gradient) for gradient in gradients[count:]],
        "params": layer.count_params(),
        "config": plain(make().get_config()),
    }
    state = [weight for weight in layer.non_trainable_weights if training]
    if state:
        result["state"] = [numbers(weight) for weight in state]
    return result


def case(
    function, make, options, shapes, about=None, ids=None, masks=None, training=None, call=None, many=False, keras=None, unpack=False, bools=(), via=None, states=False
):
    """
    One case. `options` are Keras's; `keras` are those for Keras only, where names differ; `call` are given as the layer is
    called; `many` is for layers that take a list, `unpack` for those that Keras calls with one argument for each input; `bools`
    are inputs that are truth values; `states` says that the inputs after the first are initial states, which have no mask, or how many
    of them each of several cells has; `via` computes the output of the layer where TensorFlow does not.
    """
    made = evaluate(lambda: make(**(options if keras is None else keras)), shapes, ids, masks, training, call or {}, many, unpack, bools, via, states)
    given = {camel(key): value for key, value in {**options, **(call or {})}.items()}
    return {
        "layer": function,
        "class": make.__name__,
        **({"about": about} if about else {}),
        "options": plain(given),
        "inputs": [list(shape) for shape in shapes],
        **({"ids": ids} if ids else {}),
        **({"masks": masks} if masks else {}),
        **({"training": training} if training is not None else {}),
        **({"many": True} if many else {}),
        **({"states": True} if states else {}),
        **({"bools": list(bools)} if bools else {}),
        **made,
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
