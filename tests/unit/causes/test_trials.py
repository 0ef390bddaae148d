"""What the search sees of a sweep: the order of the trials, and hyperparameters that say the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from hparam_ci.causes.trials import Trials, started
from hparam_ci.sources.sweep import Sweep

Make = Callable[..., Sweep]


def test_trials_of_a_grid_have_no_order_of_their_own(sweep_of: Make) -> None:
    """The outermost hyperparameter of a grid rises with the order, so that its effect is that of the order."""
    lr, batch = zip(*itertools.product([0.1, 0.01, 0.001], [16, 32, 64, 128]), strict=True)
    grid = sweep_of(trial=range(12), lr=lr, batch_size=batch, val_loss=np.linspace(0.3, 0.9, 12).tolist())
    assert started(grid) is not None
    assert Trials(grid).order is None


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_grid_of_two_halves_is_one_too(sweep_of: Make, mirrored: bool) -> None:
    switch = [not mirrored] * 6 + [mirrored] * 6
    lr = np.random.default_rng(0).uniform(0.001, 0.1, 12).tolist()
    assert Trials(sweep_of(trial=range(12), lr=lr, use_bias=switch, val_loss=lr)).order is None


def test_trials_drawn_at_random_have_one(sweep_of: Make) -> None:
    rng = np.random.default_rng(1)
    drawn = sweep_of(
        trial=range(40), lr=rng.uniform(0.001, 0.1, 40).tolist(), optimizer=rng.choice(["adam", "sgd"], 40).tolist(),
        val_loss=rng.uniform(0.3, 0.9, 40).tolist(),
    )  # fmt: skip
    assert Trials(drawn).order is not None


def test_a_blank_that_stays_blank_is_no_change(sweep_of: Make) -> None:
    """Sorted by a hyperparameter that is not set in the first half: one change, as of a grid with two values."""
    lr = np.random.default_rng(2).uniform(0.001, 0.1, 12).tolist()
    clip = [""] * 6 + [0.5] * 3 + [1.0] * 3
    assert Trials(sweep_of(trial=range(12), lr=lr, grad_clip=clip, val_loss=lr)).order is None


def test_names_with_a_running_number_and_dates_tell_the_order(sweep_of: Make) -> None:
    lr = np.random.default_rng(3).uniform(0.001, 0.1, 12).tolist()
    shuffled = [7, 2, 11, 0, 5, 1, 9, 3, 10, 4, 8, 6]
    named = started(sweep_of(run_name=[f"run-{k}" for k in shuffled], lr=lr, val_loss=lr))
    dated = started(sweep_of(started=[f"2026-01-01 00:{k:02d}:00" for k in shuffled], lr=lr, val_loss=lr))
    for order in (named, dated):
        assert order is not None
        assert np.argsort(np.argsort(order.values)).tolist() == shuffled


def test_equal_configurations_are_told_by_one_number_whatever_their_order(sweep_of: Make) -> None:
    sweep = sweep_of(lr=[0.1, 0.2, 0.1, 0.1], optimizer=["adam", "adam", "adam", "sgd"], val_loss=[1, 2, 3, 4])
    found = Trials(sweep).hashes
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3
