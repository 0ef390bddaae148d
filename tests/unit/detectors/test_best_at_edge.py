"""HP501: the best trials pile up at the border of what was searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hparam_ci.detectors._tails import correlated_by_chance, drawn_at_least
from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Hint
from tests.unit.detectors.conftest import Say, message

N = 80
RNG = np.random.default_rng(3)
PLACES = RNG.permutation(N) / (N - 1)
NOISE = RNG.normal(0, 0.02, N)


def columns(place: np.ndarray, best: float, low: float = 1e-4, high: float = 1e-1) -> dict[str, Any]:
    """A learning rate, log-uniform, whose best place is given; and an idle weight decay."""
    lr = low * (high / low) ** place
    loss = 0.3 + (place - best) ** 2 + NOISE[: len(place)]
    return {"lr": lr, "weight_decay": RNG.uniform(0, 0.1, len(place)), "val_loss": loss}


def test_the_side_and_how_far_on_the_scale_of_the_column(say: Say) -> None:
    [finding] = say("best-at-edge", columns(PLACES, 1.2))
    text = finding.evidence.message
    assert "lowest val_loss" in text
    assert "largest 10% of the range of lr (0.0001 to 0.1 on the log scale)" in text
    assert text.endswith("search on up to 1"), "a third of three decades more"
    assert len(finding.rows) >= 4
    assert message(say("best-at-edge", columns(PLACES, -0.2))).endswith("search on down to 1e-05")


def test_a_linear_range(say: Say) -> None:
    made = columns(PLACES, 1.2)
    made["lr"] = 2 + 6 * PLACES
    assert message(say("best-at-edge", made)).endswith("(2 to 8), where 8 of all 80 lie; search on up to 10")


def test_scores_are_read_the_other_way(say: Say) -> None:
    made = columns(PLACES, 1.2)
    made["val_acc"] = 1 - made.pop("val_loss")
    assert "highest val_acc" in message(say("best-at-edge", made))


def test_an_optimum_inside_is_none(say: Say) -> None:
    for best in (0.3, 0.5, 0.7):
        assert say("best-at-edge", columns(PLACES, best)) == []


def test_the_next_step_of_a_grid(say: Say) -> None:
    made = columns(PLACES, 1.2)
    made["lr"] = np.array([0.001, 0.01, 0.1, 1.0])[np.minimum((PLACES * 4).astype(int), 3)]
    assert message(say("best-at-edge", made)).endswith(
        "lr = 1, the largest value tried, as 20 of all 80 have; search on up to 10"
    )
    made["hidden"] = made.pop("lr") * 0 + np.array([32, 64, 128, 256])[np.minimum((PLACES * 4).astype(int), 3)]
    assert message(say("best-at-edge", made)).endswith("search on up to 510")


@pytest.mark.parametrize(
    ("name", "low", "high", "best"),
    [
        ("dropout", 0.0, 0.5, -0.2),
        ("subsample", 0.2, 1.0, 1.2),
        ("n_layers", 1, 9, -0.2),
        ("max_epochs", 10, 90, 1.2),
        ("n_train", 100, 900, 1.2),
    ],
)
def test_natural_borders(say: Say, name: str, low: float, high: float, best: float) -> None:
    made = columns(PLACES, best)
    values = low + (high - low) * PLACES
    made[name] = np.round(values) if isinstance(low, int) else values
    del made["lr"]
    assert say("best-at-edge", made) == []


def test_a_share_is_not_extended_beyond_1(say: Say) -> None:
    made = columns(PLACES, 1.2)
    made["momentum"] = 0.1 + 0.8 * PLACES
    del made["lr"]
    assert message(say("best-at-edge", made)).endswith("search on up to 0.95")


def test_the_border_is_the_search_space_where_the_store_knows_it(say: Say, sweep_of: Callable[..., Sweep]) -> None:
    sweep = sweep_of(**columns(PLACES, 1.2))
    known = Hint("hyperparameter", "a parameter of the study", low=1e-4, high=10.0, log=True)
    assert say("best-at-edge", read_roles(replace(sweep.table, hints={"lr": known}))) == []


def test_failed_trials_beyond_the_best_show_that_the_border_was_searched(say: Say) -> None:
    made = columns(PLACES, 1.2)
    sick = PLACES > 0.7
    made["status"] = np.where(sick, "FAILED", "FINISHED")
    made["val_loss"] = np.where(sick, "", made["val_loss"].astype(str))
    assert say("best-at-edge", made) == []


def test_replicates_are_one_configuration(say: Say) -> None:
    """Ten lucky seeds of one configuration are no ten best trials."""
    few = np.repeat(np.arange(8) / 7, 10)
    made = columns(few, 1.2)
    made["weight_decay"] = np.repeat(RNG.uniform(0, 0.1, 8), 10)
    made["seed"] = np.tile(range(10), 8)
    assert say("best-at-edge", made) == []


def test_what_cannot_be_judged(say: Say) -> None:
    made = columns(PLACES, 1.2)
    assert say(
        "best-at-edge", {"value": made["val_loss"], "params_lr": made["lr"], "params_wd": made["weight_decay"]}
    ) == ("no objective with a known direction")
    few: Mapping[str, Sequence[Any]] = {name: cells[:12] for name, cells in made.items()}
    assert say("best-at-edge", few) == []
    constant = {**made, "val_loss": np.full(N, 0.5)}
    assert say("best-at-edge", constant) == [], "all are equally good"


def test_tails() -> None:
    assert drawn_at_least(2, 2, 2, 4) == pytest.approx(1 / 6)
    assert drawn_at_least(0, 3, 2, 10) == pytest.approx(1)
    assert drawn_at_least(3, 3, 2, 10) == 0
    assert correlated_by_chance(1.0, 5) == pytest.approx(2 / 120)
    assert correlated_by_chance(0.632, 10) == pytest.approx(0.05, abs=0.001), "the table of critical values"
    assert correlated_by_chance(0.0, 30) == pytest.approx(1)
