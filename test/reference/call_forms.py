"""
Prints what Keras 2.13 gives for calls of functions in forms that are seldom seen: options together, axes other than the last, labels and
weights of other shapes.

    npm run reference -- call_forms
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
random = np.random.default_rng(5)


def grid(*shape):
    """Multiples of 1/16, which are exact in float32 and short in JSON."""
    return (random.integers(-24, 25, shape) / 16).astype("float32")


def positive(*shape):
    return np.abs(grid(*shape)) + np.float32(1 / 16)


def numbers(value):
    return np.asarray(value, dtype="float64").round(7).tolist()


given = {
    "x": grid(2, 4, 3),
    "y": grid(2, 4, 3),
    "images": grid(2, 4, 5, 2),
    "volumes": grid(1, 2, 3, 2, 2),
    "labels": (random.integers(0, 2, (4, 3))).astype("float32"),
    "scores": (random.integers(1, 16, (4, 3)) / 16).astype("float32"),
    "classes": random.integers(0, 3, (4,)).astype("float32"),
    "weights": np.array([0.5, 1, 2, 0], dtype="float32"),
    "ids": np.array([[0, 1, 1], [3, 2, 0]], dtype="int32"),
}
x, y, images, volumes = (given[name] for name in ["x", "y", "images", "volumes"])
labels, scores, classes, weights = (given[name] for name in ["labels", "scores", "classes", "weights"])
one_hot = np.eye(3, dtype="float32")[classes.astype(int)]


def metric(made, *batches):
    """The result after batches of labels, predictions and weights."""
    for batch in batches:
        made.update_state(*batch)
    return made.result()


def schedule(made):
    return [float(made(step)) for step in [0, 1, 3, 5, 9, 10, 20, 31]]


def rows(*arrays):
    """The arrays in two unequal batches."""
    return tuple(a[:3] for a in arrays), tuple(a[3:] for a in arrays)


relu = L.PReLU(alpha_initializer=K.initializers.Constant(0.25), shared_axes=[1])
conv = L.Conv1D(4, 2, padding="causal", dilation_rate=2, groups=1, use_bias=False, kernel_initializer="ones")
grouped = L.Conv2D(4, (2, 1), groups=2, strides=(1, 2), padding="same", kernel_initializer="ones", bias_initializer=K.initializers.Constant(0.5))
transposed = L.Conv2DTranspose(1, (2, 3), strides=(2, 2), output_padding=(1, 0), padding="valid", kernel_initializer="ones")
depthwise = L.DepthwiseConv2D((2, 2), depth_multiplier=2, dilation_rate=(1, 2), depthwise_initializer="ones")
forward = L.LSTM(2, kernel_initializer="ones", recurrent_initializer="ones", return_sequences=True)
backward = L.GRU(2, kernel_initializer="ones", recurrent_initializer="ones", return_sequences=True, go_backwards=True)
both = L.Bidirectional(forward, merge_mode=None, backward_layer=backward)
S = K.optimizers.schedules

values = {
    "normalization over two axes": L.Normalization(axis=(1, 2), mean=np.arange(12.0).reshape(4, 3), variance=np.arange(1.0, 13).reshape(4, 3))(x),
    "normalization of all, inverted": L.Normalization(axis=None, mean=2.0, variance=9.0, invert=True)(x),
    "layer normalization over two axes": L.LayerNormalization(axis=[1, 2], epsilon=0.01)(x),
    "unit normalization over two axes": L.UnitNormalization(axis=[1, 2])(x),
    "a dot of other axes, of unit vectors": L.Dot(axes=(1, 1), normalize=True)([x, y]),
    "maximum of three": L.Maximum()([x, y, x * y]),
    "average, stretched": L.Average()([x, y[:, :1]]),
    "concatenated along time": L.Concatenate(axis=1)([x, y[:, :2]]),
    "hashing with a salt": L.Hashing(5, salt=133)(np.array([["a"], ["b"], ["c"], ["d"]])),
    "hashing of integers, one hot": L.Hashing(4, output_mode="one_hot")(np.array([[1], [2], [30]])),
    "relu of three options": L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.25)(x),
    "softmax along time": L.Softmax(axis=1)(x),
    "slopes shared along time": relu(x),
    "causal and dilated": conv(x),
    "groups and strides": grouped(images),
    "transposed, with more at the end": transposed(images),
    "depthwise and dilated": depthwise(images),
    "enlarged by bicubic": L.UpSampling2D((2, 3), interpolation="bicubic")(images),
    "resized in proportion": L.Resizing(2, 2, interpolation="lanczos5", crop_to_aspect_ratio=True)(images),
    "padded on three sides": L.ZeroPadding3D(((1, 0), (0, 2), (1, 1)))(volumes),
    "cropped on three sides": L.Cropping3D(((1, 0), (0, 2), (1, 0)))(volumes),
    "both directions, apart": both(x)[1],
    "mean of volumes, kept": L.GlobalAveragePooling3D(keepdims=True)(volumes),
    "pooling of sequences that lie across": L.MaxPooling1D(2, data_format="channels_first", padding="same", strides=3)(x),
    "cosine similarity of another axis": K.losses.CosineSimilarity(axis=1, reduction="sum")(x, y),
    "huber, each": K.losses.Huber(delta=0.3, reduction="none")(x, y),
    "classes along another axis": K.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2, axis=1)(
        np.abs(y) / np.abs(y).sum(1, keepdims=True), x, sample_weight=[[1.0, 2.0, 0.5]]
    ),
    "numbers of classes, weighted": K.losses.SparseCategoricalCrossentropy(from_logits=True)(classes, scores, weights),
    "binary, smoothed and weighted": K.losses.BinaryCrossentropy(label_smoothing=0.3)(labels, scores, weights),
    "focal, with all options": K.losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5, label_smoothing=0.1, reduction="none")(labels, scores),
    "log-cosh, weighted": K.losses.LogCosh(reduction="sum")(labels, scores, weights),
    "the relative error": metric(K.metrics.MeanRelativeError(normalizer=[1, 3, 2, 3]), ([1, 3, 2, 3], [2, 4, 6, 8])),
    "two of the best": metric(K.metrics.TopKCategoricalAccuracy(k=2), *rows(one_hot, scores, weights)),
    "mean of intersections": metric(K.metrics.MeanIoU(num_classes=3), *rows(classes, np.argmax(scores, 1), weights)),
    "intersections of some classes": metric(K.metrics.OneHotIoU(num_classes=3, target_class_ids=[0, 2]), *rows(one_hot, scores, weights)),
    "sensitivity of one class": metric(K.metrics.SensitivityAtSpecificity(0.4, num_thresholds=7, class_id=1), *rows(labels, scores, weights)),
    "precision of the best two": metric(K.metrics.Precision(top_k=2, class_id=0), *rows(labels, scores, weights)),
    "recall at thresholds": metric(K.metrics.Recall(thresholds=[0.3, 0.5, 0.7]), *rows(labels, scores, weights)),
    "areas of labels, weighted": metric(
        K.metrics.AUC(curve="PR", summation_method="minoring", multi_label=True, num_labels=3, label_weights=[1, 2, 0.5], num_thresholds=9),
        *rows(labels, scores, weights),
    ),
    "areas of logits": metric(K.metrics.AUC(from_logits=True, thresholds=[0.2, 0.6]), *rows(labels, scores * 4 - 2)),
    "cosine metric of another axis": metric(K.metrics.CosineSimilarity(axis=1), (x, y), (y[:1], x[:1])),
    "a sum of values": metric(K.metrics.Sum(), (np.array([1.0, 3, 5, 7]), weights)),
    "means of each element": metric(K.metrics.MeanTensor(), (x[0],), (x[1], np.abs(y[1]))),
    "cosine decay with restarts": schedule(S.CosineDecayRestarts(0.5, 4, t_mul=1.5, m_mul=0.8, alpha=0.1)),
    "cosine decay after a warmup": schedule(S.CosineDecay(0.1, 12, alpha=0.2, warmup_target=0.5, warmup_steps=5)),
    "inverse of time in steps": schedule(S.InverseTimeDecay(0.5, 3, 0.7, staircase=True)),
    "polynomial, again and again": schedule(S.PolynomialDecay(0.5, 4, 0.05, power=2.0, cycle=True)),
    "a piece after the other": schedule(S.PiecewiseConstantDecay([3, 9], [0.5, 0.25, 0.125])),
    "norms between two, along rows": K.constraints.MinMaxNorm(0.5, 1.0, rate=0.75, axis=1)(tf.constant(x[0])),
    "radial": K.constraints.RadialConstraint()(tf.constant(images[0, :, :4, :, None])),
    "orthogonal by columns": K.regularizers.OrthogonalRegularizer(0.3, mode="columns")(tf.constant(x[0])),
    "constant of an array": K.initializers.Constant(np.arange(6.0).reshape(2, 3))((2, 3)),
    "normalized by the sum of another axis": K.utils.normalize(x, axis=1, order=1),
    "classes of a table": K.utils.to_categorical(given["ids"], 5),
    "classes of a column": K.utils.to_categorical(classes[:, None]),
}

print(
    json.dumps(
        {
            "given": {name: numbers(value) for name, value in given.items()},
            "values": {name: numbers(value) for name, value in values.items()},
        }
    )
)
