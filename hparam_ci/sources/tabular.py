"""Read one delimited text file into a `Table`, saying of each silent step what it was."""

from __future__ import annotations

import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from hparam_ci.errors import SourceError

from .body import even_body, ranges, uneven_body
from .cells import from_distinct, from_numbers, uses_decimal_comma
from .decode import UnreadableError, to_utf8
from .head import read_head
from .parse import Numbers, Texts, UnevenError, parse
from .table import MAX_COLUMNS, MAX_ROWS, Cell, Repair, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from .body import Body
    from .head import Head
    from .table import Column, Ints

FEW_ROWS = 100_000
"""A shorter table is typed by one thread."""

MAX_CELL_CHARS = 100_000
GIANT = 100


def read_table(
    path: Path,
    root: Path,
    *,
    max_columns: int = MAX_COLUMNS,
    max_cell_chars: int = MAX_CELL_CHARS,
    max_rows: int = MAX_ROWS,
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
    shown = shown_path(path, root)
    try:
        data = read_bytes(root / path)
        return table_of(data, shown, max_columns=max_columns, max_cell_chars=max_cell_chars, max_rows=max_rows)
    except OSError as error:
        raise SourceError(shown, f"cannot be read: {error.strerror}", "Check the path and its permissions.") from error
    except UnreadableError as error:
        raise SourceError(shown, error.what, error.fix) from error


def table_of(
    data: bytes,
    shown: str,
    *,
    max_columns: int = MAX_COLUMNS,
    max_cell_chars: int = MAX_CELL_CHARS,
    max_rows: int = MAX_ROWS,
) -> Table:
    """The table in the bytes of a file; see `read_table`.

    Raises:
        UnreadableError: no table in it, or a limit is passed.
    """
    with ThreadPoolExecutor(1) as aside:
        digest = aside.submit(_sha256, data)
        text, repairs = to_utf8(data)
        head = read_head(text)
        _limit(len(head.names), max_columns, "columns", "Export fewer columns.")
        body, columns, more = _read_columns(text, head, max_rows, max_cell_chars)
    _limit_cells(columns, body.lines, max_cell_chars)
    columns, lines, empty = _drop_empty_rows(columns, body.lines)
    said = (*repairs, *head.repairs, *body.repairs, *more, *empty)
    return Table(shown, digest.result(), tuple(columns), lines, said)


def shown_path(path: Path, root: Path) -> str:
    """A path as people see it: relative to the workspace, with forward slashes."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def read_bytes(file: Path) -> bytes:
    """The content of a regular file.

    Raises:
        OSError: it cannot be read.
        UnreadableError: a device, a pipe or a folder.
    """
    if not stat.S_ISREG(file.stat().st_mode):
        raise UnreadableError("this is no regular file", "Name a CSV file.")
    return file.read_bytes()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _limit(count: int, limit: int, what: str, fix: str) -> None:
    if count > limit:
        raise UnreadableError(f"{count:,} {what}, and the limit is {limit:,}", fix)


def _limit_cells(columns: Iterable[Column], lines: Ints, limit: int) -> None:
    for column in columns:
        for code, level in enumerate(column.levels):
            if len(level) > limit:
                raise _long_cell(column.name, lines[int(np.argmax(column.codes == code))], len(level), limit)


def _limit_giants(name: str, cells: Texts, lines: Ints, limit: int) -> None:
    """Refuse a text far beyond the limit before anyone asks what it says, which takes minutes for a gigabyte."""
    for code, text in enumerate(cells.distinct):
        if len(text) > GIANT * limit:
            raise _long_cell(name, lines[int(np.argmax(cells.which == code))], len(text), limit)


def _long_cell(name: str, line: int, length: int, limit: int) -> UnreadableError:
    what = f"line {line}, column {name!r}: a cell of {length:,} characters, and the limit is {limit:,}"
    return UnreadableError(what, "Check for a quote that is never closed, or leave the column out.")


def _read_columns(
    text: bytes, head: Head, max_rows: int, max_cell_chars: int
) -> tuple[Body, list[Column], list[Repair]]:
    body = even_body(text, head) or uneven_body(text, head)
    _limit(len(body.lines), max_rows, "rows", "Split the file.")
    try:
        raw = parse(body, head.sample)
    except UnevenError:
        body = uneven_body(text, head)
        raw = parse(body, head.sample)
    names, repairs = _unique_names(head.names)
    decimal_comma = uses_decimal_comma([cell for row in head.sample for cell in row])
    no_codes = np.broadcast_to(np.int32(-1), len(body.lines))

    def typed(name: str, cells: Numbers | Texts) -> tuple[Column, list[Repair]]:
        if isinstance(cells, Numbers):
            return from_numbers(name, cells.values, cells.blank, no_codes)
        _limit_giants(name, cells, body.lines, max_cell_chars)
        return from_distinct(name, cells.which, cells.distinct, decimal_comma=decimal_comma)

    if len(body.lines) < FEW_ROWS:
        read = list(map(typed, names, raw))
    else:
        with ThreadPoolExecutor(2) as pool:
            read = list(pool.map(typed, names, raw))
    return body, [column for column, _ in read], [*repairs, *(repair for _, more in read for repair in more)]


def _unique_names(names: Sequence[str]) -> tuple[list[str], list[Repair]]:
    """Each name once: the second `loss` becomes `loss.2`, a third column without a name `column 3`."""
    taken, seen = set(names), {""}
    last: dict[str, int] = {}
    unique: list[str] = []
    repairs: list[Repair] = []
    for place, name in enumerate(names, start=1):
        new = wanted = name or f"column {place}"
        while new in taken and name in seen:
            last[wanted] = last.get(wanted, 1) + 1
            new = f"{wanted}.{last[wanted]}"
        taken.add(new)
        seen.add(name)
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
    repair = Repair(f"rows without any value on {ranges(lines[empty])} left out", int(np.count_nonzero(empty)))
    return [column.take(~empty) for column in columns], lines[~empty], [repair]
