"""What Keras 2.13's backend gives for the lines of docs/backend.md: each function of R's `k_*` on the same arrays.

Prints JSON: `inputs`, the arrays by the names that the lines have, `values`, the results by R's names, and `more`: for the functions of
this library the results at their edges, and gradients. Tensors are nested lists;
results that are changes of a variable are the variable's values afterwards.
"""

import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from keras.src import backend as K

tf.get_logger().setLevel("ERROR")
random = np.random.RandomState(7)


def numbers(*shape):
    return np.round(random.uniform(-2, 2, shape), 2).astype("float32")


x = numbers(2, 3)
inputs = {
    "x": x,
    "y": numbers(2, 3),
    "positive": np.abs(numbers(2, 3)) + np.float32(0.5),
    "flags": np.array([[True, False, True], [True, True, True]]),
    "classes": np.array([2, 0], "int32"),
    "labels": np.array([[0, 0, 1], [1, 0, 0]], "float32"),
    "probabilities": np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]], "float32"),
    "weights": numbers(3, 2),
    "row": numbers(3),
    "column": numbers(3, 1),
    "mean": numbers(3),
    "variance": np.abs(numbers(3)) + np.float32(0.5),
    "series": numbers(1, 5, 2),
    "images": numbers(1, 4, 4, 2),
    "volumes": numbers(1, 3, 3, 3, 1),
    "filters1d": numbers(3, 2, 2),
    "filters2d": numbers(2, 2, 2, 3),
    "filters3d": numbers(2, 2, 2, 1, 2),
    "filtersUp2d": numbers(2, 2, 3, 2),
    "filtersUp3d": numbers(2, 2, 2, 2, 1),
    "depthFilters": numbers(2, 2, 2, 1),
    "pointFilters": numbers(1, 1, 2, 3),
    "batchA": numbers(2, 3, 4),
    "batchB": numbers(2, 4, 2),
}
t = {name: tf.constant(value) for name, value in inputs.items()}
x, y, positive, flags = t["x"], t["y"], t["positive"], t["flags"]
images, series, volumes = t["images"], t["series"], t["volumes"]


def updated(change):
    """The values of the variable `[1, 2, 3]` after a change."""
    variable = K.variable([1.0, 2.0, 3.0])
    change(variable)
    return variable


def gradient():
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = K.sum(K.square(x))
    return tape.gradient(loss, x)


def rnn():
    step = lambda value, states: (K.tanh(value + states[0]), [K.tanh(value + states[0])])
    return K.rnn(step, series, [K.zeros((1, 2))])[0]


