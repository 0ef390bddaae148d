"""Where a column stands: people write their settings together and their results together."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import groupby, pairwise

from .sweep import Reading, Role

MOST_BLOCKS = 4
"""Blocks of settings and of results in a table that has an order; more are a mixture, as an alphabetical order is."""


class Place(Enum):
    """What a column of an unknown name stands among."""

    ANYWHERE = 0
    SETTINGS = 1
    RESULTS = 2


def places(names: Sequence[str], readings: Sequence[Reading | None]) -> list[Place]:
    """The place of each column, by the nearest columns to its left and right whose names leave no doubt.

    Args:
        names: of all columns, in file order.
        readings: what the rules say of each; None where no rule knows it.

    Returns:
        SETTINGS between two settings, RESULTS between two results or behind the last one, else ANYWHERE.
    """
    sides = [_side(reading) for reading in readings]
    blocks = [side for side, _ in groupby(side for side in sides if side)]
    if Place.SETTINGS not in blocks or len(blocks) > MOST_BLOCKS or all(a <= b for a, b in pairwise(names)):
        return [Place.ANYWHERE] * len(names)
    left = _nearest(sides)
    right = _nearest(sides[::-1])[::-1]
    return [_between(a, b) for a, b in zip(left, right, strict=True)]


def _side(reading: Reading | None) -> Place | None:
    if reading is None or reading.confidence == "low":
        return None
    if reading.known_as == "setting" or (reading.role is Role.HYPERPARAMETER and reading.confidence == "high"):
        return Place.SETTINGS
    return Place.RESULTS if reading.role is Role.METRIC or reading.known_as == "outcome" else None


def _nearest(sides: Sequence[Place | None]) -> list[Place | None]:
    """The last known side before each column."""
    nearest: list[Place | None] = []
    last: Place | None = None
    for side in sides:
        nearest.append(last)
        last = side or last
    return nearest


def _between(left: Place | None, right: Place | None) -> Place:
    if left is Place.SETTINGS and right is Place.SETTINGS:
        return Place.SETTINGS
    return Place.RESULTS if left is Place.RESULTS and right in (Place.RESULTS, None) else Place.ANYWHERE
