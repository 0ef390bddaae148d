"""Read one delimited text file into a `Table`, saying of each silent step what it was."""

from __future__ import annotations

import io
import stat
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hparam_ci.errors import SourceError

from .body import even_body, ranges, uneven_body
from .cells import HUGE, NAN_WORDS, from_numbers, from_texts, is_numeric, uses_decimal_comma
from .decode import UnreadableError, to_utf8
from .head import read_head
from .table import Cell, Repair, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from .body import Body
    from .head import Head
    from .table import Column, Floats, Ints, Mask

EXACT = 2.0**53
"""The largest double below which every integer has one of its own."""

_OPTIONS: dict[str, Any] = {
    "header": None,
    "index_col": False,
    "encoding": "utf-8",
    "keep_default_na": False,
    "skip_blank_lines": False,
    "skipinitialspace": True,
}
if tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1):
    _OPTIONS["float_precision"] = "round_trip"  # the only way from 3.1 on


def read_table(
    path: Path,
    root: Path,
    *,
    max_columns: int = 2_000,
    max_cell_chars: int = 100_000,
    max_rows: int = 5_000_000,
) -> Table:
    """Read a CSV or TSV file.

    Args:
        path: the file, relative to `root` or below it.
        root: the workspace; `Table.path` is relative to it.
        max_columns: refuse a wider file.
        max_cell_chars: refuse a file with a longer text in a cell.
        max_rows: refuse a longer file.

    Returns:
        Every row below the header that holds a value, each cell of exactly one kind, and each repair.

    Raises:
        SourceError: no such file, no table in it, or a limit is passed; says where and what to do.
    """
    shown = (path.relative_to(root) if path.is_absolute() else path).as_posix()
    try:
        data = _read_bytes(root / path)
        text, repairs = to_utf8(data)
        head = read_head(text)
        _limit(len(head.names), max_columns, "columns", "Export fewer columns.")
        body, columns, more = _read_columns(text, head, max_rows)
        _limit_cells(columns, body.lines, max_cell_chars)
    except OSError as error:
        raise SourceError(
            shown, f"cannot be read: {error.strerror}", "Check the path and its permissions."
        ) from error
    except UnreadableError as error:
        raise SourceError(shown, error.what, error.fix) from error
    columns, lines, empty = _drop_empty_rows(columns, body.lines)
    return Table(
        shown, _sha256(data), tuple(columns), lines, (*repairs, *head.repairs, *body.repairs, *more, *empty)
    )


def _read_bytes(file: Path) -> bytes:
    if not stat.S_ISREG(file.stat().st_mode):
        raise UnreadableError("this is no regular file", "Name a CSV file.")
    return file.read_bytes()


def _sha256(data: bytes) -> str:
    from hashlib import sha256  # noqa: PLC0415

    return sha256(data).hexdigest()


def _limit(count: int, limit: int, what: str, fix: str) -> None:
    if count > limit:
        raise UnreadableError(f"{count:,} {what}, and the limit is {limit:,}", fix)


def _limit_cells(columns: Iterable[Column], lines: Ints, limit: int) -> None:
    for column in columns:
        for code, level in enumerate(column.levels):
            if len(level) > limit:
                line = lines[int(np.argmax(column.codes == code))]
                where = f"line {line}, column {column.name!r}"
                what = f"{where}: a cell of {len(level):,} characters, and the limit is {limit:,}"
                raise UnreadableError(
                    what, "Check for a quote that is never closed, or leave the column out."
                )


def _read_columns(text: bytes, head: Head, max_rows: int) -> tuple[Body, list[Column], list[Repair]]:
    body = even_body(text, head) or uneven_body(text, head)
    _limit(len(body.lines), max_rows, "rows", "Split the file.")
    try:
        return body, *_columns(body, head)
    except pd.errors.ParserError:
        body = uneven_body(text, head)
        return body, *_columns(body, head)


