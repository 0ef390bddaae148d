"""Configurations that were run several times: one draw each, whatever their seeds do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.detectors._replicates import more_configurations
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


@given(
    st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=2, max_size=30),
    st.integers(1, 20),
)
def test_where_configurations_are_too_few_more_of_them_are_enough(
    tried: list[tuple[int, bool]], hyperparameters: int
) -> None:
    def more(tried: list[tuple[int, bool]]) -> int:
        unit = np.repeat(np.arange(len(tried)), [runs for runs, _ in tried]).astype(np.uint64)
        hits = np.repeat([sick for _, sick in tried], [runs for runs, _ in tried])
        return more_configurations(hits, unit, hyperparameters, 0.05)

    missing = more(tried)
    assert missing >= 0
    if max(runs for runs, _ in tried) == 1 or hyperparameters == 1:
        assert missing == 0
    elif missing and len({runs for runs, _ in tried}) == 1 and len({sick for _, sick in tried}) == 2:
        share = sum(sick for _, sick in tried) / len(tried)
        total = len(tried) + missing
        wider = [(tried[0][0], i < max(1, int(share * total))) for i in range(total)]
        assert more(wider) == 0


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
    hits = rng.random(120) < np.where((x > 0.5) != (y > 0.5), 0.7, 0.2)
    first, again = (search([numbers("x", x), numbers("y", y)], hits, 3) for _ in range(2))
    assert len(told(first)) == 2
    assert [one.p_value for one in first] == [one.p_value for one in again]
