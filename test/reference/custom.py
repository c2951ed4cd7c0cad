"""Building blocks of one's own, as Keras 2.13 trains them: a metric, a loss, a layer that adds to the loss, a schedule, a model with
a training step of its own, and an adversarial pair. Everything begins with weights that are written down, so that others can begin
with the same."""

import json

import numpy as np
import tensorflow as tf
from tensorflow import keras


def grid(*shape, scale=1.0, shift=0.0):
    """Numbers that are easily made elsewhere: sines of their positions."""
    size = int(np.prod(shape))
    return (scale * np.sin(np.arange(size) + shift)).reshape(shape).astype('float32')


def listed(values):
    return [np.asarray(value).tolist() for value in values]


class TruePositives(keras.metrics.Metric):
    def __init__(self, name='own_true_positives', **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_weight(name='hits', initializer='zeros')
        self.count = self.add_weight(name='count', initializer='zeros')

    def update_state(self, y_true, y_pred, sample_weight=None):
        positive = tf.cast(y_pred > 0.5, 'float32') * tf.cast(y_true, 'float32')
        weights = tf.ones_like(positive) if sample_weight is None else tf.cast(sample_weight, 'float32')[:, None]
        self.hits.assign_add(tf.reduce_sum(positive * weights))
        self.count.assign_add(tf.reduce_sum(weights * tf.ones_like(positive)))

    def result(self):
        return self.hits / self.count


def metric():
    own = TruePositives()
    y_true = (grid(9, 1) > 0).astype('float32')
    y_pred = np.abs(grid(9, 1, shift=0.3))
    weights = np.abs(grid(9, shift=0.7))
    for first, last in [(0, 4), (4, 5), (5, 9)]:
        own.update_state(y_true[first:last], y_pred[first:last], weights[first:last])
    return {'result': float(own.result())}


class Power(keras.losses.Loss):
    def __init__(self, exponent, **kwargs):
        super().__init__(**kwargs)
        self.exponent = exponent

    def call(self, y_true, y_pred):
        return tf.reduce_mean(tf.abs(y_true - y_pred) ** self.exponent, axis=-1)


class Inverse(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, first):
        self.first = first

    def __call__(self, step):
        return self.first / (1.0 + tf.cast(step, 'float32'))


class Damped(keras.layers.Layer):
    """A dense layer that adds to the loss, and keeps a moving mean of its inputs."""

    def build(self, shape):
        self.kernel = self.add_weight(name='kernel', shape=(shape[-1], 2), initializer='zeros')
        self.mean = self.add_weight(name='mean', shape=(shape[-1],), initializer='zeros', trainable=False)

    def call(self, x, training=False):
        if training:
            self.mean.assign(0.9 * self.mean + 0.1 * tf.reduce_mean(x, 0))
        output = tf.matmul(x - self.mean, self.kernel)
        self.add_loss(0.1 * tf.reduce_mean(tf.square(output)))
        return output


def layer():
    model = keras.Sequential([keras.Input((3,)), Damped(), keras.layers.Dense(1)])
    model.set_weights([grid(3, 2), grid(3, scale=0.0), grid(2, 1, shift=1), grid(1)])
    model.compile(optimizer=keras.optimizers.SGD(Inverse(0.1)), loss=Power(3.0), metrics=[TruePositives()])
    history = model.fit(grid(8, 3), grid(8, 1, shift=2), batch_size=3, epochs=4, shuffle=False, verbose=0)
    return {
        'history': {name: list(map(float, values)) for name, values in history.history.items()},
        'evaluated': list(map(float, model.evaluate(grid(8, 3), grid(8, 1, shift=2), verbose=0))),
        'weights': listed(model.get_weights()),
    }


class Telling(keras.layers.Layer):
    """A layer that tells its output's mean, and the sum of each row."""

    def call(self, x, training=False):
        output = 2.0 * x
        self.add_metric(tf.reduce_mean(output), name='mean_output')
        self.add_metric(tf.reduce_sum(output, -1), name='row_sum')
        return output


def applied_twice(inputs):
    telling = Telling()
    return telling(telling(inputs))


def told():
    """What a layer tells in training, validation and evaluation, with batches of unequal size; a layer that is applied twice."""
    inputs = keras.Input((3,))
    telling = Telling()
    results = {}
    for name, output in [('once', telling(inputs)), ('twice', applied_twice(inputs))]:
        model = keras.Model(inputs, keras.layers.Dense(1)(output))
        model.set_weights([grid(3, 1), grid(1)])
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss='mse', metrics=['mae'])
        history = model.fit(
            grid(8, 3), grid(8, 1, shift=2), batch_size=3, epochs=2, shuffle=False, verbose=0, validation_split=0.5
        )
        results[name] = {
            'history': {key: list(map(float, values)) for key, values in history.history.items()},
            'evaluated': {
                key: float(value)
                for key, value in model.evaluate(
                    grid(8, 3), grid(8, 1, shift=2), batch_size=3, verbose=0, return_dict=True
                ).items()
            },
        }
    return results


