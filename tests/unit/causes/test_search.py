"""What the search asks of a sweep before it starts, what it does without, and how exact its answer is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hparam_ci.causes.identity import Identity
from hparam_ci.causes.search import fewest_trials
from hparam_ci.causes.sharpen import sharpened
from hparam_ci.causes.trials import SAMPLE
from hparam_ci.causes.triples import Explained
from hparam_ci.inspection import Condition, SweepResult
from tests.unit.causes.made import draw, numbers


def test_a_large_sweep_too_has_to_have_both_sick_and_healthy_trials() -> None:
    assert fewest_trials(2_000, 3, 3)
    assert not fewest_trials(2_000, 2, 3)
    assert not fewest_trials(2_000, 2_000, 3)


def test_explanations_without_the_lead_are_also_those_of_three_others() -> None:
    names, nothing = np.array([[0, 1, 2], [1, 2, 3]]), np.zeros((4, 4))
    triples = Explained(names, np.zeros(2), [])
    who = Identity(np.zeros(4), {"and": nothing}, np.array([0.3, 0.7]), triples, 0.0)
    assert who.inclusion == pytest.approx([0.3, 1.0, 1.0, 0.7])
    assert who.without(0) == pytest.approx([0.0, 0.7, 0.7, 0.7])


@pytest.mark.parametrize("op", ["<=", ">"])
def test_a_threshold_moves_to_where_the_single_trials_put_it(op: str) -> None:
    x = np.random.default_rng(4).uniform(0, 1, 200)
    hits = x <= 0.4 if op == "<=" else x > 0.4
    [moved] = sharpened((Condition("lr", op, 0.3),), {"lr": numbers("lr", x)}, hits)  # type: ignore[arg-type]
    assert moved.op == op
    assert x[x <= 0.4].max() <= float(moved.value or 0) < x[x > 0.4].min()  # type: ignore[arg-type]


def test_the_least_value_of_a_grid_is_named_as_itself() -> None:
    feature = numbers("batch", np.tile([16, 32, 64], 30))
    assert feature.cut(16.0, low_side=True) == Condition("batch", "==", 16.0)
    assert feature.cut(32.0, low_side=False) == Condition("batch", "==", 64.0)


def test_of_a_large_sweep_all_trials_say_where_the_threshold_is(inspect_columns: Callable[..., SweepResult]) -> None:
    _, columns = draw(3 * SAMPLE, 9)
    sick = columns["lr"] > 0.0123456
    [cause] = inspect_columns(**columns, val_loss=["nan" if x else 0.4 for x in sick]).causes
    a, n = int(sick.sum()), len(sick)
    assert (cause.inside.affected, cause.inside.evaluable, cause.outside.affected) == (a, a, 0)
    assert ((columns["lr"] > cause.conditions[0].value) == sick).all()
    assert cause.score == pytest.approx(-2 * (a * np.log(a / n) + (n - a) * np.log(1 - a / n)))
