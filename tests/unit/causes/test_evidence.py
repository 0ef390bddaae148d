"""Evidence against direct computation, and null draws against exact counts."""

from __future__ import annotations

from itertools import combinations
from math import comb, exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hparam_ci.causes.evidence import INSIDE, OUTSIDE, Evidence, log_sum, plausible
from hparam_ci.causes.existence import BLOCK, ENOUGH, Deals, exists
from hparam_ci.causes.feature import Feature
from hparam_ci.causes.identity import identify
from hparam_ci.causes.pairs import Pairs
from hparam_ci.sources.table import Cell, Column


def numbers(name: str, values: list[float]) -> Feature:
    n = len(values)
    kinds = np.full(n, Cell.NUMBER, np.uint8)
    return Feature(Column(name, kinds, np.array(values, float), np.full(n, -1, np.int32), ()))


def averaged(prior: tuple[float, float], hits: int, n: int) -> float:
    """The probability of `hits`, in their order, in n trials whose rate has a Beta prior: by numerical integration."""
    root = (np.arange(20_000) + 0.5) / 20_000
    rate = root**2  # a prior may rise without end towards 0
    weight = 2 * root * rate ** (prior[0] - 1) * (1 - rate) ** (prior[1] - 1)
    return float((rate**hits * (1 - rate) ** (n - hits) * weight).sum() / weight.sum())


@settings(deadline=None)
@given(st.integers(3, 12), st.integers(0, 12), st.integers(0, 12), st.integers(1, 12))
def test_evidence_is_the_ratio_of_two_probabilities(a: int, more: int, b: int, m: int) -> None:
    k, b = a + more, min(b, m)
    n, hits = k + m, a + b
    shared = (hits / n) ** hits * ((n - hits) / n) ** (n - hits)
    expected = averaged(INSIDE, a, k) * averaged(OUTSIDE, b, m) / shared
    assert exp(float(Evidence(n)(np.array(a), np.array(k), hits, n))) == pytest.approx(expected, rel=1e-3)


@settings(deadline=None)
@given(st.integers(2, 9), st.floats(0.05, 0.95))
def test_the_mean_evidence_under_one_rate_is_at_most_one(k: int, rate: float) -> None:
    """An e-value: summed over all outcomes with their probability, for a region of k of 10 trials."""
    n = 10
    total = 0.0
    for a in range(k + 1):
        for b in range(n - k + 1):
            chance = comb(k, a) * comb(n - k, b) * rate ** (a + b) * (1 - rate) ** (n - a - b)
            if 0 < a + b < n:
                total += chance * exp(float(Evidence(n)(np.array(a), np.array(k), a + b, n)))
    assert total <= 1.0 + 1e-9


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8))
def test_log_sum(values: list[float]) -> None:
    assert log_sum(np.array(values)) == pytest.approx(float(np.log(np.exp(values).sum())), abs=1e-9)
    assert log_sum(np.array([])) == -np.inf


def test_the_p_value_of_draws_is_that_of_all_ways_to_place_the_hits() -> None:
    """9 trials, 3 sick: 84 ways, of which those with as much evidence are counted one by one."""
    feature = numbers("lr", [float(i) for i in range(9)])
    hits = np.arange(9) >= 6

    def statistic(chosen: tuple[int, ...]) -> float:
        mask = np.isin(np.arange(9), chosen)
        return round(exists([feature], mask, Deals(mask, 0), 0.0).evidence, 9)

    reached = sum(statistic(chosen) >= statistic((6, 7, 8)) for chosen in combinations(range(9), 3))
    p = exists([feature], hits, Deals(hits, 1), 0.05).p_value
    assert p == pytest.approx(reached / comb(9, 3), abs=0.012)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=30))
def test_dealt_hits_keep_their_number_in_each_stratum(trials: list[tuple[bool, int]]) -> None:
    hits, strata = (np.array(column) for column in zip(*trials, strict=True))
    dealt = Deals(hits, 1, strata).draw(5)
    for stratum in range(3):
        within = strata == stratum
        assert (dealt[:, within].sum(1) == hits[within].sum()).all()


def test_hits_are_dealt_to_all_trials_of_their_stratum() -> None:
    hits, strata = np.array([True, False, False, True, True, True]), np.repeat([0, 1], 3)
    dealt = Deals(hits, 0, strata).draw(60)
    assert {tuple(row) for row in dealt[:, :3].tolist()} == {
        (True, False, False),
        (False, True, False),
        (False, False, True),
    }
    assert dealt[:, 3:].all()


