"""Where a cause's conditions hold: among the trials, and in the searched space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hparam_ci.advice.axes import Axis
from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Cell, Column, Mask


def holds(condition: Condition, column: Column) -> Mask:
    """(n,) trials that meet a condition on the column; only `missing` is met without a value."""
    op, value = condition.op, condition.value
    blank = column.is_(Cell.MISSING)
    if op in ("missing", "set"):
        return blank if op == "missing" else ~blank
    if op in ("==", "!=", "in"):
        wanted = value if isinstance(value, tuple) else (value,)
        same = _one_of(column, wanted)
        return ~same & ~blank if op == "!=" else same
    number = column.is_(Cell.NUMBER)
    x = np.where(number, column.values, np.nan)
    with np.errstate(invalid="ignore"):
        if isinstance(value, tuple):
            within = (x >= float(value[0] or 0)) & (x <= float(value[1] or 0))
            return within if op == "between" else ~within & number
        above: Mask = x > float(value or 0)
        return above if op == ">" else number & ~above


def _one_of(column: Column, wanted: Sequence[float | str | None]) -> Mask:
    """(n,) trials whose cell is one of these numbers, or prints as one of these texts."""
    mask = np.zeros(len(column), bool)
    number = column.is_(Cell.NUMBER)
    texts = [value for value in wanted if isinstance(value, str)]
    for value in wanted:
        if isinstance(value, (int, float)):
            mask |= number & (column.values == float(value))
    if texts:
        of_level = np.array([level in texts for level in column.levels] + [False])
        mask |= column.is_(Cell.TEXT) & of_level[column.codes]
        for number_here in np.unique(column.values[number]):
            if format(number_here, ".6g") in texts:
                mask |= number & (column.values == number_here)
    return mask


def region_of(conditions: Sequence[Condition], columns: Mapping[str, Column]) -> Mask | None:
    """(n,) trials that meet all conditions; None where one of them is not about a single column."""
    if not conditions or any(condition.param not in columns for condition in conditions):
        return None
    mask = holds(conditions[0], columns[conditions[0].param])
    for condition in conditions[1:]:
        mask = mask & holds(condition, columns[condition.param])
    return mask


def lies_within(inner: Sequence[Condition], outer: Sequence[Condition]) -> bool:
    """Whether all conditions of `outer` hold wherever those of `inner` do: `lr > 0.9` lies within `lr > 0.5`."""
    return all(any(_implies(one, other) for one in inner) for other in outer)


def _implies(one: Condition, other: Condition) -> bool:
    if one.param != other.param or one.of != other.of:
        return False
    if (one.op, one.value) == (other.op, other.value):
        return True
    values = one.value if isinstance(one.value, tuple) else (one.value,)
    if other.op == "in":
        return one.op in ("==", "in") and isinstance(other.value, tuple) and set(values) <= set(other.value)
    numbers = [value for value in (*values, other.value) if isinstance(value, (int, float))]
    if len(numbers) <= len(values) or other.op not in (">", "<="):
        return False
    *here, limit = numbers
    if one.op == other.op:
        return here[0] >= limit if one.op == ">" else here[0] <= limit
    return one.op in ("==", "between") and (min(here) > limit if other.op == ">" else max(here) <= limit)


def holds_the_best(region: Mask, best: Mask) -> bool:
    """Whether a region has at least its share of the best trials, so that giving it up would cost them."""
    inside = int(np.count_nonzero(region & best))
    return inside > 0 and inside / int(best.sum()) >= float(region.mean())


def share_of(conditions: Sequence[Condition], axes: Mapping[str, Axis]) -> float | None:
    """The share of the searched space (0 to 1) where all conditions hold, the hyperparameters taken as independent."""
    if any(condition.param not in axes for condition in conditions):
        return None
    share = 1.0
    for condition in conditions:
        share *= _share(condition, axes[condition.param])
    return share


def _share(condition: Condition, axis: Axis) -> float:
    n = len(axis.column)
    if axis.kind == "choice":
        return len(chosen(condition, axis)) / len(axis.choices)
    if condition.op in ("missing", "set", "==", "!=", "in"):
        return float(np.count_nonzero(holds(condition, axis.column))) / n
    apart = float(np.count_nonzero(axis.values <= 0)) / n if axis.log else 0.0
    value = condition.value
    if isinstance(value, tuple):
        low, high = (_place(axis, float(end or 0)) for end in value)
        inside = max(0.0, high - low)
        share = inside if condition.op == "between" else 1 - inside
        zeros = apart * bool(holds(condition, axis.column)[axis.values <= 0].any())
        return share * (1 - apart) + zeros
    below = _place(axis, float(value or 0))
    return (1 - below) * (1 - apart) if condition.op == ">" else below * (1 - apart) + apart


def _place(axis: Axis, value: float) -> float:
    return 0.0 if axis.log and value <= 0 else float(np.clip(axis.place(value), 0.0, 1.0))


def chosen(condition: Condition, axis: Axis) -> list[int]:
    """The choices of a list that meet a condition."""
    mask = holds(condition, axis.column)
    return [i for i in range(len(axis.choices)) if mask[int(np.argmax(axis.codes == i))]]
