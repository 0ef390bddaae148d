"""Mappings in cells, as JSON or as Python prints them, become columns; nothing in them is ever run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hparam_ci.sources.nested import UnknownLiteralError, expand, literal
from hparam_ci.sources.tabular import read_table
from tests.conftest import write_csv

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=6), PLAIN, max_size=4))
def test_what_python_prints_is_read_back(value: Mapping[str, Any]) -> None:
    assert literal(repr(value)) == value


def test_numpy_nan_and_infinity_are_values() -> None:
    found = literal("{'a': np.float64(0.1), 'b': nan, 'c': -inf, 'd': (64, 32), 'e': True, 'f': array([1, 2])}")
    assert isinstance(found, dict)
    assert math.isnan(found.pop("b"))
    assert found == {"a": 0.1, "c": -math.inf, "d": [64, 32], "e": True, "f": [1, 2]}


@pytest.mark.parametrize("text", ["{'a': <function f at 0x1>}", "{" * 500, "{'a': 1", "-'x'", "{'a': \0}"])
def test_what_is_no_literal_is_refused(text: str) -> None:
    with pytest.raises(UnknownLiteralError):
        literal(text)


def test_code_is_text(tmp_path: Path) -> None:
    found = literal(f"{{'a': __import__('os').system('touch {tmp_path}/x'), 'b': open('/etc/passwd').read()}}")
    assert found == {"a": f"touch {tmp_path}/x", "b": "open('/etc/passwd').read()"}
    assert not (tmp_path / "x").exists()


def names(tmp_path: Path, columns: dict[str, list[Any]]) -> list[str]:
    write_csv(tmp_path / "t.csv", columns)
    return [column.name for column in expand(read_table(Path("t.csv"), tmp_path)).columns]


def test_the_keys_of_mappings_become_columns(tmp_path: Path) -> None:
    columns = {
        "config": ["{'lr': 0.1, 'model': {'depth': 2}}", '{"lr": 0.2, "extra": [1, 2]}', "{}"],
        "summary": ["{'loss': nan, 'hist': {'_type': 'histogram', 'bins': [1]}}", "{'loss': inf}", "{'loss': 1}"],
        "name": ["a", "b", "c"],
    }
    assert names(tmp_path, columns) == ["config.lr", "config.model.depth", "config.extra", "summary.loss", "name"]


def test_a_mapping_that_repeats_other_columns_stays_a_text(tmp_path: Path) -> None:
    columns = {"param_svc__C": [1, 2], "params": ["{'svc__C': 1}", "{'svc__C': 2}"]}
    assert names(tmp_path, columns) == ["param_svc__C", "params"]


def test_cells_that_cannot_be_read_are_missing_and_counted(tmp_path: Path) -> None:
    cells = [f"{{'lr': {i}}}" for i in range(9)] + ["{'lr': <object>}"]
    write_csv(tmp_path / "t.csv", {"config": cells, "loss": range(10)})
    table = expand(read_table(Path("t.csv"), tmp_path))
    assert [(r.what, r.count) for r in table.repairs][-1] == (
        "cells that look like a mapping but cannot be read, taken as missing",
        1,
    )