class Own(keras.Model):
    """A model with steps of its own: the loss is a mean over batches, as its tracker has it."""

    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(4, activation='tanh')
        self.out = keras.layers.Dense(1)
        self.tracker = keras.metrics.Mean(name='loss')

    @property
    def metrics(self):
        return [self.tracker]

    def call(self, x):
        return self.out(self.hidden(x))

    def loss_of(self, x, y):
        output = self(x, training=True)
        return tf.reduce_mean(tf.square(output - y)) + 0.1 * tf.reduce_mean(tf.abs(output))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.loss_of(x, y)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.tracker.update_state(loss)
        return {'loss': self.tracker.result()}

    def test_step(self, data):
        x, y = data
        self.tracker.update_state(self.loss_of(x, y))
        return {'loss': self.tracker.result()}

    def predict_step(self, data):
        return 2.0 * self(data)


def model():
    own = Own()
    own.build((None, 3))
    own.hidden.set_weights([grid(3, 4), grid(4)])
    own.out.set_weights([grid(4, 1, shift=1), grid(1)])
    own.compile(optimizer=keras.optimizers.Adam(0.01))
    x, y = grid(8, 3), grid(8, 1, shift=2)
    history = own.fit(x, y, batch_size=4, epochs=5, shuffle=False, verbose=0)
    return {
        'history': list(map(float, history.history['loss'])),
        'evaluated': float(own.evaluate(x, y, batch_size=4, verbose=0)),
        'predicted': own.predict(x[:2], verbose=0).tolist(),
        'weights': listed(own.trainable_variables),
    }


def adversaries():
    """A generator and a discriminator: each step trains the one, and then the other against what the one has become."""
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation='relu'), keras.layers.Dense(1)])
    generator.set_weights([grid(2, 3), grid(3)])
    discriminator.set_weights([grid(3, 4, shift=3), grid(4, shift=1), grid(4, 1, shift=2), grid(1)])
    of_generator, of_discriminator = keras.optimizers.Adam(0.02), keras.optimizers.RMSprop(0.01)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    losses = []
    for step in range(6):
        noise, real = grid(5, 2, shift=step), grid(5, 3, shift=10 + step)
        with tf.GradientTape() as tape:
            logits = discriminator(tf.concat([generator(noise), real], 0))
            labels = tf.concat([tf.ones((5, 1)), tf.zeros((5, 1))], 0)
            first = entropy(labels, logits)
        variables = discriminator.trainable_variables
        of_discriminator.apply_gradients(zip(tape.gradient(first, variables), variables))
        with tf.GradientTape() as tape:
            second = entropy(tf.zeros((5, 1)), discriminator(generator(noise)))
        variables = generator.trainable_variables
        of_generator.apply_gradients(zip(tape.gradient(second, variables), variables))
        losses.append([float(first), float(second)])
    return {
        'losses': losses,
        'generator': listed(generator.get_weights()),
        'discriminator': listed(discriminator.get_weights()),
    }


print(json.dumps({'metric': metric(), 'layer': layer(), 'told': told(), 'model': model(), 'adversaries': adversaries()}))
