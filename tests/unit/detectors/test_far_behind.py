"""HP307: a group of trials far behind all the others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hparam_ci.detectors.run import detect
from hparam_ci.sources.sweep import Sweep
from tests.unit.detectors.conftest import Look, rows

GOOD = np.random.default_rng(1).normal(0.32, 0.02, 20)


def test_scores_with_nothing_in_between(look: Look) -> None:
    seen = look("far-behind", {"ndcg@10": [*GOOD, 0.03, 0.031, 0.034]})
    assert rows(seen.flagged) == [20, 21, 22]
    shown = seen.evidence(21)
    assert f"the others end between {GOOD.min():.4g} and {GOOD.max():.4g}" in shown.message
    assert shown.limit == f"{GOOD.min():.4g}"


def test_costs_and_rewards_below_zero(look: Look) -> None:
    assert rows(look("far-behind", {"fid": [*(100 * GOOD), 250, 300, 320]}).flagged) == [20, 21, 22]
    seen = look("far-behind", {"eval/mean_reward": [*(-100 * GOOD), -210, -205, -220]})
    assert rows(seen.flagged) == [20, 21, 22]
    assert seen.evidence(20).limit == f"{-100 * GOOD.max():.4g}"


def test_the_more_are_behind_the_less_wide_the_gap_has_to_be(look: Look) -> None:
    returns = np.random.default_rng(2).normal(420, 40, 60).clip(330, 510).tolist()
    for collapsed, told in ((3, False), (16, True)):
        seen = look("far-behind", {"mean_reward": [*returns, *np.linspace(12, 20, collapsed)]})
        assert rows(seen.flagged) == list(range(60, 60 + collapsed)) * told
    worse = np.linspace(120, 160, 16)  # many, and not so far behind
    assert not look("far-behind", {"mean_reward": [*returns, *worse]}).flagged.any()


@pytest.mark.parametrize(
    "behind",
    [
        [0.03, 0.031],  # outliers, and no group
        [0.2, 0.21, 0.22, 0.15, 0.1, 0.03, 0.031, 0.034],  # no empty gap
        [0.18, 0.181, 0.182],  # a gap, and not far
    ],
)
def test_what_is_no_group_far_behind(look: Look, behind: list[float]) -> None:
    assert not look("far-behind", {"ndcg@10": [*GOOD, *behind]}).flagged.any()


def test_what_another_detector_says_is_not_said_again(look: Look) -> None:
    held_out = [*(1 - GOOD), 90.0, 95.0, 92.0]
    overfit = {"train_acc": [0.7] * 20 + [1.0] * 3, "val_acc": [*(GOOD + 0.35), 0.1, 0.12, 0.11]}
    assert look("overfitting", overfit).flagged[20:].all()
    assert not look("far-behind", overfit).flagged.any()
    assert look("diverged", {"val_loss": held_out}).flagged[20:].all()
    assert not look("far-behind", {"val_loss": held_out}).flagged.any()


def test_a_good_minority_leaves_nobody_behind(look: Look) -> None:
    assert not look("far-behind", {"ndcg@10": [*GOOD[:9], *([0.03, 0.031] * 10)]}).flagged.any()


def test_trials_that_were_cut_short_or_pruned_are_not_judged(look: Look) -> None:
    state = ["COMPLETE"] * 20 + ["PRUNED"] * 3
    seen = look("far-behind", {"ndcg@10": [*GOOD, 0.03, 0.031, 0.034], "state": state})
    assert not seen.flagged.any()
    assert not seen.at_risk[20:].any()


def test_different_data_are_not_compared(sweep_of: Callable[..., Sweep]) -> None:
    named = ["cifar10"] * 20 + ["imagenet"] * 3
    sweep = sweep_of(lr=list(range(23)), dataset=named, **{"ndcg@10": [*GOOD, 0.03, 0.031, 0.034]})
    assert "different data" in detect(sweep).not_seen["HP307"]


@pytest.mark.parametrize("shape", ["normal", "exponential", "lognormal", "uniform", "t"])
def test_one_skewed_or_heavy_tail_hardly_ever_has_a_group_apart(look: Look, shape: str) -> None:
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(200):
        values = rng.standard_t(3, 40) if shape == "t" else getattr(rng, shape)(size=40)
        found += bool(look("far-behind", {"fid": 10 + values}).flagged.any())
    assert found <= 1
