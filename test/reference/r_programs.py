"""
Prints what Keras 2.13 makes of small forms of R keras's examples: some steps of training from weights that are given, with what is
drawn at random elsewhere given, too.

    npm run reference -- r_programs
"""
import json

import numpy as np
import tensorflow as tf

K = tf.keras
L = K.layers
random = np.random.default_rng(11)


def grid(*shape):
    """Multiples of 1/16, which are exact in float32 and short in JSON."""
    return (random.integers(-16, 17, shape) / 16).astype("float32")


def ids(most, *shape):
    return random.integers(1, most, shape).astype("float32")


def numbers(value):
    return np.asarray(value, dtype="float64").round(7).tolist()


def given(*models):
    """Weights that are halves of what a grid has; their numbers."""
    for model in models:
        model.set_weights([grid(*w.shape) / 2 for w in model.get_weights()])
    return [[numbers(w) for w in model.get_weights()] for model in models]


def learned(*models):
    return [[numbers(w) for w in model.get_weights()] for model in models]


def adversaries():
    """Two networks, each of which is trained against the other: dcgan and mnist_acgan."""
    latent = 3
    generator = K.Sequential([L.Input((latent,)), L.Dense(8, activation="relu"), L.Reshape((2, 2, 2)), L.UpSampling2D(), L.Conv2D(1, 3, padding="same", activation="sigmoid")])
    image = L.Input((4, 4, 1))
    features = L.Flatten()(L.Conv2D(3, 3, strides=2, activation=lambda x: tf.nn.leaky_relu(x, 0.2))(image))
    discriminator = K.Model(image, [L.Dense(1)(features), L.Dense(2)(features)])
    weights = given(generator, discriminator)
    optimizers = [K.optimizers.Adam(0.01, beta_1=0.5) for _ in range(2)]
    binary, classes = K.losses.BinaryCrossentropy(from_logits=True), K.losses.SparseCategoricalCrossentropy(from_logits=True)
    images, digit = np.abs(grid(6, 4, 4, 1)), random.integers(0, 2, (6, 1)).astype("float32")
    noises = [grid(6, latent) for _ in range(4)]

    def judged(x, real, labels):
        is_real, of_class = discriminator(x, training=True)
        return binary(real, is_real) + classes(labels, of_class)

    losses = []
    for noise in noises:
        with tf.GradientTape() as tape:
            drawn = generator(noise, training=True)
            labels = tf.concat([tf.fill([6, 1], 0.95), tf.zeros([6, 1])], 0)
            first = judged(tf.concat([images, drawn], 0), labels, tf.concat([digit, digit], 0))
        optimizers[0].apply_gradients(zip(tape.gradient(first, discriminator.trainable_weights), discriminator.trainable_weights))
        with tf.GradientTape() as tape:
            second = judged(generator(noise, training=True), tf.ones([6, 1]), digit)
        optimizers[1].apply_gradients(zip(tape.gradient(second, generator.trainable_weights), generator.trainable_weights))
        losses.append([float(first), float(second)])
    return {"weights": weights, "images": numbers(images), "digit": numbers(digit), "noises": [numbers(n) for n in noises], "losses": losses, "trained": learned(generator, discriminator)}


class Vae(K.Model):
    """variational_autoencoder, with the noise among the inputs."""

    def __init__(self):
        super().__init__()
        self.encoder = K.Sequential([L.Input((6,)), L.Dense(5, activation="relu"), L.Dense(4)])
        self.decoder = K.Sequential([L.Input((2,)), L.Dense(5, activation="relu"), L.Dense(6, activation="sigmoid")])

    def train_step(self, data):
        x, noise = data[:, :6], data[:, 6:]
        with tf.GradientTape() as tape:
            mean, log_variance = tf.split(self.encoder(x, training=True), 2, axis=1)
            output = self.decoder(mean + tf.exp(0.5 * log_variance) * noise, training=True)
            repair = 6 * tf.reduce_mean(K.losses.binary_crossentropy(x, output))
            divergence = -0.5 * tf.reduce_mean(tf.reduce_sum(1 + log_variance - mean**2 - tf.exp(log_variance), axis=1))
            loss = repair + divergence
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_weights), self.trainable_weights))
        return {"loss": loss, "repair": repair, "divergence": divergence}


