"""Narrow or extend a dimension to where the best trials lie."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from hparam_ci.advice.axes import Axis, is_number, plain
from hparam_ci.advice.draft import Draft, rounded, shown_list
from hparam_ci.inspection import Importance
from hparam_ci.sources.table import Mask
from hparam_ci.wording import show_number

MARGIN = 0.5
"""A range is narrowed to that of the best trials and this share of its width on either side."""

LEAST_MARGIN = 0.05
EXTENSION = 0.25
"""A range is extended past an end by this share of its width, on its scale."""

EVEN = 1.01
"""Steps of a list that differ by less are even."""

AT_THE_END = 0.75
"""Where the middle one of the best trials lies, at least, for the range to be extended past that end."""

CROWDED = 2.0
"""A choice without a best trial goes where chance would have given it this many."""


def aim(fact: Importance, draft: Draft, best: Mask) -> None:
    """Narrow or extend one dimension to where the best trials are."""
    if draft.axis.kind == "choice":
        _aim_choices(fact, draft, best)
    elif fact.best is not None and fact.direction != "unclear" and fact.best[0] > (0 if draft.axis.log else -math.inf):
        _aim_range(fact, draft, best)


def _aim_range(fact: Importance, draft: Draft, best: Mask) -> None:
    axis = draft.axis
    assert fact.best is not None
    first, last = (float(axis.place(end)) for end in fact.best)
    margin = max(MARGIN * (last - first), LEAST_MARGIN)
    low = max(draft.low, rounded(axis.at(first - margin), down=True)) if first - margin > 0 else draft.low
    high = min(draft.high, rounded(axis.at(last + margin), down=False)) if last + margin < 1 else draft.high
    middle = float(np.median(axis.place(axis.values[best & np.isfinite(axis.values)])))
    if fact.direction == "higher" and not draft.firm_high and middle >= AT_THE_END:
        high = max(high, _past(axis, up=True))
    if fact.direction == "lower" and not draft.firm_low and middle <= 1 - AT_THE_END:
        low = min(low, _past(axis, up=False))
    if (low, high) == (draft.low, draft.high) or not low < high:
        return
    at_end = high > axis.high or low < axis.low
    draft.low, draft.high = low, high
    where = f"the best trials lie from {show_number(fact.best[0], 3)} to {show_number(fact.best[1], 3)}"
    draft.reasons.append(where + (", at an end of what was tried" if at_end else ""))


def _past(axis: Axis, *, up: bool) -> float:
    """A value past an end of the range; shares stay within 0 and 1, and what was never negative stays so."""
    end = axis.at(1 + EXTENSION) if up else axis.at(-EXTENSION)
    if not axis.log and axis.kind == "float" and axis.low >= 0 and axis.high <= 1:
        end = min(end, (1 + axis.high) / 2) if up else max(end, axis.low / 2)
    if not up and axis.low >= 0:
        end = max(end, 1.0 if axis.kind == "int" and axis.low >= 1 else 0.0)
    return rounded(end, down=not up) if axis.kind == "float" else float(math.ceil(end) if up else math.floor(end))


def _aim_choices(fact: Importance, draft: Draft, best: Mask) -> None:
    axis = draft.axis
    size = len(axis.choices)
    among = np.bincount(axis.codes[best & (axis.codes >= 0)], minlength=size)
    tried = np.bincount(axis.codes[axis.codes >= 0], minlength=size)
    expected = tried / tried.sum() * among.sum()
    left = [i for i in draft.left if among[i] or expected[i] < CROWDED]
    if axis.ordered:
        inner = [i for i in draft.left if among[i]]
        left = [i for i in left if inner and inner[0] - 1 <= i <= inner[-1] + 1]
    if left and len(left) < len(draft.left):
        gone = [axis.choices[i] for i in draft.left if i not in left]
        draft.left = left
        draft.reasons.append(f"none of the {int(among.sum())} best trials has {shown_list(gone, 'or')}")
    _extend_choices(fact, draft, among)


def _extend_choices(fact: Importance, draft: Draft, among: np.ndarray) -> None:
    """One more number past an end where half of the best trials have the last one and the steps are even."""
    numbers = [value for value in draft.axis.choices if isinstance(value, (int, float)) and is_number(value)]
    if len(numbers) < 3 or fact.direction not in ("higher", "lower") or not draft.axis.ordered:
        return
    up = fact.direction == "higher"
    end = len(numbers) - 1 if up else 0
    if end not in draft.left or among[end] < 0.5 * among.sum():
        return
    further = _next_number([float(value) for value in numbers], up=up)
    if further is not None:
        draft.added.append(plain(further))
        draft.reasons.append(
            f"{int(among[end])} of the {int(among.sum())} best trials have {numbers[end]}, the last tried"
        )


def _next_number(numbers: list[float], *, up: bool) -> float | None:
    """The next number of a progression with even steps or even ratios; None where it would leave the natural bounds."""
    whole = all(value == round(value) for value in numbers)
    steps = [b - a for a, b in pairwise(numbers)]
    ratios = [b / a for a, b in pairwise(numbers)] if min(numbers) > 0 else [1.0, 2.0]
    if max(ratios) < EVEN * min(ratios):
        further = numbers[-1] * ratios[-1] if up else numbers[0] / ratios[0]
    elif max(steps) < EVEN * min(steps):
        further = numbers[-1] + steps[-1] if up else numbers[0] - steps[0]
    else:
        return None
    further = float(f"{further:.12g}")
    changes_sign = further < 0 <= numbers[0]
    leaves_shares = further >= 1 > numbers[-1] >= 0.1 and not whole
    below_one = whole and (further < 1 <= numbers[0] or further != round(further))
    return None if changes_sign or leaves_shares or below_one else further
