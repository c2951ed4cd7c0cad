"""One of the bench's models in PyTorch on the CPU.

Usage: python torch_peer.py PLAN FOLDER. PLAN is JSON: see `pythonPlan` in bench/models.ts.
"""
import json
import os
import sys

import torch
from torch import nn

from rounds import load, serve

plan, folder = json.loads(sys.argv[1]), sys.argv[2]
data = {name: torch.from_numpy(values) for name, values in load(folder).items()}
torch.set_num_threads(os.cpu_count())
rows, batch = len(data["y"]), plan["batchSize"]


class Last(nn.Module):
    """A recurrent layer's last output."""

    def __init__(self, kind, features, units):
        super().__init__()
        self.layer = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind](features, units, batch_first=True)

    def forward(self, x):
        return self.layer(x)[0][:, -1]


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(1)


class DenseOfOnes(nn.Module):
    """A dense layer on rows of zeros and ones, given as lists of ids: sums of the kernel's rows."""

    def __init__(self, inputs, units):
        super().__init__()
        self.rows = nn.EmbeddingBag(inputs, units, mode="sum", sparse=False)
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, ids):
        return self.rows(*ids) + self.bias


def activation(name):
    # The losses take logits.
    return [nn.ReLU()] if name == "relu" else []


def network():
    shape, modules = list(plan["shape"]), []
    for spec in plan["layers"]:
        kind = spec["type"]
        if kind == "dense":
            modules += [nn.Linear(shape[-1], spec["units"]), *activation(spec["activation"])]
            shape = [spec["units"]]
        elif kind == "dense of ones":
            modules += [DenseOfOnes(shape[-1], spec["units"]), *activation(spec["activation"])]
            shape = [spec["units"]]
        elif kind == "conv":
            padding = 1 if spec["padding"] == "same" else 0
            modules += [nn.Conv2d(shape[2], spec["filters"], spec["kernelSize"], padding=padding), *activation(spec["activation"])]
            shape = [shape[0] - 2 + 2 * padding, shape[1] - 2 + 2 * padding, spec["filters"]]
        elif kind == "pool":
            modules.append(nn.MaxPool2d(2))
            shape = [shape[0] // 2, shape[1] // 2, shape[2]]
        elif kind == "flatten":
            modules.append(nn.Flatten())
            shape = [shape[0] * shape[1] * shape[2]]
        elif kind == "relu":
            modules.append(nn.ReLU())
        elif kind == "normalization":
            modules.append(nn.BatchNorm2d(shape[2]))
        elif kind == "dropout":
            modules.append(nn.Dropout(spec["rate"]))
        elif kind == "embedding":
            # Gradients of the rows that are named, where the optimizer takes such.
            modules.append(nn.Embedding(spec["inputDim"], spec["outputDim"], sparse=plan["optimizer"] == "sgd"))
            shape = [*shape, spec["outputDim"]]
        elif kind == "transformer":
            block = nn.TransformerEncoderLayer(spec["features"], spec["heads"], spec["units"], dropout=0, layer_norm_eps=1e-6, batch_first=True)
            modules.append(block)
        elif kind == "mean":
            modules.append(Mean())
            shape = shape[1:]
        else:
            modules.append(Last(kind, shape[-1], spec["units"]))
            shape = [spec["units"]]
    return nn.Sequential(*modules)


def inputs(channels_last):
    """What gives the inputs of some rows."""
    if plan["sparse"]:
        splits, columns = data["splits"].long(), data["columns"]

        def bags(chosen):
            starts, counts = splits[chosen], splits[chosen + 1] - splits[chosen]
            offsets = torch.cumsum(counts, 0) - counts
            positions = torch.arange(int(counts.sum())) + torch.repeat_interleave(starts - offsets, counts)
            return columns[positions], offsets.int()

        return bags
    x = data["x"]
    if len(plan["shape"]) == 3:
        x = x.permute(0, 3, 1, 2)
        x = x.contiguous(memory_format=torch.channels_last) if channels_last else x.contiguous()
    return lambda chosen: x[chosen]


def way(compiled, channels_last=False):
    """A function that makes a model and gives what trains it for one round."""

    def make():
        model = network()
        if channels_last:
            model = model.to(memory_format=torch.channels_last)
        optimizer = {
            "rmsprop": lambda weights: torch.optim.RMSprop(weights, lr=0.001, alpha=0.9, eps=1e-7),
            "sgd": lambda weights: torch.optim.SGD(weights, lr=0.01),
            "adam": lambda weights: torch.optim.Adam(weights, lr=0.001, eps=1e-7),
        }[plan["optimizer"]](model.parameters())
        loss = {
            "mse": nn.MSELoss(),
            "binary_crossentropy": nn.BCEWithLogitsLoss(),
            "categorical_crossentropy": nn.CrossEntropyLoss(),
        }[plan["loss"]]
        y = data["y"].argmax(1) if plan["loss"] == "categorical_crossentropy" else data["y"]
        take = inputs(channels_last)
        run = torch.compile(model) if compiled else model

        def train(epochs):
            for _ in range(epochs):
                order = torch.randperm(rows)
                for first in range(0, rows, batch):
                    chosen = order[first : first + batch]
                    optimizer.zero_grad()
                    loss(run(take(chosen)), y[chosen]).backward()
                    optimizer.step()

        return train

    return make


ways = {"PyTorch": way(False), "compiled": way(True)}
if len(plan["shape"]) == 3:
    ways |= {"channels last": way(False, True), "compiled, channels last": way(True, True)}
serve(ways, -(-rows // batch), plan["epochs"], plan["quick"])
