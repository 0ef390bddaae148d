"""Shared by the detectors' tests: what one detector sees in a few columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from hparam_ci.detectors.detector import Detection, Finding
from hparam_ci.detectors.registry import find_detector
from hparam_ci.detectors.run import detect
from hparam_ci.selection import Selection
from hparam_ci.sources.sweep import Sweep

Look = Callable[..., Detection]
Say = Callable[..., "list[Finding] | str"]


_FIRST_STATES: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def same_draws_in_any_order(request: pytest.FixtureRequest) -> None:
    """A module's RNG begins anew for each test, so that what a test draws does not hang on those before it."""
    rng = getattr(request.module, "RNG", None)
    if rng is not None:
        rng.bit_generator.state = _FIRST_STATES.setdefault(request.module.__name__, rng.bit_generator.state)


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


@pytest.fixture
def say(sweep_of: Callable[..., Sweep]) -> Say:
    """The name of a detector of the whole sweep, and a sweep or its columns, to what it found, or why it did not look;
    checks what holds for every finding."""

    def see(name: str, columns: Mapping[str, Sequence[Any]] | Sweep, **options: float) -> list[Finding] | str:
        sweep = columns if isinstance(columns, Sweep) else sweep_of(**columns)
        detector = find_detector(name)
        assert detector is not None
        assert detector.scope == "sweep"
        table = detect(sweep, Selection(options={name: options}))
        if detector.code in table.not_seen:
            return table.not_seen[detector.code]
        findings = list(table.found[detector.code].findings)
        for finding in findings:
            assert finding.evidence.message
            assert len(finding.evidence.message) < 400
            assert all(type(row) is int and 0 <= row < len(sweep) for row in finding.rows)
        return findings

    return see


def message(found: list[Finding] | str) -> str:
    """What the only finding says."""
    assert isinstance(found, list), found
    [finding] = found
    return finding.evidence.message


def rows(mask: Any) -> list[int]:
    """The rows of a mask, from 0."""
    return [int(row) for row in np.flatnonzero(mask)]


def long(curves: Mapping[str, Sequence[Sequence[float]]], **settings: Sequence[Any]) -> dict[str, list[Any]]:
    """The columns of a long CSV, one row an epoch, from each metric's curve of each trial; settings are one a trial."""
    lengths = [len(curve) for curve in next(iter(curves.values()))]
    columns: dict[str, list[Any]] = {
        "run": [f"r{i:02d}" for i, n in enumerate(lengths) for _ in range(n)],
        "epoch": [step for n in lengths for step in range(1, n + 1)],
        "lr": [f"{0.001 * (i + 1):.4f}" for i, n in enumerate(lengths) for _ in range(n)],
    }
    columns |= {name: [values[i] for i, n in enumerate(lengths) for _ in range(n)] for name, values in settings.items()}
    return columns | {name: [float(x) for curve in each for x in curve] for name, each in curves.items()}


def decay(n: int, start: float = 2.0, end: float = 0.2, rate: float = 0.3, seed: int = 0) -> list[float]:
    """A loss that falls from `start` to about `end`, with a little noise."""
    draw = np.random.default_rng(seed)
    return [float(end + (start - end) * np.exp(-rate * i) + draw.normal(0, 0.005)) for i in range(n)]