values = {
    "k_abs": K.abs(x),
    "k_all": K.all(flags, axis=-1),
    "k_any": K.any(flags, axis=-1),
    "k_arange": K.arange(0, 10, 3),
    "k_argmax": K.argmax(x, axis=-1),
    "k_argmin": K.argmin(x, axis=-1),
    "k_backend": K.backend(),
    "k_batch_dot": K.batch_dot(t["batchA"], t["batchB"], axes=(2, 1)),
    "k_batch_flatten": K.batch_flatten(images),
    "k_batch_get_value": K.batch_get_value([K.variable([1.0, 2.0, 3.0]), K.variable(inputs["row"])]),
    "k_batch_normalization": K.batch_normalization(
        x, t["mean"], t["variance"], beta=t["row"], gamma=t["row"], epsilon=1e-3
    ),
    "k_batch_set_value": updated(lambda v: K.batch_set_value([(v, inputs["row"])])),
    "k_bias_add": K.bias_add(x, t["row"]),
    "k_binary_crossentropy": K.binary_crossentropy(t["labels"], t["probabilities"]),
    "k_cast": K.cast(x, "int32"),
    "k_cast_to_floatx": K.cast_to_floatx(inputs["classes"]),
    "k_categorical_crossentropy": K.categorical_crossentropy(t["labels"], t["probabilities"]),
    "k_clip": K.clip(x, -1, 1),
    "k_concatenate": K.concatenate([x, y], axis=-1),
    "k_constant": K.constant(0.5, shape=(2, 3)),
    "k_conv1d": K.conv1d(series, t["filters1d"], padding="valid"),
    "k_conv2d": K.conv2d(images, t["filters2d"], padding="same"),
    "k_conv2d_transpose": K.conv2d_transpose(
        images, t["filtersUp2d"], (1, 5, 5, 3), padding="valid"
    ),
    "k_conv3d": K.conv3d(volumes, t["filters3d"], padding="valid"),
    "k_conv3d_transpose": K.conv3d_transpose(
        volumes, t["filtersUp3d"], (1, 4, 4, 4, 2), padding="valid"
    ),
    "k_cos": K.cos(x),
    "k_count_params": K.count_params(x),
    "k_cumprod": K.cumprod(x, axis=1),
    "k_cumsum": K.cumsum(x, axis=1),
    "k_depthwise_conv2d": K.depthwise_conv2d(images, t["depthFilters"], padding="valid"),
    "k_dot": K.dot(x, t["weights"]),
    "k_dtype": K.dtype(x),
    "k_elu": K.elu(x),
    "k_epsilon": K.epsilon(),
    "k_equal": K.equal(x, y),
    "k_eval": K.eval(x),
    "k_exp": K.exp(x),
    "k_expand_dims": K.expand_dims(x, axis=-1),
    "k_eye": K.eye(3),
    "k_flatten": K.flatten(x),
    "k_floatx": K.floatx(),
    "k_foldl": K.foldl(lambda total, one: total * 2 + one, x),
    "k_foldr": K.foldr(lambda total, one: total * 2 + one, x),
    "k_gather": K.gather(x, [1, 0]),
    "k_get_value": K.get_value(K.variable([1.0, 2.0, 3.0])),
    "k_get_variable_shape": K.int_shape(K.variable([1.0, 2.0, 3.0])),
    "k_gradients": gradient(),
    "k_greater": K.greater(x, y),
    "k_greater_equal": K.greater_equal(x, y),
    "k_hard_sigmoid": K.hard_sigmoid(x),
    "k_identity": tf.identity(x),
    "k_image_data_format": K.image_data_format(),
    "k_in_top_k": K.in_top_k(t["probabilities"], t["classes"], 2),
    "k_int_shape": K.int_shape(x),
    "k_is_keras_tensor": True,
    "k_is_sparse": K.is_sparse(x),
    "k_is_tensor": tf.is_tensor(x),
    "k_l2_normalize": K.l2_normalize(x, axis=-1),
    "k_less": K.less(x, y),
    "k_less_equal": K.less_equal(x, y),
    "k_log": K.log(positive),
    "k_logsumexp": tf.reduce_logsumexp(x, axis=-1),
    "k_map_fn": K.map_fn(lambda one: K.sum(one), x),
    "k_max": K.max(x, axis=-1),
    "k_maximum": K.maximum(x, y),
    "k_mean": K.mean(x, axis=-1),
    "k_min": K.min(x, axis=-1),
    "k_minimum": K.minimum(x, y),
    "k_moving_average_update": updated(lambda v: K.moving_average_update(v, t["row"], 0.9)),
    "k_ndim": K.ndim(x),
    "k_normalize_batch_in_training": K.normalize_batch_in_training(x, t["row"], t["mean"], [0])[0],
    "k_not_equal": K.not_equal(x, y),
    "k_one_hot": K.one_hot(t["classes"], 3),
    "k_ones": K.ones((2, 3)),
    "k_ones_like": K.ones_like(x),
    "k_permute_dimensions": K.permute_dimensions(images, (0, 3, 1, 2)),
    "k_pool2d": K.pool2d(images, (2, 2), strides=(2, 2), pool_mode="max"),
    "k_pool3d": K.pool3d(volumes, (2, 2, 2), strides=(1, 1, 1), pool_mode="avg"),
    "k_pow": K.pow(x, 2),
    "k_prod": K.prod(x, axis=-1),
    "k_relu": K.relu(x, alpha=0.1, max_value=1),
    "k_repeat": K.repeat(x, 2),
    "k_repeat_elements": K.repeat_elements(x, 2, axis=1),
    "k_reshape": K.reshape(x, (3, 2)),
    "k_resize_images": K.resize_images(images, 2, 2, "channels_last"),
    "k_resize_volumes": K.resize_volumes(volumes, 2, 1, 2, "channels_last"),
    "k_reverse": K.reverse(x, axes=1),
    "k_rnn": rnn(),
    "k_round": K.round(x),
    "k_separable_conv2d": K.separable_conv2d(images, t["depthFilters"], t["pointFilters"], padding="valid"),
    "k_set_value": updated(lambda v: K.set_value(v, inputs["row"])),
    "k_shape": K.shape(x),
    "k_sigmoid": K.sigmoid(x),
    "k_sign": K.sign(x),
    "k_sin": K.sin(x),
    "k_softmax": K.softmax(x),
    "k_softplus": K.softplus(x),
    "k_softsign": K.softsign(x),
    "k_sparse_categorical_crossentropy": K.sparse_categorical_crossentropy(t["classes"], t["probabilities"]),
    "k_spatial_2d_padding": K.spatial_2d_padding(images, ((1, 1), (2, 0))),
    "k_spatial_3d_padding": K.spatial_3d_padding(volumes),
    "k_sqrt": K.sqrt(positive),
    "k_square": K.square(x),
    "k_squeeze": K.squeeze(t["column"], axis=1),
    "k_stack": K.stack([x, y], axis=0),
    "k_std": K.std(x, axis=-1),
    "k_stop_gradient": K.stop_gradient(x),
    "k_sum": K.sum(x, axis=-1),
    "k_switch": K.switch(flags, x, y),
    "k_tanh": K.tanh(x),
    "k_temporal_padding": K.temporal_padding(series),
    "k_tile": K.tile(x, (1, 2)),
    "k_transpose": K.transpose(x),
    "k_unstack": tf.unstack(x),
    "k_update": updated(lambda v: K.update(v, t["row"])),
    "k_update_add": updated(lambda v: K.update_add(v, t["row"])),
    "k_update_sub": updated(lambda v: K.update_sub(v, t["row"])),
    "k_var": K.var(x, axis=-1),
    "k_variable": K.variable(inputs["row"]),
    "k_zeros": K.zeros((2, 3)),
    "k_zeros_like": K.zeros_like(x),
}