class Counted(Deals):
    """Null draws that count themselves."""

    drawn = 0

    def draw(self, draws: int) -> NDArray[np.bool_]:
        self.drawn += draws
        return super().draw(draws)


def test_dealing_stops_as_soon_as_the_answer_is_known() -> None:
    rng = np.random.default_rng(2)
    features = [numbers(f"x{i}", rng.random(40).tolist()) for i in range(5)]
    chance = rng.random(40) < 0.3
    hopeless = Counted(chance, 0)
    p = exists(features, chance, hopeless, 0.05).p_value
    assert p > 0.1
    assert hopeless.drawn <= ENOUGH / p + BLOCK
    near = Counted(chance, 1)
    assert exists(features, chance, near, p).p_value == pytest.approx(p, rel=0.6)


def test_p_values_of_chance_are_spread_evenly() -> None:
    """300 sweeps of 24 trials and 3 hyperparameters, without a cause: 5 % of them at most 0.05, within chance."""
    rng = np.random.default_rng(4)
    found = []
    for seed in range(300):
        features = [numbers(f"x{i}", rng.random(24).tolist()) for i in range(3)]
        hits = np.isin(np.arange(24), rng.permutation(24)[:8])
        found.append(exists(features, hits, Deals(hits, seed), 0.05).p_value)
    assert 4 <= np.count_nonzero(np.array(found) <= 0.05) <= 28
    assert np.mean(found) == pytest.approx(0.5, abs=0.07)


@given(st.floats(0.0, 1.0))
def test_regions_of_a_plausible_size_weigh_more(share: float) -> None:
    weights = plausible(np.array([0.0, 0.25, share, 1.0]))
    assert (weights >= 0).all()
    assert weights[1] == weights.max()


def test_chance_in_a_large_sweep_has_a_p_value_without_draws() -> None:
    rng = np.random.default_rng(1)
    features = [numbers(f"x{i}", rng.random(1_500).tolist()) for i in range(4)]
    hits = rng.random(1_500) < 0.2
    deals = Counted(hits, 0)
    assert 0.05 < exists(features, hits, deals, 0.05).p_value <= 1
    assert deals.drawn == 0


@pytest.mark.filterwarnings("error")
def test_a_hyperparameter_that_brings_nothing_into_a_pair_is_left_out_of_them() -> None:
    rng = np.random.default_rng(3)
    features = [
        numbers("lr", rng.random(40).tolist()),
        numbers("wd", rng.random(40).tolist()),
        numbers("k", [1.0] * 40),
    ]
    hits = np.asarray((features[0].values > 0.4) & (features[1].values > 0.5))
    who = identify(features, hits)
    assert who.partner(0)[:2] == ("and", 1)
    assert who.inclusion[2] == 0


def test_pairs_that_are_made_some_at_a_time_hold_the_same_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    pairs = Pairs([numbers(f"x{i}", rng.random(30).tolist()) for i in range(4)], 30)
    whole = pairs.both()
    assert (whole.sum(1) == pairs.k).all()
    assert set(np.unique(whole)) <= {0.0, 1.0}
    monkeypatch.setattr("hparam_ci.causes.pairs.TOGETHER", 7)
    assert (pairs.both() == whole).all()


def test_each_pair_has_the_regions_of_its_own_two() -> None:
    rng = np.random.default_rng(5)
    features = [numbers(f"x{i}", rng.random(30).tolist()) for i in range(5)]
    pairs = Pairs(features, 30)
    assert pairs.number == 10
    assert {tuple(np.flatnonzero(row)) for row in pairs.parts} == set(combinations(range(5), 2))
    ends = [*pairs.starts[1:], len(pairs.k)]
    for row, start, end in zip(pairs.parts, pairs.starts, ends, strict=True):
        alone = Pairs([features[i] for i in np.flatnonzero(row)], 30)
        assert sorted(pairs.k[start:end]) == sorted(alone.k)


@pytest.mark.parametrize("sick", [(0, 12, 40), (0, 20, 40), (2, 15, 36), (0, 8, 24)])
def test_a_rate_that_falls_over_three_steps_is_evidence_as_one_that_rises(sick: tuple[int, int, int]) -> None:
    feature = [numbers("x", np.repeat([0.0, 1.0, 2.0], 40).tolist())]
    rising, falling = (np.concatenate([np.arange(40) < hits for hits in order]) for order in (sick, sick[::-1]))
    assert identify(feature, rising).evidence == pytest.approx(identify(feature, falling).evidence, abs=0.1)
