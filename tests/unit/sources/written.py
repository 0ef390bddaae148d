"""Tables read from what a test writes to a file, and what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hparam_ci.errors import SourceError
from hparam_ci.sources.table import Table
from hparam_ci.sources.tabular import read_table


def read(folder: Path, data: bytes | str, **limits: int) -> Table:
    file = folder / "sweep.csv"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_table(Path("sweep.csv"), folder, **limits)


def fail(folder: Path, data: bytes | str, **limits: int) -> str:
    with pytest.raises(SourceError) as caught:
        read(folder, data, **limits)
    assert caught.value.path == "sweep.csv"
    assert str(caught.value).startswith("sweep.csv: ")
    assert caught.value.fix.endswith((".", '").'))
    return caught.value.what


def rows(table: Table) -> list[list[str]]:
    assert all(len(column) == table.n_rows for column in table.columns)
    return [[column.show(row) for column in table.columns] for row in range(table.n_rows)]


def names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def said(table: Table) -> list[tuple[str, int]]:
    return [(repair.what, repair.count) for repair in table.repairs]