scores = tf.constant([[0.5, 0.5, 0.1], [0.3, 0.3, 0.3], [np.nan, 0.1, 0.2], [np.inf, 0.1, 0.2], [0.6, 0.3, 0.1]])
vectors = tf.constant([[3.0, 4.0], [0.0, 0.0], [1e-9, 0.0]])


def gradient_of(f, at):
    with tf.GradientTape() as tape:
        tape.watch(at)
        result = tf.reduce_sum(f(at) * tf.cast(tf.reshape(tf.range(1, tf.size(f(at)) + 1), f(at).shape), "float32"))
    return tape.gradient(result, at)


more = {
    "inTopK": {
        str(k): [K.in_top_k(scores, targets, k) for targets in ([0, 1, 1, 1, 3], [2, 2, 2, 0, 0])] for k in (1, 2, 3)
    },
    "l2NormalizeAll": K.l2_normalize(x),
    "l2NormalizeZeros": K.l2_normalize(vectors, axis=-1),
    "l2NormalizeGradient": gradient_of(lambda one: K.l2_normalize(one, axis=-1), x),
    "batchDotDefault": K.batch_dot(t["batchA"], t["batchB"]),
    "batchDotVectors": K.batch_dot(x, y, axes=1),
    "batchDotOfFour": K.batch_dot(tf.reshape(t["batchA"], [2, 3, 2, 2]), t["batchB"], axes=(3, 2)),
    "batchDotGradient": gradient_of(lambda one: K.batch_dot(one, t["batchB"], axes=(2, 1)), t["batchA"]),
    "repeatElementsGradient": gradient_of(lambda one: K.repeat_elements(one, 2, axis=0), x),
    "resizeVolumesFirst": K.resize_volumes(tf.transpose(volumes, [0, 4, 1, 2, 3]), 1, 2, 1, "channels_first"),
}


def plain(value):
    if isinstance(value, (tf.Tensor, tf.Variable)):
        value = value.numpy()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return float("%.8g" % value) if isinstance(value, float) else value


print(
    json.dumps(
        {
            "inputs": {name: plain(value) for name, value in inputs.items()},
            "values": {name: plain(value) for name, value in values.items()},
            "more": plain(more),
        },
        separators=(",", ":"),
    )
)
