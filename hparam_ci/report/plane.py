"""Where trials and conditions lie on the axes of a picture, whoever draws it."""

from __future__ import annotations

from itertools import pairwise

from hparam_ci.inspection import Cause, Condition, SampledColumn, TrialSample
from hparam_ci.report.svg import Axis, label

PLANE = 2  # conditions in one picture
SPREAD = (0.7548776662466927, 0.5698402909980532)  # steps that fill a square evenly (Roberts, 2018)

Point = tuple[str, float | None, float | None, bool]


def drawn(cause: Cause, sample: TrialSample) -> str:
    """How many of the trials are drawn: `12 of 12 sick and 288 of 4,000 other trials drawn`; nothing where all are."""
    marks = sample.marks.get(cause.code, "")
    sick, able = marks.count("x"), marks.count("x") + marks.count("o")
    if cause.beside:
        return f"{able:,} trials drawn; the bars count {cause.among.removeprefix('among ')}"
    everything = cause.inside.evaluable + cause.outside.evaluable
    if able >= everything:
        return ""
    others = f"{able - sick:,} of {everything - cause.of:,} other trials"
    return f"{sick:,} of {cause.of:,} sick and {others} drawn; the bars count all"


def drawn_over(cause: Cause, sample: TrialSample | None) -> list[tuple[Condition, SampledColumn]]:
    """The conditions that a cause is drawn over, with their columns; none where the sample lacks one.

    Numbers run along the picture, categories up it, where there is one of each. Of three conditions two are drawn,
    rather those that say a value than that one is set.
    """
    if sample is None or cause.code not in sample.marks:
        return []
    columns = {column.name: column for column in sample.columns}
    if any(condition.param not in columns for condition in cause.conditions):
        return []
    named = [(condition, columns[condition.param]) for condition in cause.conditions]
    if len(named) > PLANE:
        named = sorted(named, key=lambda one: one[0].op in ("missing", "set"))[:PLANE]
    return sorted(named, key=lambda one: bool(one[1].levels))


def points(code: str, sample: TrialSample, x: SampledColumn, y: SampledColumn | None) -> list[Point]:
    """Trial, values and whether it is sick; sick ones last, so that they lie on top."""
    ys = y.values if y else x.values
    rows = zip(sample.trials, x.values, ys, sample.marks[code], strict=False)
    return sorted(((trial, a, b, mark == "x") for trial, a, b, mark in rows if mark in "xo"), key=lambda row: row[3])


def said(column: SampledColumn, value: float | None) -> str:
    """`lr = 0.01`: what a trial has, for a person."""
    name = label(column.name, 40)
    if value is None:
        return f"{name} not set"
    if column.levels:
        place = int(value)
        return f"{name} = {label(column.levels[place], 40) if 0 <= place < len(column.levels) else place}"
    return f"{name} = {value:.6g}"


def spread(number: int, way: int) -> float:
    """A step from -0.5 to 0.5: the first numbers fill a stretch, and two ways of them a square, evenly."""
    return (SPREAD[way] * number) % 1 - 0.5


def jitter(number: int, along: Axis, value: float | None, way: int = 0) -> float:
    """Levels and repeated numbers are spread, so that each trial is seen; numbers of their own stay where they are."""
    share = spread(number, way)
    if value is None:
        return share * 18
    if along.column.levels:
        return share * min(2 * along.band * 0.8, 60)
    return share * _room(along) if _repeated(along.column) else 0.0


def _room(along: Axis) -> float:
    """How far the trials with one number may be spread without meeting those with the next."""
    places = sorted({along.at(value) for value in along.column.values if value is not None})
    return min([24.0, *(0.6 * (after - before) for before, after in pairwise(places))])


def _repeated(column: SampledColumn) -> bool:
    return len(set(column.values)) <= max(12, len(column.values) // 8)


def cuts(condition: Condition, along: Axis) -> list[float]:
    """Where a threshold lies: halfway between the values of the trials on its two sides."""
    if along.column.levels or condition.op not in ("<=", ">"):
        return []
    if condition.low is not None and condition.high is not None:
        return [(along.at(condition.low) + along.at(condition.high)) / 2]
    return [along.at(value) for value in _numbers(condition)]


def _numbers(condition: Condition) -> list[float]:
    value = condition.value
    listed = value if isinstance(value, tuple) else (value,)
    return [float(one) for one in listed if isinstance(one, (int, float))]


def spans(condition: Condition, along: Axis) -> list[tuple[float, float]]:
    """The stretches of an axis on which the condition holds, in pixels."""
    if condition.op == "missing":
        return [_sorted(along.last, along.end)] if along.blank else []
    if condition.op == "set":
        return [_sorted(along.start, along.last)]
    if along.column.levels:
        return _level_spans(condition, along)
    numbers = _numbers(condition)
    if not numbers:
        return []
    cut = (cuts(condition, along) or [along.at(numbers[0])])[0]
    if condition.op in ("<=", ">"):
        return [_sorted(along.start, cut) if condition.op == "<=" else _sorted(cut, along.last)]
    low, high = along.at(min(numbers)), along.at(max(numbers))
    around = 8.0 if low <= high else -8.0
    inside = (low - around, high + around)
    if condition.op in ("==", "between", "in"):
        return [_sorted(*inside)]
    return [_sorted(along.start, inside[0]), _sorted(inside[1], along.last)]


def _level_spans(condition: Condition, along: Axis) -> list[tuple[float, float]]:
    value = condition.value
    listed = value if isinstance(value, tuple) else (value,)
    named = {one if isinstance(one, str) else f"{one:.6g}" for one in listed if one is not None}
    places = [p for p, name in enumerate(along.column.levels) if (name in named) != (condition.op == "!=")]
    return [_sorted(along.at(place - 0.5), along.at(place + 0.5)) for place in places]


def _sorted(a: float, b: float) -> tuple[float, float]:
    return (a, b) if a <= b else (b, a)
