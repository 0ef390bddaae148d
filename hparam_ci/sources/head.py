"""The top of a delimited text: its delimiter, its header and what stands above it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from .cells import is_numeric
from .decode import UnreadableError
from .table import Repair

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterable

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_ROWS = 100
SAMPLE_BYTES = 1_000_000
MOST_TITLES = 10
LEAST_BELOW_TITLE = 3
"""Cells in the header below a title."""

_SEPARATOR_HINT = re.compile(rb"sep=[,;\t|]\r?\n", re.IGNORECASE)


@dataclass(slots=True)
class Head:
    """What the top of a text says about the rest.

    Attributes:
        delimiter: between two fields.
        names: the header, stripped.
        sample: the first rows below it, as texts.
        skip: rows from `start` on that are header and not data.
        start: offset of the first line that is no comment.
        line: the number of that line, counted from 1.
        repairs: what was skipped or joined.
    """

    delimiter: str
    names: list[str]
    sample: list[list[str]]
    skip: int
    start: int
    line: int
    repairs: list[Repair] = field(default_factory=list)


def read_head(text: bytes) -> Head:
    """Find the delimiter and the header.

    The delimiter is the one that cuts the first rows into as many fields as the header, and most of them so.

    Raises:
        UnreadableError: there is no header, or nothing below the comments.
    """
    start, line, comments = _skip_comments(text)
    if start >= len(text):
        raise UnreadableError(
            "there is nothing but comments", "Check that the sweep wrote its results before this step."
        )
    top = _top(text, start)
    delimiter = _delimiter(top)
    titles = _titles(top, delimiter)
    if titles:
        start, line = start + len("".join(titles).encode()), line + len(titles)
        top = _top(text, start)
        delimiter = _delimiter(top)
    rows = _parse(top, delimiter)[: SAMPLE_ROWS + 1]
    if not rows:
        raise UnreadableError(f"line {line} is no header: it is too long", "Check for a quote that is never closed.")
    names, sample, skip, repairs = rows[0], rows[1:], 1, []
    if comments and _is_header(comments[-1], names, delimiter):
        names, sample, skip = _parse(comments.pop(), delimiter)[0], rows, 0
        names[0] = names[0].removeprefix("# ")
    elif sample and _is_second_header(names, sample[0]):
        names = [f"{name}_{sub}" if sub.strip() else name for name, sub in zip(names, sample[0], strict=True)]
        sample, skip = sample[1:], 2
        repairs.append(Repair("two header lines joined into one", 1))
    if comments:
        repairs.append(Repair("comment lines above the header left out", len(comments)))
    if titles:
        repairs.append(Repair("title lines above the header left out", len(titles)))
    if not _can_name(names):
        raise UnreadableError(
            f"line {line} should name the columns but holds numbers or blanks",
            "Write a header line with the column names.",
        )
    return Head(delimiter, [name.strip() for name in names], sample, skip, start, line, repairs)


def _skip_comments(text: bytes) -> tuple[int, int, list[str]]:
    """Offset and number of the first line that is neither blank nor a comment, and the comments above it."""
    comments: list[str] = []
    offset, number = 0, 1
    for line in io.BytesIO(text):
        if line.startswith(b"#") or (number == 1 and _SEPARATOR_HINT.fullmatch(line)):
            comments.append(line.decode())
        elif line.strip():
            break
        offset, number = offset + len(line), number + 1
    return offset, number, comments


def _titles(top: str, delimiter: str) -> list[str]:
    """The lines above the header that are a title, as people write it above a table.

    The cells of a title are few, from the left on, above a row that can be a header and is more than three times as
    full; what is as full by the delimiter that fits the top as it stands has none.
    """
    lines = list(islice(_lines(top), MOST_TITLES + 1))
    usual = [_cells(line, delimiter) for line in lines]
    if not lines or 3 * _filled(usual[0]) > max(map(_filled, usual)):
        return []
    cut = ([_cells(line, each) for line in lines] for each in DELIMITERS)
    rows = max(cut, key=lambda rows: max(map(_filled, rows)))
    header = next((at for at, row in enumerate(rows) if 3 * _filled(row) > max(map(_filled, rows))), 0)
    if _filled(rows[header]) < LEAST_BELOW_TITLE or not _can_name(rows[header]):
        return []
    whole = all(line.count('"') % 2 == 0 for line in lines[:header])
    from_left = all(cell.strip() for row in rows[:header] for cell in row[: _filled(row)])
    return lines[:header] if whole and from_left else []


def _cells(line: str, delimiter: str) -> list[str]:
    with suppress(csv.Error):
        return next(read_rows([line], delimiter), [])
    return []


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _top(text: bytes, start: int) -> str:
    """The first lines, whole ones; empty if even the first is too long."""
    stream = io.BytesIO(text)
    stream.seek(start)
    top = b"".join(stream.readline(SAMPLE_BYTES) for _ in range(SAMPLE_ROWS + 1))
    if len(top) >= SAMPLE_BYTES:
        top = top[: top.rfind(b"\n", 0, SAMPLE_BYTES) + 1]
    return top.decode()


def _parse(text: str, delimiter: str) -> list[list[str]]:
    """The rows of a text up to one that cannot be read, blank lines left out."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(row for row in read_rows(_lines(text), delimiter) if len(row) > 1 or "".join(row).strip())
    return rows


