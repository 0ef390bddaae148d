"""Sweep a small neural network over scikit-learn's digits and write one CSV row a trial.

    python examples/train_digits_sweep.py --out digits_sweep.csv --trials 240 --seed 7

Each trial trains a multi-layer perceptron, in float32 numpy, on 300 images of which one in seven has a wrong
label; the validation labels are right. What goes wrong goes wrong by itself: a high learning rate inflates
the weights until float32 overflows, a network without dropout learns the wrong labels by heart, and a batch
larger than the training set leaves no batch at all once the incomplete one is dropped. `--space sane` keeps
clear of all that. With the same seed everything but `runtime_sec` (processor time) repeats.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

IMAGES = 300
WRONG_LABELS = 0.15
CLASSES = 10
LEAK = np.float32(0.1)  # the slope of the leaky ReLU below zero
METRICS = ("train_loss", "val_loss", "train_acc", "val_acc")
COLUMNS = (
    *("trial_id", "status", "lr", "batch_size", "weight_decay", "optimizer", "grad_clip"),
    *("hidden", "depth", "dropout", "drop_last", "seed", *METRICS, "epochs", "runtime_sec"),
)

SPACES: dict[str, dict[str, Any]] = {  # a tuple: log-uniform between its ends; else: one of these
    "wide": {
        "lr": (1e-3, 3.0),
        "batch_size": [4, 8, 16, 32, 64, 128, 256, 512],
        "weight_decay": [0.0, 1e-4, 1e-3, 1e-2],
        "optimizer": ["sgd", "momentum", "adamw"],
        "grad_clip": ["", 1.0],
        "hidden": [32, 64, 128, 256],
        "depth": [1, 2, 3],
        "dropout": [0.0, 0.1, 0.3],
        "drop_last": [True, False],
        "seed": range(10_000),
        "epochs": [20, 40, 80],
    },
    "sane": {
        "lr": (0.01, 0.05),
        "batch_size": [16, 32],
        "weight_decay": (1e-3, 1e-2),
        "optimizer": ["momentum"],
        "grad_clip": [1.0],
        "hidden": [16, 32],
        "depth": [1],
        "dropout": [0.1, 0.2],
        "drop_last": [False],
        "seed": range(10_000),
        "epochs": [20, 30],
    },
}

Layers = list[tuple[np.ndarray, np.ndarray]]


def sample(rng: np.random.Generator, space: str) -> dict[str, Any]:
    """Draw one trial's hyperparameters; an empty `grad_clip` is no clipping."""
    config = {}
    for name, values in SPACES[space].items():
        if isinstance(values, tuple):
            config[name] = float(f"{10 ** rng.uniform(*np.log10(values)):.4g}")
        else:
            config[name] = values[rng.integers(len(values))]
    return config


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training images, training labels (some wrong), validation images, validation labels."""
    pixels, y = load_digits(return_X_y=True)
    x = (pixels / 16 - 0.5).astype(np.float32)
    train_x, val_x, train_y, val_y = train_test_split(x, y, train_size=IMAGES, stratify=y, random_state=0)
    rng = np.random.default_rng(0)
    wrong = rng.random(IMAGES) < WRONG_LABELS
    train_y[wrong] = (train_y[wrong] + rng.integers(1, CLASSES, wrong.sum())) % CLASSES
    return train_x, train_y, val_x, val_y


def forward(layers: Layers, x: np.ndarray, keep: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Return the input of each layer, then the logits; a unit survives dropout with probability `keep`."""
    values = [x]
    for weight, bias in layers[:-1]:
        x = x @ weight + bias
        x = np.maximum(x, LEAK * x)
        if keep < 1:
            x = x * (rng.random(x.shape) < keep) / np.float32(keep)
        values.append(x)
    weight, bias = layers[-1]
    return [*values, x @ weight + bias]


def backward(layers: Layers, values: list[np.ndarray], delta: np.ndarray, keep: float) -> list[np.ndarray]:
    """Return the gradients in the order of the parameters, from the loss's gradient at the logits."""
    gradients: list[np.ndarray] = []
    for (weight, _), value in zip(reversed(layers), reversed(values[:-1]), strict=True):
        gradients = [value.T @ delta, delta.sum(0), *gradients]
        delta = (delta @ weight.T) * np.where(value > 0, 1, LEAK * (value != 0)) / np.float32(keep)
    return gradients


