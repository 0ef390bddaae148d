"""Thresholds and levels in the words and numbers that people use."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.causes.conditions import describe, round_between
from hparam_ci.causes.feature import Feature
from hparam_ci.inspection import Condition, Operator
from hparam_ci.sources.table import Cell, Column
from hparam_ci.wording import show_number
from tests.unit.causes.made import numbers, texts


def digits(value: float) -> int:
    """How many significant digits a number has."""
    return len(repr(float(value)).split("e")[0].replace(".", "").strip("-0"))


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.001, 0.1, 0.01),  # far apart: the middle of their powers of ten
        (0.0098, 0.0123, 0.01),
        (8.0, 16.0, 10.0),
        (11.0, 12.0, 11.0),  # whole numbers: max_depth > 11, and not > 11.5
        (0.25, 0.75, 0.5),
        (-0.3, 0.2, 0.0),
        (-0.1, -0.001, -0.01),
    ],
)
def test_a_threshold_is_the_number_that_people_would_write(low: float, high: float, shown: float) -> None:
    assert round_between(low, high) == shown


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e6))
def test_a_threshold_lies_between_its_neighbours_and_none_between_them_is_much_rounder(low: float, gap: float) -> None:
    high = low + gap
    if not low < high:
        return
    found = round_between(low, high)
    assert low <= found < high
    middle = (low + high) / 2
    for places in range(1, 17):
        plain = float(f"{middle:.{places}g}")
        if low <= plain < high:
            assert digits(found) <= digits(plain) + 1 or found == low
            break


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (32768.0, "32768"), (0.00012345, "0.0001234"), (1e-05, "1e-05"), (19.984, "19.98"), (1234567.8, "1234568"),
        (3e9, "3e+09"), (100.0, "100"), (-45678.4, "-45678"),
    ],
)  # fmt: skip
def test_numbers_are_written_out_as_far_as_people_do(value: float, shown: str) -> None:
    assert show_number(value) == shown


def choices(*names: str) -> Feature:
    codes = np.arange(len(names), dtype=np.int32).repeat(5)
    kinds = np.full(len(codes), Cell.TEXT, np.uint8)
    return Feature(Column("opt", kinds, np.full(len(codes), math.nan), codes, names))


@pytest.mark.parametrize(
    ("chosen", "inside", "text"),
    [
        ([0], True, "opt = adam"),
        ([0], False, "opt ≠ adam"),
        ([0, 2], True, "opt is adam or rmsprop"),
        ([0, 2], False, "opt is lamb or sgd"),
        ([0, 1, 2], False, "opt = sgd"),
    ],
)
def test_levels_are_named_from_the_side_that_is_shorter(chosen: list[int], inside: bool, text: str) -> None:
    feature = choices("adam", "lamb", "rmsprop", "sgd")
    condition = feature.of_levels(np.array(chosen), inside=inside)
    assert describe((condition,)) == text
    holds = feature.mask(condition).reshape(4, 5)
    assert (holds == holds[:, :1]).all()
    assert set(np.flatnonzero(holds[:, 0])) == (set(chosen) if inside else set(range(4)) - set(chosen))


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Condition("batch × seq", ">", 32768.0), "batch × seq > 32768"),
        (Condition("lr", "between", (1e-4, 0.01)), "lr between 0.0001 and 0.01"),
        (Condition("lr", "outside", (1e-4, 0.01)), "lr outside 0.0001 to 0.01"),
        (Condition("opt", "in", ("adam", "lamb", "sgd")), "opt is adam, lamb or sgd"),
        (Condition("clip", "missing", None), "clip is not set"),
        (Condition("clip", "set", None), "clip is set"),
    ],
)
def test_conditions_in_words(condition: Condition, text: str) -> None:
    assert describe((condition,)) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e6))
def test_a_round_number_lies_in_its_gap(low: float, width: float) -> None:
    high = low + width
    if low < high:
        assert low <= round_between(low, high) < high


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=8, max_size=40),
    st.sampled_from(["<=", ">", "==", "!=", "between", "outside", "missing", "set"]),
    st.integers(0, 6),
)
def test_the_opposite_of_a_condition_holds_for_all_others_that_have_a_value(
    values: list[int | None], op: Operator, at: int
) -> None:
    feature = numbers("x", [np.nan if x is None else x for x in values])
    condition = Condition(param="x", op=op, value=(1.0, float(at)) if op in ("between", "outside") else float(at))
    opposite = feature.mask(feature.opposite(condition))
    everything = np.ones(len(values), bool) if op in ("missing", "set") else ~feature.blank
    assert (opposite == (everything & ~feature.mask(condition))).all()


@given(st.lists(st.sampled_from("abcd"), min_size=8, max_size=40), st.sets(st.sampled_from("abcd"), min_size=1))
def test_the_opposite_of_levels_is_all_other_levels(values: list[str], chosen: set[str]) -> None:
    feature = texts("x", values)
    within = np.array([value in chosen for value in values])
    if 0 < within.sum() < len(values):
        names = tuple(sorted(chosen))
        condition = Condition(param="x", op="in", value=names) if len(names) > 1 else Condition("x", "==", names[0])
        assert (feature.mask(feature.opposite(condition)) == ~within).all()
        if len(names) == 1:
            assert (feature.mask(feature.opposite(Condition("x", "!=", names[0]))) == within).all()


def test_a_number_among_texts_is_a_level_with_its_own_name() -> None:
    kinds = np.array([Cell.TEXT, Cell.NUMBER, Cell.NUMBER] * 6, np.uint8)
    values = np.array([math.nan, 0.1, 0.5] * 6)
    codes = np.array([0, -1, -1] * 6, np.int32)
    feature = Feature(Column("gamma", kinds, values, codes, ("scale",)))
    assert feature.labels == ["0.1", "0.5", "scale"]
    condition = feature.of_levels(np.array([0]))
    assert describe((condition,)) == "gamma = 0.1"
    assert (feature.mask(condition) == (values == 0.1)).all()


@pytest.mark.parametrize(
    "feature",
    [
        numbers("x", [0, 0, 0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89]),
        numbers("x", [0, 0, 0, 1, 2, np.nan, 5, 8, np.nan, 21, 34, 55, 89]),
        numbers("x", [1, 2, 4, 8] * 5),
        texts("x", list("abcde") * 4),
        texts("x", list("ab") * 9),
    ],
)
def test_all_that_can_be_said_of_a_hyperparameter_is_searched_with_weights_that_sum_to_one(feature: Feature) -> None:
    regions, families = feature.regions(), feature.families()
    assert regions is not None
    assert regions.inside.sum() + regions.outside.sum() == pytest.approx(1, abs=1e-9)
    asked = {tuple(row) for family in families for row in family.members.tolist()}
    assert asked <= {tuple(row) for row in regions.members.tolist()}


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ([0.0] * 5 + [0.1 * i for i in range(1, 16)], True),
        ([0.0] + [0.1 * i for i in range(1, 16)], False),  # one of many that never repeat is not "off"
        ([0.0, 0.1, 0.2, 0.3] * 4, True),  # a grid that begins with it
        ([0.1, 0.2, 0.3, 0.4] * 4, False),
        ([-1.0, 0.0, 0.0, 0.0, *np.linspace(0.1, 2, 16)], False),
    ],
)
def test_zero_weighs_more_than_any_other_least_value(values: list[float], asked: bool) -> None:
    feature, other = numbers("x", values), numbers("x", np.asarray(values) + 10)

    def least(feature: Feature) -> float:
        regions = feature.regions()
        assert regions is not None
        alone = (regions.members[:, : feature.bins].argmin(1) == 1) & (regions.members.sum(1) == 1)
        return float(regions.inside[alone].sum())

    assert (least(feature) > 1.5 * least(other)) == asked


def test_two_sick_ends_are_expected_to_be_of_like_size() -> None:
    feature = numbers("x", np.arange(30.0))
    [family] = [family for family in feature.families() if family.kind == "interval"]
    first, last = family.members.argmax(1), 30 - family.members[:, ::-1].argmax(1)
    weights = {(a, 30 - b): w for a, b, w in zip(first.tolist(), last.tolist(), family.outside, strict=True)}
    assert weights[4, 4] > 1.1 * weights[2, 6] > 1.1**2 * weights[1, 7]
    for (low, high), weight in weights.items():
        assert weight == pytest.approx(weights[high, low])