def _lines(text: str) -> Iterable[str]:
    return io.StringIO(text, newline="")


def read_rows(lines: Iterable[str], delimiter: str, *, strict: bool = False) -> Reader:
    """A reader of rows that takes spaces behind a delimiter as its own; a strict one minds quotes."""
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def _delimiter(top: str) -> str:
    return max(DELIMITERS, key=lambda each: _fit(top, each))


def _fit(text: str, delimiter: str) -> tuple[bool, bool, float, int, bool]:
    """How well a delimiter cuts a text; the greatest is the best.

    It has to cut the header. Then it counts that each quote ends at a delimiter, how many rows are as wide as the
    header, and how wide; where all that is equal, a tab is less likely to be text than the others.
    """
    rows = _parse(text, delimiter)
    width = len(rows[0]) if rows else 0
    if width < 2:
        return False, False, 0.0, 0, False
    alike = sum(len(row) == width for row in rows) / len(rows)
    return True, has_tidy_quotes(text, delimiter), alike, width, delimiter == "\t"


def has_tidy_quotes(text: str, delimiter: str) -> bool:
    """Whether each quoted field ends at its closing quote, and the text not inside one."""
    try:
        return '"' not in text or all(True for _ in read_rows(_lines(text), delimiter, strict=True))
    except csv.Error:
        return False


def _can_name(cells: list[str]) -> bool:
    """Whether a row can be a header: not all numbers, and not mostly decimal numbers; integers may be names."""
    names = [cell for cell in cells if cell.strip()]
    decimals = sum(is_numeric(name) and not name.strip().isdigit() for name in names)
    return not all(is_numeric(name) for name in names) and 2 * decimals <= len(names)


def _is_header(comment: str, below: list[str], delimiter: str) -> bool:
    """Whether a comment is the header after all: as wide as the row below it, which holds data."""
    rows = _parse(comment, delimiter)
    return bool(rows) and len(rows[0]) == len(below) and any(cell.strip() and is_numeric(cell) for cell in below)


def _is_second_header(names: list[str], below: list[str]) -> bool:
    """Whether the row below the header splits up its repeated names, as a pandas MultiIndex writes it."""
    if len(names) != len(below) or below[0].strip():
        return False
    repeats = {name for name, count in Counter(names).items() if count > 1}
    groups = {name for name, sub in zip(names, below, strict=True) if sub.strip()}
    pairs = Counter(zip(names, below, strict=True))
    if not repeats or not repeats <= groups or max(pairs.values()) > 1:
        return False
    return len(groups) < len(set(names)) and not all(is_numeric(sub) for sub in below)
