"""A table from a Parquet file, by pyarrow: the extra `parquet`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from .cells import from_numbers
from .decode import UnreadableError
from .records import column_of
from .table import MAX_COLUMNS, MAX_ROWS, Table

if TYPE_CHECKING:
    from .table import Column, Repair


def read_parquet(data: bytes, shown: str) -> Table:
    """The rows of a Parquet file; null is a missing cell and NaN is NaN.

    Raises:
        UnreadableError: pyarrow is not installed, the file is damaged, or a limit is passed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise UnreadableError(
            "a Parquet file, which needs one more library", 'Run `pip install "hparam-inspector[parquet]"`.'
        ) from None
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        _limit(file.metadata)
        arrow = file.read(use_threads=False)  # a pool of threads now and then aborts the process as it exits
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(
            f"a Parquet file that cannot be read ({type(error).__name__})", "Write it again."
        ) from None
    columns: list[Column] = []
    repairs: list[Repair] = []
    for name, cells in zip(arrow.column_names, arrow.columns, strict=True):
        column, more = _column(str(name), cells, is_number=_is_number(cells.type))
        columns.append(column)
        repairs += more
    lines = np.arange(1, arrow.num_rows + 1, dtype=np.int32)
    return Table(shown, hashlib.sha256(data).hexdigest(), tuple(columns), lines, tuple(repairs))


def _limit(metadata: Any) -> None:
    """Refuse what its own description says is too large, before it is unpacked."""
    for count, limit, what in (
        (metadata.num_columns, MAX_COLUMNS, "columns"),
        (metadata.num_rows, MAX_ROWS, "rows"),
    ):
        if count > limit:
            raise UnreadableError(f"{count:,} {what}, and the limit is {limit:,}", "Export fewer of them.")


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _column(name: str, cells: Any, *, is_number: bool) -> tuple[Column, list[Repair]]:
    if not is_number:
        return column_of(name, [_plain(value) for value in cells.to_pylist()])
    blank = cells.is_null().to_numpy()
    values = cells.fill_null(0).to_numpy().astype(float)
    values[blank] = np.nan
    return from_numbers(name, values, blank, np.full(len(values), -1, np.int32))


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str | dict | list) else str(value)
