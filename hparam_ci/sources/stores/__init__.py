"""The stores of other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from hparam_ci.sources.table import Table


def claims(path: Path) -> str | None:
    """The tool whose store this is."""
    del path
    return None


def open_store(path: Path, shown: str) -> list[Table]:
    """The sweeps in a store."""
    raise NotImplementedError(path, shown)
