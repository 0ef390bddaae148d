"""A dimension of the next search space in the making."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from hparam_ci.advice.axes import Axis, plain
from hparam_ci.inspection import Dimension, Value

LARGEST = 1.7e308
Change = Literal["same", "narrowed", "extended", "moved", "fixed"]


@dataclass(slots=True)
class Draft:
    """What is left of a range or of its choices, and why; `firm` ends were cut for a cause."""

    axis: Axis
    low: float
    high: float
    left: list[int]
    added: list[Value] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    firm_low: bool = False
    firm_high: bool = False
    dropped: bool = False

    @classmethod
    def of(cls, axis: Axis) -> Draft:
        """All that was searched."""
        return cls(axis, axis.low, axis.high, list(range(len(axis.choices))))


def dimension(draft: Draft) -> Dimension:
    """The dimension as it stands."""
    return _listed(draft) if draft.axis.kind == "choice" else _ranged(draft)


def _listed(draft: Draft) -> Dimension:
    axis = draft.axis
    kept = [axis.choices[i] for i in draft.left]
    numbers = sorted(float(value) for value in draft.added if isinstance(value, (int, float)))
    highest = max((float(value) for value in kept if isinstance(value, (int, float))), default=0.0)
    above = bool(numbers) and numbers[0] > highest
    choices = (*kept, *draft.added) if above else (*draft.added, *kept)
    return Dimension(
        param=axis.column.name,
        name=axis.name,
        kind="choice",
        searched=axis.choices,
        change=_change(shrunk=len(kept) < len(axis.choices), grown=bool(draft.added), fixed=len(choices) == 1),
        reasons=tuple(draft.reasons),
        choices=choices,
        parent=axis.parent,
    )


def _ranged(draft: Draft) -> Dimension:
    axis = draft.axis
    whole = axis.kind == "int"
    low, high = _written(draft)
    return Dimension(
        param=axis.column.name,
        name=axis.name,
        kind="int" if whole else "float",
        searched=(plain(axis.low), plain(axis.high)) if whole else (axis.low, axis.high),
        change=_change(
            shrunk=draft.low > axis.low or draft.high < axis.high,
            grown=draft.low < axis.low or draft.high > axis.high,
            fixed=low == high,
        ),
        reasons=tuple(draft.reasons),
        low=low,
        high=high,
        log=axis.log,
        parent=axis.parent,
    )


def _written(draft: Draft) -> tuple[float, float]:
    """The ends as a person would write them: where the searched range is only that of the trials, it is rounded out."""
    axis = draft.axis
    if axis.kind == "int":
        low, high = float(math.ceil(draft.low)), float(math.floor(draft.high))
        return min(low, high), max(low, high)
    if axis.stated:
        return draft.low, draft.high
    low = rounded(draft.low, down=True) if draft.low == axis.low else draft.low
    high = rounded(draft.high, down=False) if draft.high == axis.high else draft.high
    return (draft.low if axis.log and low <= 0 else low), min(high, LARGEST)


def _change(*, shrunk: bool, grown: bool, fixed: bool) -> Change:
    if fixed and shrunk:
        return "fixed"
    if shrunk and grown:
        return "moved"
    return "narrowed" if shrunk else "extended" if grown else "same"


def rounded(value: float, *, down: bool) -> float:
    """Two digits, rounded outwards; what is too small or too large for that stays."""
    if not 1e-290 < abs(value) < 1e290:
        return value
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return float(f"{(math.floor if down else math.ceil)(value / step) * step:.12g}")


def same(a: Value, b: Value) -> bool:
    """Whether two choices are one; True is not 1."""
    return type(a) is type(b) and a == b


def shown_list(values: Sequence[Value], word: str) -> str:
    """`adam, sgd or lamb`."""
    texts = ["not set" if value is None else str(value) for value in values]
    return f" {word} ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
