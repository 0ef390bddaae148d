"""Configurations that were run several times: one draw each, whatever their seeds do."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.detectors._replicates import one_each
from hparam_ci.inspection import SweepResult
from tests.unit.causes.made import draw, features, numbers, search, told

Inspect = Callable[..., SweepResult]


def test_replicates_of_a_configuration_are_one_draw() -> None:
    """One configuration that always fails, run 30 times, says nothing: any of its values may be the reason."""
    _, columns = draw(10, 0)
    each = {name: np.repeat(np.asarray(x), 30).tolist() for name, x in columns.items()}
    hits = np.repeat(np.arange(10) == np.argmax(columns["lr"]), 30)
    assert told(search(features(each), hits)) == []


def test_configurations_run_several_times_still_show_their_cause() -> None:
    rng, columns = draw(60, 3)
    each = {name: np.repeat(np.asarray(x), 3).tolist() for name, x in columns.items()}
    hits = np.repeat(columns["lr"] > 0.01, 3) & (rng.random(180) < 0.9)
    assert [one.conditions[0].param for one in search(features(each), hits) if one.p_value <= 0.05] == ["lr"]


def test_one_hyperparameter_run_often_is_told_by_its_runs(inspect_columns: Inspect) -> None:
    """Its value is the configuration, so that the runs with other seeds are draws of their own."""
    optimizer = ["sgd"] * 31 + ["adam"] * 89
    sick = ["nan" if name == "sgd" else 0.3 + i / 1000 for i, name in enumerate(optimizer)]
    [cause] = inspect_columns(optimizer=optimizer, seed=range(120), val_loss=sick).causes
    assert (cause.text, cause.strength) == ("optimizer = sgd", "certain")
    rng = np.random.default_rng(4)
    chance = ["nan" if x else 0.3 for x in rng.random(120) < 0.25]
    assert not any(c.asserted for c in inspect_columns(optimizer=optimizer, seed=range(120), val_loss=chance).causes)


def test_few_configurations_run_often_say_how_many_more(inspect_columns: Inspect) -> None:
    optimizer, lr = ["sgd", "adam"] * 60, [0.1, 0.1, 0.01, 0.01] * 30
    sick = ["nan" if name == "sgd" else 0.3 + i / 1000 for i, name in enumerate(optimizer)]
    result = inspect_columns(optimizer=optimizer, lr=lr, seed=range(120), val_loss=sick)
    assert not any(cause.asserted for cause in result.causes)
    [why] = result.undetermined
    assert why.reason == "only 4 configurations were tried; about 4 more configurations could tell"
    assert why.more_trials is None


def test_a_configuration_run_again_and_again_does_not_hide_the_cause(inspect_columns: Inspect) -> None:
    found = 0
    for seed in range(8):
        rng, columns = draw(80, seed)
        high = columns["lr"] > 0.01
        again = np.flatnonzero(~high)[3]
        each = np.concatenate([np.arange(80), np.full(25, again)])
        sick = (high & (rng.random(80) < 0.6))[each] | (each == again)
        result = inspect_columns(
            **{name: np.asarray(x)[each] for name, x in columns.items()},
            val_loss=["nan" if x else 0.3 + i / 1000 for i, x in enumerate(sick)],
        )
        told = [cause for cause in result.causes if cause.asserted]
        found += len(told) == 1 and told[0].text.startswith("lr > 0.0")
        assert all(cause.inside.evaluable + cause.outside.evaluable == 105 for cause in told[:1])
    assert found >= 5


def test_two_configurations_run_often_make_no_opposite_corner() -> None:
    _, columns = draw(48, 9)
    low, high = np.array(columns["lr"]) <= 0.003, np.array(columns["momentum"]) > 0.7
    others = np.flatnonzero(low & ~high)[:2]
    sick = (~low & high) | np.isin(np.arange(48), others)
    each = {name: np.repeat(np.asarray(x), 6).tolist() for name, x in columns.items()}
    assert len(told(search(features(each), np.repeat(sick, 6)))) == 1


def test_the_opposite_corner_of_configurations_run_twice_is_the_same_every_time() -> None:
    rng = np.random.default_rng(1)
    x, y = (np.repeat(rng.uniform(0, 1, 60), 2) for _ in range(2))
    hits = rng.random(120) < np.where((x > 0.5) != (y > 0.5), 0.9, 0.1)
    first, again = (search([numbers("x", x), numbers("y", y)], hits, 3) for _ in range(2))
    assert len(told(first)) == 2
    assert [one.p_value for one in first] == [one.p_value for one in again]


@pytest.mark.parametrize(
    ("shares", "sick"),
    [
        ((0.0, 0.0, 1.0, 1.0), (False, False, True, True)),
        ((0.0, 0.25, 0.75, 1.0), (False, False, True, True)),
        ((0.0, 0.0, 0.0, 0.25), (False, False, False, True)),  # rarely sick, and never elsewhere
        ((0.75, 0.75, 1.0, 0.75), (False, False, True, False)),
        ((0.5, 0.5, 0.5, 0.5), (False,) * 4),
    ],
)
def test_a_configuration_is_sick_where_its_share_is_large_among_all(
    shares: tuple[float, ...], sick: tuple[bool, ...]
) -> None:
    units = np.repeat(np.arange(4), 4)
    hits = np.concatenate([np.arange(4) < 4 * share for share in shares])
    first, found, strata = one_each(units, hits)
    assert first.tolist() == [0, 4, 8, 12]
    assert tuple(found.tolist()) == sick
    assert len(set(strata.tolist())) == 1


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40))
def test_runs_of_a_configuration_in_any_order_are_one(trials: list[tuple[int, bool]]) -> None:
    units, hits = (np.array(column) for column in zip(*trials, strict=True))
    _, sick, strata = one_each(units, hits)
    back = np.arange(len(units))[::-1]
    _, again, others = one_each(units[back], hits[back])
    assert sick.tolist() == again.tolist()
    assert strata.tolist() == others.tolist()
    for low, high in itertools.product(range(len(sick)), repeat=2):  # no healthy one has a larger share than a sick one
        shares = [hits[units == np.unique(units)[one]].mean() for one in (low, high)]
        assert not (sick[low] and not sick[high] and shares[0] < shares[1])


def test_seeds_that_share_their_fate_accuse_no_second_hyperparameter(inspect_columns: Inspect) -> None:
    """Four runs of each configuration with one fate are not four trials: what separates them best by chance is none."""
    accused = 0
    for seed in range(10):
        rng, columns = draw(30, seed)
        sick = np.repeat((columns["lr"] > 0.003) & (rng.random(30) < 0.8), 4)
        result = inspect_columns(
            **{name: np.repeat(np.asarray(x), 4) for name, x in columns.items()},
            val_loss=["nan" if x else 0.3 + i / 1000 for i, x in enumerate(sick)],
        )
        named = {condition.param for cause in result.causes if cause.asserted for condition in cause.conditions}
        accused += bool(named - {"lr"})
    assert accused <= 2


def test_few_values_in_runs_of_few_configurations_are_no_names_of_each_other(inspect_columns: Inspect) -> None:
    rng = np.random.default_rng(2)
    columns = {name: np.repeat(rng.random(12), 5) for name in ("lr", "dropout", "momentum")}
    sick = columns["lr"] > 0.5
    result = inspect_columns(**columns, val_loss=["nan" if x else 0.3 + i / 1000 for i, x in enumerate(sick)])
    assert all(not cause.same_as for cause in result.causes)


def test_runs_of_configurations_in_any_order_of_rows_give_the_same_causes(inspect_columns: Inspect) -> None:
    rng, columns = draw(40, 5)
    each = {name: np.repeat(np.asarray(x), 3) for name, x in columns.items()}
    started = (
        np.repeat(rng.permutation(40), 3) * 3 + rng.permuted(np.tile(np.arange(3), (40, 1)), axis=1).ravel()
    ).astype(int)
    sick = started > 70  # since when the disk was full
    answers = []
    for rows in (np.arange(120), rng.permutation(120)):
        result = inspect_columns(
            trial=started[rows],
            **{name: x[rows] for name, x in each.items()},
            val_loss=["nan" if x else 0.5 for x in sick[rows]],
        )
        answers.append([(c.text, c.p_value, c.inside) for c in result.causes] + [u.reason for u in result.undetermined])
    assert answers[0] == answers[1]
    assert "follows the order of the trials" in str(answers[0])
