"""One of the bench's models in PyTorch on the CPU: a round of training for each line that it reads.

Usage: python3 pytorch.py MODEL EPOCHS. Two threads, RMSprop, synthetic data of the bench's shapes. A round's line of JSON
has the milliseconds of a step and the peak of memory.
"""
import json
import resource
import sys
import time

import torch
from torch import nn

torch.set_num_threads(2)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 32, batch_first=True)
        self.dense = nn.Linear(32, 1)

    def forward(self, x):
        return self.dense(self.lstm(x)[0][:, -1])


class Words(nn.Module):
    """Ids as vectors, and a recurrent layer over these."""

    def __init__(self, layer):
        super().__init__()
        self.embedding = nn.Embedding(10000, 32)
        self.recurrent = layer(32, 32, batch_first=True)
        self.dense = nn.Linear(32, 1)

    def forward(self, x):
        return self.dense(self.recurrent(self.embedding(x))[0][:, -1])


class MultiHot(nn.Module):
    """Rows of zeros and ones as lists of ids: the first layer sums rows of its weights."""

    def __init__(self):
        super().__init__()
        self.first = nn.EmbeddingBag(10000, 16, mode="sum")
        self.bias = nn.Parameter(torch.zeros(16))
        self.rest = nn.Sequential(nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.rest(self.first(x) + self.bias)


def dense(*sizes):
    layers = []
    for size, following in zip(sizes, sizes[1:]):
        layers += [nn.Linear(size, following), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def convnet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 64), nn.ReLU(), nn.Linear(64, 10),
    )


def reviews(n):
    """132 ids a row, by the same law as the words of models.ts."""
    shares = (torch.arange(10000) + 2.0) ** -1.1
    return torch.multinomial(shares, n * 132, replacement=True).view(n, 132)


binary = nn.BCEWithLogitsLoss()
classes = nn.CrossEntropyLoss()
MODELS = {
    "boston": (lambda: dense(13, 64, 64, 1), 1, 404, lambda n: torch.rand(n, 13), lambda n: torch.rand(n, 1), nn.MSELoss()),
    "mnist": (lambda: dense(784, 512, 10), 128, 12800, lambda n: torch.rand(n, 784), lambda n: torch.randint(10, (n,)), classes),
    "imdb-sparse": (MultiHot, 512, 10240, reviews, lambda n: torch.rand(n, 1).round(), binary),
    "imdb-dense": (lambda: dense(10000, 16, 16, 1), 512, 10240, lambda n: (torch.rand(n, 10000) < 0.013).float(), lambda n: torch.rand(n, 1).round(), binary),
    "convnet": (convnet, 64, 1280, lambda n: torch.rand(n, 1, 28, 28), lambda n: torch.randint(10, (n,)), classes),
    "lstm": (Lstm, 32, 512, lambda n: torch.rand(n, 50, 8), lambda n: torch.rand(n, 1).round(), binary),
    "words-lstm": (lambda: Words(nn.LSTM), 128, 256, lambda n: torch.randint(10000, (n, 500)), lambda n: torch.rand(n, 1).round(), binary),
    "words-gru": (lambda: Words(nn.GRU), 128, 256, lambda n: torch.randint(10000, (n, 500)), lambda n: torch.rand(n, 1).round(), binary),
    "words-rnn": (lambda: Words(nn.RNN), 128, 256, lambda n: torch.randint(10000, (n, 500)), lambda n: torch.rand(n, 1).round(), binary),
}


name, epochs = sys.argv[1], int(sys.argv[2])
make, batch, rows, inputs, labels, loss = MODELS[name]
x, y = inputs(rows), labels(rows)
model = make()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9)


def train():
    for _ in range(epochs):
        order = torch.randperm(rows)
        for start in range(0, rows, batch):
            chosen = order[start:start + batch]
            optimizer.zero_grad()
            loss(model(x[chosen]), y[chosen]).backward()
            optimizer.step()


for _line in sys.stdin:
    begun = time.perf_counter()
    train()
    seconds = time.perf_counter() - begun
    print(
        json.dumps({
            "millisecondsPerStep": seconds * 1000 / (epochs * rows / batch),
            "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }),
        flush=True,
    )