def variational():
    model = Vae()
    weights = given(model.encoder, model.decoder)
    x = np.concatenate([np.abs(grid(8, 6)), grid(8, 2)], 1)
    model.compile(K.optimizers.Adam(0.01))
    # One batch an epoch, so that the epoch's loss is the step's.
    history = model.fit(x, epochs=6, batch_size=8, shuffle=False, verbose=0).history
    return {"weights": weights, "x": numbers(x), "history": history, "trained": learned(model.encoder, model.decoder)}


def siamese():
    """quora_siamese_lstm: one reader of two questions."""
    reader = K.Sequential([L.Input((5,)), L.Embedding(7, 4, mask_zero=True), L.LSTM(3)])
    left, right = L.Input((5,)), L.Input((5,))
    near = L.Dot(axes=1)([reader(left), reader(right)])
    model = K.Model([left, right], L.Dense(1, activation="sigmoid")(near))
    weights = given(model)
    x = [ids(7, 8, 5), ids(7, 8, 5)]
    x[0][:4, :2] = 0
    x[1][2:5, :3] = 0
    y = random.integers(0, 2, (8, 1)).astype("float32")
    model.compile(K.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, epochs=4, batch_size=4, shuffle=False, verbose=0, validation_data=(x, y)).history
    return {"weights": weights, "x": [numbers(one) for one in x], "y": numbers(y), "history": history, "trained": learned(model)}


def stateful():
    """stateful_lstm: a wave of which one value comes at a time."""
    model = K.Sequential([L.Input(batch_shape=(2, 1, 1)), L.LSTM(3, return_sequences=True, stateful=True), L.LSTM(2, stateful=True), L.Dense(1)])
    weights = given(model)
    wave = np.sin(np.arange(11)).astype("float32")
    x, y = wave[:10].reshape(10, 1, 1), wave[1:].reshape(10, 1)
    model.compile(K.optimizers.RMSprop(0.01), "mse")
    losses = []
    for _ in range(3):
        losses += model.fit(x, y, epochs=1, batch_size=2, shuffle=False, verbose=0).history["loss"]
        model.reset_states()
    return {"weights": weights, "x": numbers(x), "y": numbers(y), "losses": losses, "predicted": numbers(model.predict(x, batch_size=2, verbose=0)), "trained": learned(model)}


def translation():
    """nmt_attention: an encoder, and a decoder that looks at all of its states."""
    units, size, words, read, written = 4, 3, 6, 5, 3
    source = L.Input((read,))
    embedded = L.Embedding(words, size, mask_zero=True)(source)
    states, last = L.GRU(units, return_sequences=True, return_state=True)(embedded)
    encoder = K.Model(source, [states, last])
    seen, memory, before = L.Input((None,)), L.Input((read, units)), L.Input((units,))
    sequence, after = L.GRU(units, return_sequences=True, return_state=True)(L.Embedding(words, size)(seen), initial_state=before)
    context, looks = L.AdditiveAttention()([sequence, memory], return_attention_scores=True)
    decoder = K.Model([seen, memory, before], [L.Dense(words)(L.Concatenate()([sequence, context])), after, looks])
    weights = given(encoder, decoder)
    x, shown, target = ids(words, 6, read), ids(words, 6, written), ids(words, 6, written)
    x[:3, 3:] = 0
    optimizer = K.optimizers.Adam(0.01)
    of_class = K.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses = []
    for _ in range(5):
        with tf.GradientTape() as tape:
            outputs, state = encoder(x, training=True)
            loss = of_class(target, decoder([shown, outputs, state], training=True)[0])
        both = encoder.trainable_weights + decoder.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, both), both))
        losses.append(float(loss))
    logits, state, looks = decoder([shown, *encoder(x)])
    return {"weights": weights, "x": numbers(x), "shown": numbers(shown), "target": numbers(target), "losses": losses, "predicted": [numbers(one) for one in (logits, state, looks)], "trained": learned(encoder, decoder)}


