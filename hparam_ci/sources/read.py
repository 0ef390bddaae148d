"""From a file or store to the sweeps in it: opened, its layout undone, its columns understood, each trial once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .configured import hints_for, status_words
from .history import collapse
from .nested import expand
from .open import MAX_UNPACKED, open_tables
from .roles import read_roles
from .shapes import chart_export, one_row_a_trial
from .sweep import Reading, Role
from .trials import one_row_each

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hparam_ci.columns import ColumnRules

    from .sweep import Sweep
    from .table import Table


def read_sweeps(
    path: Path, root: Path, rules: Sequence[ColumnRules] = (), *, max_unpacked: int = MAX_UNPACKED
) -> list[Sweep]:
    """The sweeps in a file, a folder or a store.

    Args:
        path: relative to `root` or below it.
        root: the workspace.
        rules: what the configuration says of columns.
        max_unpacked: refuse an archive that unpacks to more bytes.

    Raises:
        SourceError: it cannot be read.
    """
    return [understand(table, rules) for table in open_tables(path, root, max_unpacked=max_unpacked)]


def read_address(address: str, rules: Sequence[ColumnRules] = ()) -> list[Sweep]:
    """The sweeps behind an address such as `mlflow:http://tracking:5000#experiment`, through the tool's own library.

    Raises:
        SourceError: the library is not installed, or the store cannot be read.
    """
    from .stores import open_url

    return [understand(table, rules) for table in open_url(address)]


def understand(table: Table, rules: Sequence[ColumnRules] = ()) -> Sweep:
    """The sweep in a table of any layout."""
    table = collapse(one_row_a_trial(expand(table)))
    return one_row_each(read_roles(table, hints_for(table, rules), status_words(table.path, rules)))


def columns_in_file(sweep: Sweep) -> Iterator[tuple[str, Reading]]:
    """Each column by its name in the file, with its reading; one that a change of layout spread out is there once."""
    seen = set()
    for reading in sweep.readings:
        name = sweep.table.origins.get(reading.name, reading.name)
        if name not in seen:
            yield name, reading
        seen.add(name)
    for name, reason in sweep.table.absorbed.items():
        if name not in seen:
            yield name, Reading(name, Role.IGNORED, "high", reason)


def why_no_sweep(sweep: Sweep) -> str | None:
    """Why a table holds no sweep, in one line; None if it holds one."""
    if reason := chart_export(sweep.table):
        return reason
    if not sweep.metrics():
        names = ", ".join(column.name for column in sweep.table.columns[:8])
        return f"not a sweep: no column was recognised as a metric (loss, accuracy, …) among {names}"
    return None
