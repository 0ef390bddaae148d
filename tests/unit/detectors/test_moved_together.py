"""HP503: hyperparameters that cannot be told apart."""

from __future__ import annotations

from itertools import product

import numpy as np

from tests.unit.detectors.conftest import Say, message

N = 36
RNG = np.random.default_rng(1)
LOSS = RNG.uniform(0.2, 0.9, N)
FREE = RNG.uniform(0, 0.5, N)


def test_one_fixes_the_others_and_the_bundle_is_named_once(say: Say) -> None:
    model = np.tile(["small", "base", "large"], N // 3)
    lr = np.tile([1e-3, 3e-4, 1e-4], N // 3)
    decay = np.tile([0.1, 0.0, 0.1], N // 3)
    text = message(
        say("moved-together", {"lr": lr, "model": model, "weight_decay": decay, "dropout": FREE, "val_loss": LOSS})
    )
    assert text.startswith("lr fixes model and weight_decay")
    assert "cannot be told apart" in text


def test_a_rank_correlation(say: Say) -> None:
    lr = 10 ** RNG.uniform(-4, -1, N)
    columns = {"lr": lr, "warmup_steps": np.round(lr * 1e5 + RNG.uniform(0, 3, N)), "dropout": FREE, "val_loss": LOSS}
    assert message(say("moved-together", columns)).startswith(
        "lr and warmup_steps move together (rank correlation 1.00)"
    )
    columns["warmup_steps"] = np.round(lr * 1e5 * RNG.lognormal(0, 1.5, N))
    assert say("moved-together", columns) == [], "correlated, and still told apart"


def test_each_category_has_its_own_range(say: Say) -> None:
    optimizer = np.tile(["sgd", "adam"], N // 2)
    lr = np.where(optimizer == "sgd", RNG.uniform(0.01, 1, N), RNG.uniform(0.0001, 0.005, N))
    text = message(say("moved-together", {"lr": lr, "optimizer": optimizer, "dropout": FREE, "val_loss": LOSS}))
    assert "each optimizer has its own range of lr" in text


def test_a_full_grid_and_a_random_search_vary_apart(say: Say) -> None:
    grid = list(product([0.1, 0.01, 0.001], [16, 32, 64], ["sgd", "adam"], [0.0, 0.1]))
    lr, batch, optimizer, dropout = zip(*grid, strict=True)
    columns = {"lr": lr, "batch_size": batch, "optimizer": optimizer, "dropout": dropout, "val_loss": LOSS}
    assert say("moved-together", columns) == []
    random = {name: RNG.uniform(1, 2, N) for name in ("lr", "weight_decay", "dropout", "momentum", "gamma")}
    assert say("moved-together", {**random, "val_loss": LOSS}) == []


def test_a_conditional_hyperparameter_is_no_bundle(say: Say) -> None:
    optimizer = np.tile(["sgd", "adam"], N // 2)
    momentum = [f"{RNG.uniform(0.5, 0.99):.3f}" if one == "sgd" else "" for one in optimizer]
    columns = {"optimizer": optimizer, "momentum": momentum, "lr": FREE + 0.1, "val_loss": LOSS}
    assert say("moved-together", columns) == []


def test_few_trials_prove_nothing(say: Say) -> None:
    columns = {"lr": [0.1, 0.2, 0.3, 0.4], "dropout": [0.2, 0.3, 0.4, 0.5], "val_loss": LOSS[:4]}
    assert say("moved-together", columns) == []


def test_replicates_say_nothing_new(say: Say) -> None:
    lr, dropout = np.repeat([0.1, 0.2, 0.3, 0.4], 9), np.repeat([0.3, 0.1, 0.2, 0.0], 9)
    columns = {"lr": lr, "dropout": dropout, "seed": np.tile(range(9), 4), "val_loss": LOSS}
    assert say("moved-together", columns) == [], "four configurations, each seen nine times"
