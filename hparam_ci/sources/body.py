"""The rows of a delimited text: where each starts and ends, and how uneven ones are made even."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from .cells import is_numeric
from .decode import UnreadableError
from .head import has_tidy_quotes, read_rows
from .table import Repair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from .head import Head
    from .table import Ints, Mask

    Counts = NDArray[np.int64]
    Places = NDArray[np.uint32 | np.int64]

BLOCK_BYTES = 1 << 20
SHOWN_RANGES = 5

_END_OF_FILE = "end of file: no quote is open"


@dataclass(frozen=True, slots=True)
class Body:
    """The rows below the header, each of exactly `width` fields.

    Attributes:
        text: UTF-8, lines ending in LF or CRLF.
        start: offset in `text` of the first row.
        width: fields in a row.
        delimiter: between two fields.
        lines: (n,) the line of the file on which each row starts, counted from 1.
        quoted: whether there are quotes in it.
        repairs: what was left out or filled up.
    """

    text: bytes
    start: int
    width: int
    delimiter: str
    lines: Ints
    quoted: bool
    repairs: list[Repair]


def even_body(text: bytes, head: Head) -> Body | None:
    """The body as it stands, if a count of the separators says that every row is as wide as the header.

    The count could be right by chance, a row too long making up for one too short: pandas refuses rows that
    are too long, and `uneven_body` is for those.
    """
    width = len(head.names)
    if b'"' in text or _has_lone_cr(text) or any(len(row) != width for row in head.sample):
        return None
    start = head.start
    for _ in range(head.skip):
        start = text.find(b"\n", start) + 1 or len(text)
    with ThreadPoolExecutor(1) as aside:
        ends = aside.submit(count, text, "\n", start)
        inner = count(text, head.delimiter, start)
    rows = ends.result() + (start < len(text) and not text.endswith(b"\n"))
    if inner != rows * (width - 1):
        return None
    first = head.line + head.skip
    return Body(
        text, start, width, head.delimiter, np.arange(first, first + rows, dtype=np.int32), quoted=False, repairs=[]
    )


def uneven_body(text: bytes, head: Head) -> Body:
    """The body with every row looked at and mended to be as wide as the header.

    Blank lines are left out. Rows with too few fields are filled up with blanks; rows with too many are left
    out, unless what is too much is blank, for no one can say which of their cells moved.

    Raises:
        UnreadableError: a quote is never closed, or every row is too long.
    """
    text = text[head.start :]
    if _is_plain(text, head.delimiter):
        ends, last = separators(text, head.delimiter)
        lines = _lines(text, ends[last], head.line)
    else:
        text, lines = _rewrite(text, head)
        ends, last = separators(text, head.delimiter)
    return _mend(text, ends, last, lines, head)


def count(text: bytes | memoryview, character: str, start: int = 0) -> int:
    """How often an ASCII character is in a text, from `start` on."""
    buffer = np.frombuffer(text, np.uint8)
    blocks = range(start, len(buffer), BLOCK_BYTES)
    return sum(int(np.count_nonzero(buffer[at : at + BLOCK_BYTES] == ord(character))) for at in blocks)


def separators(text: bytes, delimiter: str, start: int = 0) -> tuple[Places, Counts]:
    """Offset of the end of each field from `start` on, and which of them end a row.

    Separators inside quotes are text. The last field ends where the text ends, with or without a line break.
    """
    small = np.uint32 if len(text) < 1 << 32 else np.int64
    ends = np.concatenate([block.astype(small) for block in field_ends(text, delimiter, start)])
    closing = np.append(np.frombuffer(text, np.uint8)[ends[:-1]] == ord("\n"), True)
    return ends, np.flatnonzero(closing)


def field_ends(text: bytes, delimiter: str, start: int = 0) -> Iterator[Counts]:
    """Offset of the end of each field, block by block; see `separators`."""
    buffer = np.frombuffer(text, np.uint8)
    quoted = b'"' in text
    inside = np.uint8(0)
    for at in range(start, len(buffer), BLOCK_BYTES):
        block = buffer[at : at + BLOCK_BYTES]
        mask = (block == ord(delimiter)) | (block == ord("\n"))
        if quoted:
            parity = np.bitwise_xor.accumulate((block == ord('"')).view(np.uint8)) ^ inside
            mask &= parity == 0
            inside = parity[-1]
        yield np.flatnonzero(mask) + at
    if not text.endswith(b"\n"):
        yield np.array([len(buffer)])


def _lines(text: bytes, row_ends: Places, first: int) -> Ints:
    """The line on which each row starts; a quoted field may hold line breaks."""
    starts = np.append(0, row_ends[:-1] + 1)
    breaks = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    return (first + np.searchsorted(breaks, starts)).astype(np.int32)


def _has_lone_cr(text: bytes) -> bool:
    return b"\r" in text and text.count(b"\r") != text.count(b"\r\n")


def _is_plain(text: bytes, delimiter: str) -> bool:
    """Whether each quote opens, closes or is doubled in a field, and each line ends in LF or CRLF."""
    if _has_lone_cr(text):
        return False
    buffer = np.frombuffer(b"\n" + text + b"\n", np.uint8)
    quotes = np.flatnonzero(buffer == ord('"'))
    if len(quotes) % 2:
        return False
    opening = np.frombuffer(f'\n"{delimiter}'.encode(), np.uint8)
    closing = np.frombuffer(f'\r\n"{delimiter}'.encode(), np.uint8)
    return bool(np.isin(buffer[quotes[0::2] - 1], opening).all() and np.isin(buffer[quotes[1::2] + 1], closing).all())


def _rewrite(text: bytes, head: Head) -> tuple[bytes, Ints]:
    """The same rows, quoted by the book; slow, for quotes in unusual places and old line ends."""
    seen: list[str] = []
    stream = io.StringIO(text.decode(), newline="")
    reader = read_rows(_noting(chain(stream, [_END_OF_FILE]), seen), head.delimiter)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=head.delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    lines, line = [], head.line
    row: list[str] = []
    try:
        for row in reader:
            if len(seen) > 1 and _swallows_rows(row, "".join(seen), head):
                raise _open_quote(line)
            writer.writerow(row)
            lines.append(line)
            line += len(seen)
            seen.clear()
    except csv.Error as error:
        raise _open_quote(line) from error
    if row != [_END_OF_FILE]:
        raise _open_quote(lines[-1])
    rows = out.getvalue().removesuffix(f'"{_END_OF_FILE}"\n')
    return rows.encode(), np.array(lines[:-1], np.int32)


def _noting(lines: Iterable[str], seen: list[str]) -> Iterator[str]:
    for line in lines:
        seen.append(line)
        yield line


def _swallows_rows(row: list[str], text: str, head: Head) -> bool:
    """Whether a row of several lines has a field with whole rows in it, since a quote was opened by mistake."""
    joints = len(head.names) - 1
    swallowed = any(0 < cell.count("\n") * joints <= cell.count(head.delimiter) for cell in row)
    return swallowed and not has_tidy_quotes(text, head.delimiter)


def _open_quote(line: int) -> UnreadableError:
    what = f"in the row that starts on line {line} a quote is opened and not closed"
    return UnreadableError(what, 'Close it, or write it twice ("") where it is part of the text.')


def _mend(text: bytes, ends: Places, last: Counts, lines: Ints, head: Head) -> Body:
    """Each row but the blank ones and the header, as wide as the header or left out."""
    width, delimiter = len(head.names), head.delimiter.encode()
    fields = np.diff(last, prepend=-1)
    stops = ends[last].astype(np.int64)
    starts = np.append(0, stops + 1)[: len(stops)]
    keep = ~_blank_rows(text, starts, stops, fields, width)
    keep[np.flatnonzero(keep)[: head.skip]] = False
    remarks = _remarks(text, starts, stops, keep & (fields != width), head)
    keep &= ~remarks
    short, long = keep & (fields < width), keep & (fields > width)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], keep & ~short & ~long, [0]))))
    pieces = {first: text[starts[first] : stops[final - 1]] for first, final in edges.reshape(-1, 2).tolist()}
    for row in np.flatnonzero(short | long).tolist():
        start, stop, over = starts[row], stops[row], int(fields[row]) - width
        end = ends[last[row] - max(over, 0)]
        if over < 0:
            pieces[row] = text[start:stop].rstrip(b"\r") + delimiter * -over
        elif _is_empty(text[end:stop], head.delimiter):
            pieces[row] = text[start:end]
            long[row] = False
    keep &= ~long
    if long.any() and not keep.any():
        raise UnreadableError(
            f"every row has more fields than the header on line {head.line}, which has {width}",
            "Give every column a name, in the same order as the cells.",
        )
    body = b"".join(pieces[row] + b"\n" for row in sorted(pieces))
    repairs = _uneven(fields, short, long, lines, width)
    if remarks.any():
        what = f"remarks between the rows, on {ranges(lines[remarks])}, left out"
        repairs.append(Repair(what, int(np.count_nonzero(remarks))))
    return Body(body, 0, width, head.delimiter, lines[keep], b'"' in body, repairs)


def _is_empty(fields: bytes, delimiter: str) -> bool:
    if b'"' not in fields:
        return not fields.strip(delimiter.encode() + b" \r")
    rows = read_rows(io.StringIO(fields.decode(), newline=""), delimiter)
    return not any(cell.strip() for row in rows for cell in row)


def _blank_rows(text: bytes, starts: Counts, stops: Counts, fields: Counts, width: int) -> Mask:
    """Where a line holds nothing; in a table of one column, spaces are a missing cell and no blank line."""
    blank: Mask = (fields == 1) & (stops - starts <= 1)
    for row in np.flatnonzero(blank | (fields == 1) & (width > 1)).tolist():
        blank[row] = not text[starts[row] : stops[row]].strip()
    return blank


def _remarks(text: bytes, starts: Counts, stops: Counts, uneven: Mask, head: Head) -> Mask:
    """Where a line is no row: a comment, or a sentence where the first column holds numbers."""
    remarks = np.zeros(len(starts), np.bool_)
    numbered = bool(head.sample) and sum(is_numeric(row[0]) for row in head.sample) > 0.5 * len(head.sample)
    for row in np.flatnonzero(uneven).tolist():
        line = text[starts[row] : stops[row]]
        first = line.split(head.delimiter.encode(), 1)[0].decode().strip()
        remarks[row] = first.startswith("#") or (numbered and _is_sentence(first))
    return remarks


def _is_sentence(text: str) -> bool:
    """Whether a text is words and not a cell: some letters, with a space between them."""
    return " " in text and not is_numeric(text) and len({char for char in text if char.isalpha()}) >= 4


def _uneven(fields: Counts, short: Mask, long: Mask, lines: Ints, width: int) -> list[Repair]:
    repairs = []
    for mask, remedy in ((short, "the rest is read as missing"), (long, "left out")):
        if mask.any():
            least, most = int(np.min(fields[mask])), int(np.max(fields[mask]))
            count = f"{least}" if least == most else f"{least} to {most}"
            count += " field" if most == 1 else " fields"
            what = f"rows on {ranges(lines[mask])} have {count}, the header has {width}: {remedy}"
            rows = int(np.count_nonzero(mask))
            lost = mask is long
            repairs.append(Repair(what, rows, rows_lost=rows if lost else 0, unread=lost))
    return repairs


def ranges(lines: Ints) -> str:
    """Line numbers for a person: `line 7`, `lines 20–37`, `lines 2, 5–9 and 3 more`."""
    cuts = np.flatnonzero(np.diff(lines) > 1)
    firsts, finals = lines[np.append(0, cuts + 1)].tolist(), lines[np.append(cuts, len(lines) - 1)].tolist()
    runs = list(zip(firsts, finals, strict=True))[:SHOWN_RANGES]
    shown = ", ".join(f"{first}" if first == final else f"{first}–{final}" for first, final in runs)
    more = len(lines) - sum(final - first + 1 for first, final in runs)
    return f"line{'s' * (len(lines) > 1)} {shown}" + (f" and {more:,} more" if more else "")
