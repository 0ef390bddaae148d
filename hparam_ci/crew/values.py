"""Numbers and categories of a sentence against the values of a condition."""

from __future__ import annotations

import re

from hparam_ci.crew.text import Token
from hparam_ci.inspection import Condition


def texts_of(condition: Condition) -> tuple[str, ...]:
    """The condition's values as texts: categories as they are, numbers as they would print."""
    value = condition.value
    values = value if isinstance(value, tuple) else (value,)
    return tuple(item if isinstance(item, str) else f"{item:.6g}" for item in values if item is not None)


def close(number: Token, value: float, slack: float = 0.0) -> bool:
    """Whether a number as it is written is `value`, rounded to the digits that are written."""
    tolerance = max(number.step * (1 + 1e-9), abs(value) * max(slack, 1e-9))
    return abs(number.value - value) <= tolerance


def is_cut(number: Token, condition: Condition) -> bool:
    """The threshold itself, rounded as written, or any value between the two trials that it lies between."""
    value = condition.value
    if isinstance(value, int | float) and close(number, float(value)):
        return abs(number.value - value) <= 0.1 * abs(value)
    low, high = condition.low, condition.high
    return low is not None and high is not None and low <= number.value < high


def value_after(name: str, message: str) -> float | None:
    """The number that a message gives behind a name, whatever stands in between; None where it has none."""
    found = re.search(rf"(?<!\w){re.escape(name)}\D*?(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)", message)
    return float(found[1]) if found else None
