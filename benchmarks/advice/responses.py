"""Sweeps with a known response: which configurations fall sick, and how good the others are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Config = dict[str, Any]
Rng = np.random.Generator


@dataclass(frozen=True)
class Response:
    """A made-up training run.

    Attributes:
        name: what is special about it.
        risk: configuration to the chance that it falls sick.
        how: what a sick trial looks like: nan, diverged or failed.
        loss: configuration to the validation loss without noise.
        most_lr: the end of the searched learning rates.
    """

    name: str
    risk: Callable[[Config], float]
    how: str
    loss: Callable[[Config], float]
    most_lr: float = 1.0

    def draw(self, rng: Rng) -> Config:
        """One configuration of the space of the first sweep."""
        config: Config = {
            "lr": float(10 ** rng.uniform(-5, math.log10(self.most_lr))),
            "weight_decay": 0.0 if rng.random() < 0.25 else float(10 ** rng.uniform(-6, -1)),
            "dropout": float(rng.uniform(0, 0.6)),
            "batch_size": int(rng.choice([16, 32, 64, 128, 256])),
            "layers": int(rng.integers(1, 9)),
            "optimizer": str(rng.choice(["adam", "sgd", "lamb"])),
        }
        if config["optimizer"] == "sgd":
            config["momentum"] = float(rng.uniform(0, 0.99))
        return config

    def run(self, config: Config, rng: Rng) -> Config:
        """The row of a trial."""
        sick = rng.random() < self.risk(config)
        loss = self.loss(config) * float(rng.lognormal(0, 0.03))
        row = {"status": "completed", "train_loss": f"{0.9 * loss:.5g}", "val_loss": f"{loss:.5g}"}
        if sick and self.how == "failed":
            row = {"status": "failed", "train_loss": "", "val_loss": ""}
        elif sick:
            value = "nan" if self.how == "nan" else f"{loss * 10 ** rng.uniform(3, 8):.5g}"
            row = {"status": "completed", "train_loss": value, "val_loss": value}
        return row | {"sick": sick}


def bowl(config: Config, best_lr: float = 1e-3) -> float:
    """A loss that the learning rate decides most, then dropout, depth and weight decay a little."""
    distance = math.log10(config["lr"] / best_lr)
    decay = 0.01 if config["weight_decay"] == 0 else 0.01 * abs(math.log10(config["weight_decay"] / 1e-3))
    depth = 0.01 * abs(config["layers"] - 4)
    return 0.3 + 0.08 * distance**2 + 0.15 * (config["dropout"] - 0.2) ** 2 + decay + depth


def by_momentum(config: Config) -> float:
    extra = 0.2 * (config["momentum"] - 0.9) ** 2 if "momentum" in config else 0.25
    return bowl(config) + extra


RESPONSES = (
    Response("high lr goes NaN", lambda c: 0.9 if c["lr"] > 0.03 else 0.02, "nan", bowl),
    Response(
        "best lr beside the sick ones", lambda c: 0.9 if c["lr"] > 0.03 else 0.02, "diverged", lambda c: bowl(c, 0.02)
    ),
    Response(
        "half of the best region is sick", lambda c: 0.5 if c["lr"] > 0.003 else 0.02, "nan", lambda c: bowl(c, 0.05)
    ),
    Response("no weight decay diverges", lambda c: 0.8 if c["weight_decay"] == 0 else 0.03, "diverged", bowl),
    Response("one optimizer fails", lambda c: 0.85 if c["optimizer"] == "lamb" else 0.03, "failed", bowl),
    Response("large batches fail", lambda c: 0.9 if c["batch_size"] >= 128 else 0.02, "failed", bowl),
    Response("a pair goes NaN", lambda c: 0.95 if c["lr"] > 0.005 and c["optimizer"] == "sgd" else 0.02, "nan", bowl),
    Response(
        "low lr with many layers fails",
        lambda c: 0.9 if c["lr"] < 3e-4 and c["layers"] > 4 else 0.02,
        "failed",
        bowl,
    ),
    Response("deep and shallow are sick", lambda c: 0.8 if c["layers"] in (1, 2, 8) else 0.02, "nan", bowl),
    Response("the best lr is out of range", lambda c: 0.03, "nan", lambda c: bowl(c, 0.3), most_lr=0.02),
    Response("a conditional parameter decides", lambda c: 0.7 if c["lr"] > 0.1 else 0.02, "nan", by_momentum),
    Response("lr over batch size", lambda c: 0.9 if c["lr"] / c["batch_size"] > 3e-4 else 0.02, "diverged", bowl),
    Response("nothing is sick, nothing matters", lambda c: 0.0, "nan", lambda c: 0.5),
    Response("sick at random", lambda c: 0.2, "nan", bowl),
)