def judge(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Return the cross-entropy, the accuracy, and the gradient of the cross-entropy at the logits."""
    rows = np.arange(len(labels))
    shifted = logits - logits.max(1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    delta = np.exp(log_p)
    delta[rows, labels] -= 1
    return float(-log_p[rows, labels].mean()), float((logits.argmax(1) == labels).mean()), delta / len(labels)


class Optimizer:
    """SGD with L2 decay, with or without momentum, or AdamW; clips the gradient's norm if so configured."""

    def __init__(self, config: dict[str, Any], parameters: list[np.ndarray]) -> None:
        self.config, self.parameters = config, parameters
        self.first = [np.zeros_like(p) for p in parameters]
        self.second = [np.zeros_like(p) for p in parameters]
        self.momentum = 0.9 if config["optimizer"] == "momentum" else 0.0
        self.steps = 0

    def step(self, gradients: list[np.ndarray]) -> None:
        lr, decay = self.config["lr"], self.config["weight_decay"]
        self.steps += 1
        if limit := self.config["grad_clip"]:
            norm = np.sqrt(sum((g * g).sum() for g in gradients))
            gradients = [g * min(1, limit / norm) for g in gradients]
        for p, g, m, v in zip(self.parameters, gradients, self.first, self.second, strict=True):
            if self.config["optimizer"] == "adamw":
                m[:] = 0.9 * m + 0.1 * g
                v[:] = 0.999 * v + 0.001 * g * g
                scale = np.sqrt(v / (1 - 0.999**self.steps)) + 1e-8
                p[:] -= lr * (m / (1 - 0.9**self.steps) / scale + decay * p)
            else:
                m[:] = self.momentum * m + g + decay * p
                p[:] -= lr * m


def train(config: dict[str, Any], data: tuple[np.ndarray, ...]) -> dict[str, float]:
    """Train one network; the training metrics are means over the batches of the last epoch."""
    train_x, train_y, val_x, val_y = data
    rng = np.random.default_rng(config["seed"])
    keep, size = 1 - config["dropout"], config["batch_size"]
    widths = [train_x.shape[1], *[config["hidden"]] * config["depth"], CLASSES]
    layers: Layers = [
        (rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32)) for a, b in pairwise(widths)
    ]
    optimizer = Optimizer(config, [p for layer in layers for p in layer])
    end = len(train_x) - size + 1 if config["drop_last"] else len(train_x)
    for _ in range(config["epochs"]):
        order = rng.permutation(len(train_x))
        losses, accuracies = [], []
        for start in range(0, end, size):
            rows = order[start : start + size]
            values = forward(layers, train_x[rows], keep, rng)
            loss, accuracy, delta = judge(values[-1], train_y[rows])
            optimizer.step(backward(layers, values, delta, keep))
            losses.append(loss)
            accuracies.append(accuracy)
    val_loss, val_acc, _ = judge(forward(layers, val_x, 1, rng)[-1], val_y)
    return dict(zip(METRICS, (fmean(losses), val_loss, fmean(accuracies), val_acc), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=240)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--space", choices=SPACES, default="wide")
    args = parser.parse_args()
    data, rng = load(), np.random.default_rng(args.seed)
    with args.out.open("w", newline="") as file, threadpool_limits(1), np.errstate(all="ignore"):
        table = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        table.writeheader()
        for trial in range(1, args.trials + 1):
            row = {"trial_id": trial, "status": "completed", **sample(rng, args.space)}
            begin = time.process_time()
            try:
                row |= {name: f"{value:.5g}" for name, value in train(row, data).items()}
            except Exception as error:  # noqa: BLE001 - a trial that breaks is a row of the sweep, whatever broke it
                row |= {"status": "failed", "epochs": 0}
                print(f"trial {trial}: {error!r}", file=sys.stderr)
            table.writerow(row | {"runtime_sec": f"{time.process_time() - begin:.3f}"})


if __name__ == "__main__":
    main()
