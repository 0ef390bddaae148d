"""The sweep that a caller of the Python API means: a sweep, a data frame or a file."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .cells import EXACT, from_numbers
from .records import column_of
from .sweep import Sweep
from .table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hparam_ci.columns import ColumnRules

    from .table import Column, Repair

    Source: TypeAlias = "Sweep | pd.DataFrame | Path | str"

FRAME = "data frame"


def one_sweep(source: Source) -> Sweep:
    """The one sweep of a file or data frame.

    Raises:
        SourceError: a file that cannot be read.
        ValueError: a file that holds none or several sweeps.
    """
    from .read import read_sweeps

    if isinstance(source, Sweep):
        return source
    if isinstance(source, (str, Path)):
        sweeps = read_sweeps(Path(source), Path.cwd())
        if len(sweeps) != 1:
            raise ValueError(f"{source} holds {len(sweeps)} sweeps; read it with read_sweeps and give one of them")
        return sweeps[0]
    return sweep_of_frame(source)


def is_frame(source: object) -> bool:
    """Whether it is a pandas data frame."""
    import pandas as pd

    return isinstance(source, pd.DataFrame)


def sweep_of_frame(frame: pd.DataFrame, rules: Sequence[ColumnRules] = ()) -> Sweep:
    """The sweep in a data frame of any layout; an index that has a name is a column, too.

    pandas writes NaN for a cell without a value as well as for a metric that was NaN, so that a NaN counts as no value;
    the text `nan` is a NaN.
    """
    from .read import understand

    return understand(_table(frame), rules)


def _table(frame: pd.DataFrame) -> Table:
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    columns: list[Column] = []
    repairs: list[Repair] = []
    for place, name in enumerate(_names(frame)):
        column, more = _column(name, frame.iloc[:, place])
        columns.append(column)
        repairs += more
    lines = np.arange(1, len(frame) + 1, dtype=np.int32)
    return Table(FRAME, _digest(columns), tuple(columns), lines, tuple(repairs))


def _names(frame: pd.DataFrame) -> list[str]:
    """One name a column, those of several levels joined as `to_csv` of a flat frame has them, none twice."""
    levels = [frame.columns.get_level_values(level) for level in range(frame.columns.nlevels)]
    plain = ["_".join(part for part in map(str, name) if part) for name in zip(*levels, strict=True)]
    seen: Counter[str] = Counter()
    names = []
    for name in plain:
        names.append(f"{name}.{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return names


def _column(name: str, series: pd.Series[Any]) -> tuple[Column, list[Repair]]:
    blank = series.isna().to_numpy(bool)
    if getattr(series.dtype, "kind", "O") in "iuf":
        numbers = series.to_numpy(float, na_value=np.nan)
        if not (np.abs(numbers[np.isfinite(numbers)]) >= EXACT).any() or series.dtype.kind == "f":
            return from_numbers(name, numbers, blank, np.full(len(series), -1, np.int32))
    values = [None if empty else _plain(value) for value, empty in zip(series.tolist(), blank, strict=True)]
    return column_of(name, values)


def _plain(value: object) -> object:
    """Numbers, texts and containers as they are; of anything else (a time, a path) the text that it prints."""
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, (str, bool, int, float, dict, list, tuple)) else str(value)


def _digest(columns: Sequence[Column]) -> str:
    digest = hashlib.sha256()
    for column in columns:
        for part in (column.name, *column.levels):
            digest.update(part.encode("utf-8", "replace") + b"\0")
        for array in (column.kinds, column.values, column.codes):  # noqa: PD011 - not a frame
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
