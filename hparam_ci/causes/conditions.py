"""Conditions on one hyperparameter: where they hold, the thresholds that people would write, and their words."""

from __future__ import annotations

import math

import numpy as np

from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Cell, Column, Mask
from hparam_ci.wording import show_number


def holds(condition: Condition, column: Column) -> Mask:
    """(n,) where the condition holds in the column; a blank cell meets none but `missing`."""
    op, value = condition.op, condition.value
    blank = column.is_(Cell.MISSING)
    if op in ("missing", "set"):
        return blank if op == "missing" else ~blank
    if column.levels or isinstance(value, str) or (isinstance(value, tuple) and isinstance(value[0], str)):
        named = _is_named(column, {str(name) for name in (value if isinstance(value, tuple) else (value,))})
        return (~named if op == "!=" else named) & ~blank
    x = column.values
    with np.errstate(invalid="ignore"):
        if isinstance(value, tuple):
            within = (x >= float(value[0])) & (x <= float(value[1]))
            return within if op == "between" else ~within & ~blank
        at = float(value or 0)
        mask: Mask = {"<=": x <= at, ">": x > at, "==": x == at, "!=": x != at}[op] & ~blank
        return mask


def _is_named(column: Column, names: set[str]) -> Mask:
    """(n,) texts among the names, and numbers that print as one of them."""
    wanted = np.array([level in names for level in column.levels] + [False])
    named: Mask = wanted[column.codes]
    numbers = ~column.is_(Cell.MISSING, Cell.TEXT)
    if numbers.any():
        shown = [value for value in np.unique(column.values[numbers]) if f"{value:.6g}" in names]
        named = named | (numbers & np.isin(column.values, shown))
    return named


def round_between(low: float, high: float) -> float:
    """The roundest number t with low <= t < high, as a person would choose it between two trials; a whole one
    between two whole numbers."""
    if high - low <= 1 and float(low).is_integer() and float(high).is_integer():
        return low
    if low <= 0 < high:
        return 0.0
    sign, a, b = (1, low, high) if low > 0 else (-1, -high, -low)
    middle = math.sqrt(a * b) if a > 0 and b / a > 3 else (a + b) / 2
    for digits in range(1, 17):
        step = 10.0 ** (math.floor(math.log10(b)) - digits + 1)
        for factor in (10, 5, 2, 1):
            t = sign * float(f"{round(middle / (step * factor)) * step * factor:.15g}")
            if low <= t < high:
                return t
    return low


def describe(conditions: tuple[Condition, ...]) -> str:
    """The conjunction in the field's notation: `lr > 0.01 and optimizer = sgd`."""
    return " and ".join(_describe(condition) for condition in conditions)


def _describe(condition: Condition) -> str:
    name, op, value = condition.param, condition.op, condition.value
    if op == "missing":
        return f"{name} is not set"
    if op == "set":
        return f"{name} is set"
    if isinstance(value, tuple):
        shown = [_number(item) for item in value]
        if op == "in":
            return f"{name} is {', '.join(shown[:-1])} or {shown[-1]}"
        return (
            f"{name} between {shown[0]} and {shown[1]}"
            if op == "between"
            else f"{name} outside {shown[0]} to {shown[1]}"
        )
    sign = {"==": "=", "!=": "≠", "<=": "≤", ">": ">"}[op]
    return f"{name} {sign} {_number(value)}"


def _number(value: float | str | None) -> str:
    return show_number(value) if isinstance(value, (int, float)) else str(value)
