"""Shared by all tests: sweeps made in a few lines, and inspected."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hparam_ci.inspection import Inspection, SweepResult
from hparam_ci.pipeline import inspect
from hparam_ci.settings import Settings
from hparam_ci.sources.history import collapse
from hparam_ci.sources.roles import read_roles
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.tabular import read_table

if "MUTANT_UNDER_TEST" in os.environ:  # mutmut runs a test more than once in a process
    from hypothesis import HealthCheck, settings

    settings.register_profile("mutants", suppress_health_check=[HealthCheck.differing_executors])
    settings.load_profile("mutants")

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def write_csv(path: Path, columns: dict[str, Sequence[Any]]) -> Path:
    """A CSV of these columns; None is an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


@pytest.fixture
def sweep_of(tmp_path: Path) -> Callable[..., Sweep]:
    """Columns as keywords, read as a Sweep."""

    def make(**columns: Sequence[Any]) -> Sweep:
        write_csv(tmp_path / "sweep.csv", columns)
        return read_roles(collapse(read_table(Path("sweep.csv"), tmp_path)))

    return make


@pytest.fixture
def inspect_columns(tmp_path: Path) -> Callable[..., SweepResult]:
    """Columns as keywords, inspected: the one sweep's result."""

    def make(**columns: Sequence[Any]) -> SweepResult:
        write_csv(tmp_path / "sweep.csv", columns)
        result: Inspection = inspect(["sweep.csv"], Settings(), root=tmp_path)
        assert not result.skipped, result.skipped
        return result.sweeps[0]

    return make
