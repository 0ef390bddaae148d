"""The hyperparameters of exports in the spelling of many tools and people: all of them, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.roles.made import EXPORTS, made
from hparam_ci.sources.read import read_sweeps
from hparam_ci.sources.sweep import Role
from tests.conftest import write_csv


@pytest.mark.parametrize("name", EXPORTS)
def test_hyperparameters_are_told_from_all_else(tmp_path: Path, name: str) -> None:
    columns, roles = made(name, seed=1)
    write_csv(tmp_path / "t.csv", columns)
    [sweep] = read_sweeps(Path("t.csv"), tmp_path)
    taken = [column.name for column in sweep.columns(Role.HYPERPARAMETER)]
    assert taken == [column for column, role in roles.items() if role == "hyperparameter"]
    assert sweep.metrics()
