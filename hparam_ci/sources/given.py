"""The sweep that a caller of the Python API means: a sweep, a data frame or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from .sweep import Sweep

if TYPE_CHECKING:
    import pandas as pd

    Source: TypeAlias = "Sweep | pd.DataFrame | Path | str"


def one_sweep(source: Source) -> Sweep:
    """The one sweep of a file or data frame.

    Raises:
        SourceError: a file that cannot be read.
        ValueError: a file that holds none or several sweeps.
    """
    from .read import read_sweeps, understand
    from .records import from_records

    if isinstance(source, Sweep):
        return source
    if isinstance(source, (str, Path)):
        sweeps = read_sweeps(Path(source), Path.cwd())
        if len(sweeps) != 1:
            raise ValueError(f"{source} holds {len(sweeps)} sweeps; read it with read_sweeps and give one of them")
        return sweeps[0]
    rows = source.astype(object).where(source.notna().to_numpy(), None).to_dict("records")
    return understand(from_records("data frame", "", [{str(name): v for name, v in row.items()} for row in rows]))