def _columns(body: Body, head: Head) -> tuple[list[Column], list[Repair]]:
    names, repairs = _unique_names(head.names)
    frame, texts = _parse(body, head)
    decimal_comma = uses_decimal_comma([cell for row in head.sample for cell in row])
    no_codes = np.broadcast_to(np.int32(-1), len(body.lines))
    columns = []
    for place, name in enumerate(names):
        if place in texts:
            column, more = from_texts(name, frame[place].to_numpy(object), decimal_comma=decimal_comma)
        else:
            values = frame[place].to_numpy(np.float64)
            column, more = from_numbers(name, values, _blanks(values, body, place), no_codes)
        columns.append(column)
        repairs += more
    return columns, repairs


def _parse(body: Body, head: Head) -> tuple[dict[int, pd.Series[Any]], set[int]]:
    """Each column by its place, and the places of those that are texts as in the file; others are numbers.

    What looks like numbers at the top is parsed as such; where that goes wrong below, as texts once more.

    Raises:
        ParserError: a row has too many fields.
    """
    if not len(body.lines):
        return {place: pd.Series([], dtype=object) for place in range(body.width)}, set(range(body.width))
    texts = {
        place
        for place in range(body.width)
        if not all(is_numeric(row[place]) for row in head.sample if len(row) == body.width)
    }
    numbers = [place for place in range(body.width) if place not in texts]
    blank_or_nan = ["", *NAN_WORDS]
    frame = _read_csv(
        body, dtype=dict.fromkeys(texts, object), na_values=dict.fromkeys(numbers, blank_or_nan)
    )
    columns = {place: frame[place] for place in range(body.width)}
    again = [place for place in numbers if not _is_clean(columns[place])]
    if again:
        frame = _read_csv(body, dtype=object, na_filter=False, usecols=again)
        columns |= {place: frame[place] for place in again}
    return columns, texts | set(again)


def _read_csv(body: Body, **options: Any) -> pd.DataFrame:
    stream = io.BytesIO(body.text)
    stream.seek(body.start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # such a column is read again
        frame: pd.DataFrame = pd.read_csv(
            stream, sep=body.delimiter, names=list(range(body.width)), engine="c", **_OPTIONS, **options
        )
    if len(frame) != len(body.lines):
        raise pd.errors.ParserError("rows and lines do not match")
    return frame


def _is_clean(column: pd.Series[Any]) -> bool:
    """Whether pandas read numbers, none of them an integer that a double would round."""
    if column.dtype.kind not in "iuf":
        return False
    values = column.to_numpy()
    if not len(values) or not (np.abs(values) > EXACT).any():
        return True
    finite = values[np.abs(values) < HUGE]
    return bool((finite != np.rint(finite)).any()) or not (np.abs(finite) > EXACT).any()


def _blanks(values: Floats, body: Body, place: int) -> Mask:
    """Where a NaN stands for a blank cell and not for the word."""
    blank = np.isnan(values)
    holes = np.flatnonzero(blank)
    if len(holes):
        blank[holes] = body.is_blank(place, holes)
    return blank


def _unique_names(names: Sequence[str]) -> tuple[list[str], list[Repair]]:
    """Each name once: the second `loss` becomes `loss.2`, a third column without a name `column 3`."""
    unique: list[str] = []
    repairs: list[Repair] = []
    for place, name in enumerate(names, start=1):
        new, number = name or f"column {place}", 2
        while new in unique or (new != name and new in names):
            new, number = f"{name or f'column {place}'}.{number}", number + 1
        unique.append(new)
        if new != name and place > 1:
            what = f"another column with the name {name!r}" if name else "a column without a name"
            repairs.append(Repair(what, 1, new))
    return unique, repairs


def _drop_empty_rows(columns: list[Column], lines: Ints) -> tuple[list[Column], Ints, list[Repair]]:
    """Rows such as `,,,` that a spreadsheet leaves at the end of a file are no trials."""
    empty = np.ones(len(lines), np.bool_)
    for column in columns:
        empty &= column.kinds == Cell.MISSING
        if not empty.any():
            return columns, lines, []
    repair = Repair(
        f"rows without any value on {ranges(lines[empty])} left out", int(np.count_nonzero(empty))
    )
    return [column.take(~empty) for column in columns], lines[~empty], [repair]
