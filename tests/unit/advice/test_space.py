"""The next search space: sick regions go, ranges follow the best trials, and nothing moves on noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hparam_ci.advice.aiming import _next_number
from hparam_ci.advice.axes import axes_of
from hparam_ci.advice.regions import region_of, share_of
from hparam_ci.advice.space import next_space
from hparam_ci.inspection import Cause, Condition, Count, Dimension, SearchSpace, SweepResult
from hparam_ci.sources.read import understand
from hparam_ci.sources.records import from_records
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Hint

Inspect = Callable[..., SweepResult]


def draw(n: int = 200, seed: int = 0) -> tuple[np.random.Generator, dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return rng, {
        "lr": 10 ** rng.uniform(-5, 0, n),
        "dropout": rng.uniform(0, 0.7, n),
        "batch_size": rng.choice([16, 32, 64, 128], n),
        "optimizer": rng.choice(["adam", "sgd", "lamb"], n),
    }


def dimension(result: SweepResult, name: str) -> Dimension:
    assert result.next_space is not None
    [found] = [one for one in result.next_space.dimensions if one.name == name]
    return found


def ends(one: Dimension) -> tuple[float, float]:
    assert one.low is not None
    assert one.high is not None
    return one.low, one.high


def inspected(inspect_columns: Inspect, x: dict[str, Any], loss: Any) -> SweepResult:
    return inspect_columns(trial=list(range(len(loss))), **{k: list(v) for k, v in x.items()}, val_loss=list(loss))


# --- sick regions ---------------------------------------------------------------------------------


def test_a_sick_end_is_cut_out_at_the_threshold(inspect_columns: Inspect) -> None:
    rng, x = draw()
    loss = np.where(x["lr"] > 0.03, np.nan, 0.5 + rng.normal(0, 0.05, 200))
    result = inspected(inspect_columns, x, ["nan" if np.isnan(v) else f"{v:.4f}" for v in loss])
    low, high = ends(dimension(result, "lr"))
    assert high == pytest.approx(0.03, rel=0.15)
    assert low <= 1.2e-5
    assert dimension(result, "lr").log
    assert dimension(result, "dropout").change == "same"
    first = result.recommendations[0]
    assert first.kind == "avoid"
    assert first.action.startswith("Avoid lr > 0.0")
    assert "trials above it went NaN, 0 of " in first.reason
    assert first.cost == pytest.approx(1.5 / 5, abs=0.05)
    assert f"gives up {100 * (first.cost or 0):.0f}% of the searched space" in first.reason


def test_a_sick_category_goes_and_a_sick_pair_is_excluded_alone(inspect_columns: Inspect) -> None:
    rng, x = draw(400, 1)
    pair = (x["lr"] > 0.01) & (x["optimizer"] == "sgd")
    sick = pair | (x["batch_size"] == 16)
    result = inspected(
        inspect_columns, x, ["nan" if s else f"{v:.4f}" for s, v in zip(sick, 0.5 + rng.random(400), strict=True)]
    )
    space = result.next_space
    assert space is not None
    assert dimension(result, "batch_size").choices == (32, 64, 128)
    assert set(dimension(result, "optimizer").choices) == {"adam", "sgd", "lamb"}
    [excluded] = space.excluded
    assert {condition.param for condition in excluded.conditions} == {"lr", "optimizer"}
    assert 0.5 < space.kept < 0.8


def test_a_sick_region_in_which_the_best_trials_lie_stays_and_that_is_said(inspect_columns: Inspect) -> None:
    """The edge of stability: the best learning rates are next to those that diverge."""
    rng, x = draw(300, 2)
    sick = (x["lr"] > 0.03) & (rng.random(300) < 0.6)
    loss = 5 - np.log10(x["lr"]) + rng.normal(0, 0.1, 300)
    result = inspected(inspect_columns, x, ["nan" if s else f"{v:.4f}" for s, v in zip(sick, loss, strict=True)])
    assert result.causes
    assert result.next_space is not None
    assert ends(dimension(result, "lr"))[1] >= 0.99
    assert any("stays, because" in note and "best trials" in note for note in result.next_space.notes)
    first = result.recommendations[0]
    assert (first.kind, first.cost) == ("cure", 0.0)
    assert first.action.startswith("Where lr > 0.0")
    assert "monitor the loss for NaN and add gradient clipping" in first.action
    assert "do not give it up" in first.reason


# --- where the best lie ---------------------------------------------------------------------------


def test_a_range_is_narrowed_to_where_the_best_are(inspect_columns: Inspect) -> None:
    rng, x = draw(200, 3)
    loss = (np.log10(x["lr"]) + 3) ** 2 + rng.normal(0, 0.1, 200) + 1
    result = inspected(inspect_columns, x, loss)
    low, high = ends(dimension(result, "lr"))
    assert 1e-5 < low < 1e-3 < high < 0.1
    assert dimension(result, "lr").change == "narrowed"


def test_a_range_is_extended_past_the_end_at_which_the_best_sit(inspect_columns: Inspect) -> None:
    rng, x = draw(200, 4)
    result = inspected(inspect_columns, x, 10 - np.log10(x["lr"]) + rng.normal(0, 0.1, 200))
    low, high = ends(dimension(result, "lr"))
    assert dimension(result, "lr").change == "moved"
    assert high > 3
    assert low > 1e-4


def test_a_share_is_extended_within_its_bounds(inspect_columns: Inspect) -> None:
    rng, x = draw(200, 5)
    result = inspected(inspect_columns, x, 10 - 5 * x["dropout"] + rng.normal(0, 0.1, 200))
    low, high = ends(dimension(result, "dropout"))
    assert 0.7 < high < 1
    assert low > 0


def test_an_end_that_is_sick_is_not_extended(inspect_columns: Inspect) -> None:
    rng, x = draw(300, 6)
    loss = 10 - np.log10(x["lr"]) + rng.normal(0, 0.1, 300)
    cells = ["nan" if lr > 0.1 else f"{v:.4f}" for lr, v in zip(x["lr"], loss, strict=True)]
    result = inspected(inspect_columns, x, cells)
    assert ends(dimension(result, "lr"))[1] == pytest.approx(0.1, rel=0.15)


def test_a_list_of_numbers_grows_by_its_own_step(inspect_columns: Inspect) -> None:
    rng, x = draw(300, 7)
    loss = 10 - np.log2(x["batch_size"]) + rng.normal(0, 0.2, 300)
    one = dimension(inspected(inspect_columns, x, loss), "batch_size")
    assert one.choices[-1] == 256
    assert 16 not in one.choices


@pytest.mark.parametrize("seed", range(10))
def test_nothing_moves_on_noise(inspect_columns: Inspect, seed: int) -> None:
    rng, x = draw(100, 50 + seed)
    result = inspected(inspect_columns, x, rng.lognormal(size=100))
    assert result.next_space is not None
    moved = [one.name for one in result.next_space.dimensions if one.change != "same"]
    drivers = result.drivers
    assert drivers is not None
    assert set(moved) <= {one.param for one in drivers.hyperparameters if not one.noise}


@pytest.mark.parametrize(
    ("numbers", "up", "following"),
    [
        ([16, 32, 64], True, 128.0),
        ([16, 32, 64], False, 8.0),
        ([1, 2, 3], True, 4.0),
        ([1, 2, 3], False, None),
        ([0, 1, 2], False, None),
        ([1e-4, 1e-3, 1e-2], False, 1e-5),
        ([0.1, 0.3, 0.5], True, 0.7),
        ([0.5, 0.7, 0.9], True, None),
        ([1, 3, 10], True, None),
        ([1, 2, 4], False, None),
    ],
)
def test_the_next_number_of_a_list(numbers: list[float], up: bool, following: float | None) -> None:
    assert _next_number([float(x) for x in numbers], up=up) == following


# --- scales, stores, conditions -------------------------------------------------------------------


def of_store(rows: list[dict[str, Any]], **hints: Hint) -> Sweep:
    return understand(from_records("store", "ab", rows, hints=hints))


def test_a_range_that_the_store_states_beats_that_of_the_trials() -> None:
    rows = [{"params_lr": 0.01 * (i + 1), "params_n": i % 4 + 1, "value": float(i)} for i in range(30)]
    sweep = of_store(
        rows,
        params_lr=Hint("hyperparameter", "", low=1e-4, high=1.0, log=True),
        params_n=Hint("hyperparameter", "", low=1, high=8, log=False),
        value=Hint("metric", "", "minimize"),
    )
    lr, n = axes_of(sweep)
    assert (lr.name, lr.kind, lr.log, lr.low, lr.high) == ("lr", "float", True, 1e-4, 1.0)
    assert (n.kind, n.low, n.high) == ("int", 1, 8)


def test_the_scale_is_seen_in_the_values(inspect_columns: Inspect) -> None:
    rng, x = draw(100, 9)
    result = inspected(inspect_columns, x, rng.random(100))
    assert dimension(result, "lr").log
    assert not dimension(result, "dropout").log


def test_conditional_hyperparameters_keep_their_parent_and_go_with_its_value() -> None:
    rng = np.random.default_rng(10)
    rows = []
    for _ in range(200):
        optimizer = str(rng.choice(["adam", "sgd", "lamb"]))
        row: dict[str, Any] = {"params_optimizer": optimizer, "params_lr": float(rng.uniform(0.1, 1))}
        if optimizer == "sgd":
            row["params_momentum"] = float(rng.uniform(0, 0.99))
        rows.append(row | {"value": float(rng.random())})
    sweep = of_store(rows, value=Hint("metric", "", "minimize"))
    axes = axes_of(sweep)
    space = next_space(axes, [], None, None)
    assert space is not None
    [momentum] = [one for one in space.dimensions if one.name == "momentum"]
    assert momentum.parent is not None
    assert (momentum.parent.name, momentum.parent.values) == ("optimizer", ("sgd",))
    gone = next_space(axes, [cause(Condition(param="params_optimizer", op="==", value="sgd"))], None, None)
    assert gone is not None
    assert "momentum" not in [one.name for one in gone.dimensions]
    assert any(note.startswith("momentum goes with") for note in gone.notes)


def cause(*conditions: Condition, inside: tuple[int, int] = (19, 20), outside: tuple[int, int] = (1, 180)) -> Cause:
    return Cause(
        id="C1",
        code="HP101",
        issue="NaN in a metric",
        conditions=conditions,
        text="a condition",
        inside=Count(affected=inside[0], evaluable=inside[1], low=0, high=1),
        outside=Count(affected=outside[0], evaluable=outside[1], low=0, high=1),
        difference=(0.5, 1),
        risk_ratio=10,
        p_value=1e-5,
        score=10,
        strength="certain",
        explains=inside[0],
        of=inside[0] + outside[0],
        trials=(),
    )


def small() -> Sweep:
    rng = np.random.default_rng(11)
    rows = [
        {
            "lr": float(10 ** rng.uniform(-5, 0)),
            "wd": 0.0 if i % 3 == 0 else float(10 ** rng.uniform(-6, -2)),
            "depth": int(rng.integers(1, 40)),
            "opt": ["adam", "sgd", None][i % 3],
            "val_loss": float(rng.random()),
        }
        for i in range(120)
    ]
    return of_store(rows)


CONDITIONS = st.one_of(
    *(
        st.builds(
            Condition, param=st.just(name), op=st.sampled_from(["<=", ">", "==", "!="]), value=st.floats(1e-6, 30)
        )
        for name in ("lr", "wd", "depth")
    ),
    st.builds(
        lambda name, op, a, b: Condition(param=name, op=op, value=(min(a, b), max(a, b))),
        st.sampled_from(["lr", "wd", "depth"]),
        st.sampled_from(["between", "outside"]),
        st.floats(1e-6, 30),
        st.floats(1e-6, 30),
    ),
    st.builds(Condition, param=st.sampled_from(["opt", "wd"]), op=st.sampled_from(["missing", "set"])),
    st.builds(Condition, param=st.just("opt"), op=st.sampled_from(["==", "!="]), value=st.sampled_from(["adam", "no"])),
    st.just(Condition(param="wd", op="==", value=0.0)),
    st.just(Condition(param="lr / depth", op=">", value=0.1)),
)
SMALL = small()


@settings(deadline=None)
@given(st.lists(st.lists(CONDITIONS, min_size=1, max_size=2), max_size=4))
def test_whatever_the_causes_the_space_stays_one_that_can_be_searched(found: list[list[Condition]]) -> None:
    axes = axes_of(SMALL)
    space = next_space(axes, [cause(*conditions) for conditions in found], None, None)
    assert space is not None
    assert len(space.dimensions) == 4
    assert 0 <= space.kept <= 1
    for one in space.dimensions:
        if one.kind == "choice":
            assert one.choices
            assert set(one.choices) <= set(one.searched)
        else:
            low, high = ends(one)
            assert low <= high
            assert low > 0 or not one.log
    for one in space.excluded:
        assert {condition.param for condition in one.conditions} <= {axis.column.name for axis in axes}


@given(st.lists(CONDITIONS, min_size=1, max_size=2))
def test_the_share_of_the_space_is_one(conditions: list[Condition]) -> None:
    axes = {axis.column.name: axis for axis in axes_of(SMALL)}
    share = share_of(conditions, axes)
    region = region_of(conditions, {name: axis.column for name, axis in axes.items()})
    assert (share is None) == (region is None)
    assert share is None or 0 <= share <= 1


def test_a_condition_on_two_hyperparameters_at_once_is_left_to_people() -> None:
    space = next_space(axes_of(SMALL), [cause(Condition(param="lr / depth", op=">", value=0.1))], None, None)
    assert space is not None
    assert space.notes[0].startswith("Avoid a condition by hand")


def test_zeros_go_where_they_are_sick_and_are_told_where_they_are_not() -> None:
    axes = axes_of(SMALL)
    plain, sick = (
        next_space(axes, causes, None, None) for causes in ([], [cause(Condition(param="wd", op="==", value=0.0))])
    )
    assert plain is not None
    assert sick is not None
    assert any(note.startswith("wd was 0 in 40 of 120") for note in plain.notes)
    [wd] = [one for one in sick.dimensions if one.name == "wd"]
    assert wd.log
    assert ends(wd)[0] > 0
    assert not sick.excluded


def test_a_corner_that_nobody_tried_is_told() -> None:
    rng = np.random.default_rng(12)
    rows = []
    while len(rows) < 80:
        a, b = float(rng.random()), float(rng.random())
        if not (a > 0.5 and b > 0.5):
            rows.append({"alpha": a, "beta": b, "val_loss": float(rng.random())})
    space = next_space(axes_of(of_store(rows)), [], None, None)
    assert isinstance(space, SearchSpace)
    assert [note.replace("0.51", "0.5").replace("0.49", "0.5") for note in space.notes] == [
        "No trial has alpha > 0.5 with beta > 0.5: unexplored"
    ]
