"""Shared by the detectors' tests: what one detector sees in a few columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from hparam_ci.detectors.detector import Detection, detect, find_detector
from hparam_ci.selection import Selection
from hparam_ci.sources.sweep import Sweep

Look = Callable[..., Detection]


@pytest.fixture
def look(sweep_of: Callable[..., Sweep]) -> Look:
    """A detector's name and columns to what it saw; checks what holds for every detection."""

    def see(name: str, columns: Mapping[str, Sequence[Any]], **options: float) -> Detection:
        n = len(next(iter(columns.values())))
        sweep = sweep_of(**({} if "lr" in columns else {"lr": [f"{0.001 * (i + 1):.4f}" for i in range(n)]}), **columns)
        detector = find_detector(name)
        assert detector is not None
        table = detect(sweep, Selection(options={name: options}))
        assert detector.code in table.seen, table.not_seen.get(detector.code)
        seen = table.seen[detector.code]
        assert not (seen.flagged & ~seen.at_risk).any()
        for row in np.flatnonzero(seen.flagged):
            assert seen.evidence(int(row)).message
        return seen

    return see


def rows(mask: Any) -> list[int]:
    """The rows of a mask, from 0."""
    return [int(row) for row in np.flatnonzero(mask)]