def addition():
    """addition_rnn: a sum, read and written character by character."""
    characters, read, written = 5, 4, 3
    model = K.Sequential([L.Input((read, characters)), L.LSTM(4), L.RepeatVector(written), L.LSTM(4, return_sequences=True), L.TimeDistributed(L.Dense(characters, activation="softmax"))])
    weights = given(model)
    hot = lambda *shape: np.eye(characters, dtype="float32")[random.integers(0, characters, shape)]
    x, y = hot(10, read), hot(10, written)
    model.compile(K.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, epochs=4, batch_size=4, shuffle=False, verbose=0, validation_data=(x, y)).history
    return {"weights": weights, "x": numbers(x), "y": numbers(y), "history": history, "predicted": numbers(model.predict(x, verbose=0)), "trained": learned(model)}


class Places(L.Layer):
    def build(self, shape):
        self.places = self.add_weight(name="places", shape=shape[1:])

    def call(self, x):
        return x + self.places


def transformer():
    """A block of a transformer that tells two kinds of texts."""
    length, size = 4, 6
    words = L.Input((length,))
    x = Places()(L.Embedding(9, size)(words))
    attended = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, L.MultiHeadAttention(num_heads=2, key_dim=3)(x, x)]))
    thought = L.Dense(size)(L.Dense(8, activation="relu")(attended))
    block = L.LayerNormalization(epsilon=1e-6)(L.Add()([attended, thought]))
    hidden = L.Dense(5, activation="relu")(L.GlobalAveragePooling1D()(block))
    model = K.Model(words, L.Dense(1, activation="sigmoid")(hidden))
    weights = given(model)
    x, y = ids(9, 8, length), random.integers(0, 2, (8, 1)).astype("float32")
    model.compile(K.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy", "AUC"])
    history = model.fit(x, y, epochs=4, batch_size=4, shuffle=False, verbose=0).history
    return {"weights": weights, "x": numbers(x), "y": numbers(y), "history": history, "predicted": numbers(model.predict(x, verbose=0)), "trained": learned(model)}


class Own(K.Model):
    """A step of one's own: two losses, penalties, gradients that are clipped, and metrics that are kept over an epoch."""

    def __init__(self):
        super().__init__()
        self.hidden = L.Dense(4, activation="tanh", kernel_regularizer=K.regularizers.L2(0.05), name="hidden")
        self.norm = L.BatchNormalization(momentum=0.5, name="norm")
        self.out = L.Dense(1, name="out")
        self.total, self.mae = K.metrics.Mean(name="loss"), K.metrics.MeanAbsoluteError(name="mae")

    def call(self, x, training=False):
        return self.out(self.norm(self.hidden(x), training=training))

    def losses_of(self, x, y, training):
        predicted = self(x, training=training)
        return tf.reduce_mean(K.losses.huber(y, predicted)) + 0.1 * tf.reduce_mean(predicted**2) + sum(self.losses), predicted

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss, predicted = self.losses_of(x, y, True)
        gradients = tape.gradient(loss, self.trainable_weights)
        gradients, _ = tf.clip_by_global_norm(gradients, 0.5)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
        return self.told(loss, y, predicted)

    def test_step(self, data):
        loss, predicted = self.losses_of(*data, False)
        return self.told(loss, data[1], predicted)

    def told(self, loss, y, predicted):
        self.total.update_state(loss)
        self.mae.update_state(y, predicted)
        return {"loss": self.total.result(), "mae": self.mae.result()}

    @property
    def metrics(self):
        return [self.total, self.mae]


def own_step():
    model = Own()
    x, y = grid(8, 3), grid(8, 1)
    model(x)
    layers = [model.hidden, model.norm, model.out]
    for layer in layers:
        layer.set_weights([np.abs(grid(*w.shape)) + 0.5 if "variance" in w.name else grid(*w.shape) / 2 for w in layer.weights])
    # Not those that the metrics keep.
    of_layers = lambda: [numbers(w) for layer in layers for w in layer.get_weights()]
    weights = of_layers()
    model.compile(K.optimizers.SGD(0.125, momentum=0.9))
    # Batches of one size: their mean is the rows' mean.
    history = model.fit(x, y, epochs=4, batch_size=4, shuffle=False, verbose=0, validation_data=(x, y)).history
    return {"weights": weights, "x": numbers(x), "y": numbers(y), "history": history, "predicted": numbers(model.predict(x, verbose=0)), "trained": of_layers()}


PROGRAMS = [adversaries, variational, siamese, stateful, translation, addition, transformer, own_step]
print(json.dumps({program.__name__: program() for program in PROGRAMS}))
