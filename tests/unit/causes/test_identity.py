"""The posterior over explanations: it is one, and a candidate that is unlikely takes nothing from the others."""

from __future__ import annotations

import numpy as np
import pytest

from hparam_ci.causes.identity import identify
from tests.unit.causes.made import draw, features, numbers


@pytest.mark.parametrize("seed", range(3))
def test_all_explanations_together_are_certain(seed: int) -> None:
    rng, columns = draw(60, seed)
    who = identify(features(columns), rng.random(60) < np.where(columns["lr"] > 0.01, 0.6, 0.2))
    pairs = sum(float(matrix.sum()) / 2 for matrix in who.two.values())
    assert float(who.one.sum()) + pairs + float(who.three.sum()) == pytest.approx(1.0)


def test_without_anything_to_tell_trials_apart_nothing_has_part() -> None:
    constant = numbers("lr", np.ones(20))
    who = identify([constant, constant], np.arange(20) < 8)
    assert who.inclusion.tolist() == [0.0, 0.0]
    assert who.evidence == -np.inf


def test_three_conditions_are_as_likely_beside_the_order_of_the_trials_as_without_it() -> None:
    _, columns = draw(120, 4)
    sick = (columns["lr"] > 0.003) & (columns["dropout"] < 0.4) & (columns["momentum"] > 0.7)
    known = features(columns)
    alone = identify(known, sick)
    beside = identify([*known, numbers("order", np.arange(120.0))], sick, np.array([1.0] * len(known) + [0.1]))
    assert alone.three.max() > 0.9
    assert beside.three.max() == pytest.approx(alone.three.max(), abs=0.1)
