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


def test_a_candidate_that_is_unlikely_makes_those_threes_less_likely_that_it_has_part_in() -> None:
    _, columns = draw(60, 0)
    order = np.arange(60.0)
    sick = (columns["lr"] > 0.001) & (columns["dropout"] < 0.5) & (order > 21)
    known = [*features(columns), numbers("order", order)]
    even = identify(known, sick)
    uneven = identify(known, sick, np.array([1.0] * 6 + [0.1]))
    with_order = (even.triples.names == 6).any(1)
    assert 0 < with_order.sum() < len(with_order)
    ratio = uneven.three / even.three
    assert ratio[with_order] / ratio[~with_order][0] == pytest.approx(np.full(with_order.sum(), 0.1))
    assert ratio[~with_order] / ratio[~with_order][0] == pytest.approx(np.ones((~with_order).sum()))
