"""From even rows to raw columns: numbers where all cells are numbers, else the texts that stand in the file."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from .body import count, field_ends
from .cells import EXACT, HUGE, NAN_WORDS, are_within, is_numeric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from .body import Body
    from .table import Floats, Ints, Mask

    Part = dict[int, Any]

PART_BYTES = 1 << 24
"""A smaller file is read by one thread."""

MOST_PARTS = 4

BLOCK_CELLS, LEAST_ROWS = 1 << 19, 1 << 10
"""About so many cells are in pandas' hands at a time, in so many rows at least."""

_TRUTHS = frozenset(("true", "false"))

_OPTIONS: dict[str, Any] = {
    "header": None,
    "index_col": False,
    "encoding": "utf-8",
    "engine": "c",
    "keep_default_na": False,
    "skip_blank_lines": False,
    "low_memory": False,
}
if tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1):
    _OPTIONS["float_precision"] = "round_trip"  # what later versions do without being asked


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers.

    Attributes:
        values: (n,) NaN where the cell is blank or the word NaN.
        blank: (n,) where it is blank.
    """

    values: Floats
    blank: Mask


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of texts, cell by cell `distinct[which]`.

    Attributes:
        which: (n,) index into `distinct`.
        distinct: each text once, in order of first appearance.
    """

    which: Ints
    distinct: tuple[str, ...]


class UnevenError(ValueError):
    """A row has more fields than the others."""


def parse(body: Body, sample: Sequence[Sequence[str]]) -> list[Numbers | Texts]:
    """Each column as numbers, or as the texts that stand in the file if not all of them are numbers.

    What looks like numbers in `sample`, the first rows, is parsed as such; where that fails below, as texts.

    Raises:
        UnevenError: the rows are not all as wide as `body` says.
    """
    places = range(body.width)
    if not len(body.lines):
        return [Texts(np.empty(0, np.int32), ()) for _ in places]
    rows = [row for row in sample if len(row) == body.width]
    numeric = {place for place in places if all(is_numeric(row[place]) for row in rows)}
    texts = {place: _text_type([row[place] for row in rows]) for place in places if place not in numeric}
    try:
        columns = _read_mixed(body, numeric, texts)
    except OverflowError:  # integers beyond the largest double are too much for pandas before 3.1
        columns = {}
    again = [place for place in places if place not in columns]
    if again:
        columns |= _read(body, set(), dtype=object, na_filter=False, usecols=again)
    return [columns[place] for place in places]


def _text_type(cells: Sequence[str]) -> Any:
    """Texts that come again are read as categories, which is faster; to sort many, as of ids, would be slower.

    pandas takes categories that are all numbers or truth values for such: those are read as they stand.
    """
    levels = set(cells)
    plain = any(level.strip() and level.lower() not in _TRUTHS and not is_numeric(level) for level in levels)
    return "category" if plain and 2 * len(levels) <= len(cells) else object


def _read_mixed(body: Body, numeric: set[int], texts: dict[int, Any]) -> dict[int, Numbers | Texts]:
    """The columns by their places, some of them as numbers; those that are none after all are left out."""
    columns = _read(body, numeric, dtype=texts, na_values={place: ["", *NAN_WORDS] for place in numeric})
    _tell_blanks({place: column for place, column in columns.items() if isinstance(column, Numbers)}, body)
    return columns


def _read(body: Body, numeric: set[int], **options: Any) -> dict[int, Numbers | Texts]:
    """The columns that are what they were taken for; the parts of a large file are read side by side."""
    n, places = len(body.lines), options.get("usecols", range(body.width))
    whole: Part = {place: np.empty(n, np.float64 if place in numeric else np.int32) for place in places}
    cuts = _cuts(body)
    texts = [memoryview(body.text)[start:stop] for start, stop in pairwise(cuts)]
    firsts = [0, *accumulate(count(text, "\n") for text in texts[:-1])]

    def filled(text: memoryview, first: int) -> _Part:
        part = _Part({place: cells[first:] for place, cells in whole.items()}, numeric)
        for frame in _blocks(text, body, options):
            part.take(frame)
        return part

    if len(texts) == 1:
        parts = [filled(texts[0], 0)]
    else:
        with ThreadPoolExecutor(len(texts)) as pool:
            parts = list(pool.map(filled, texts, firsts))
    if sum(part.rows for part in parts) != n:
        raise UnevenError("rows and lines do not match")
    columns: dict[int, Numbers | Texts] = {}
    for place, cells in whole.items():
        if not all(place in part.columns for part in parts):
            continue
        if place not in numeric:
            columns[place] = Texts(cells, _in_one([part.distinct[place] for part in parts], cells, firsts))
        elif _is_exact(cells):
            columns[place] = Numbers(cells, np.isnan(cells))
    return columns


def _cuts(body: Body) -> list[int]:
    """Offsets between which whole rows stand; a quote may hide the end of a row, so then there is but one part."""
    size = len(body.text) - body.start
    n = 1 if size < PART_BYTES or body.quoted else min(MOST_PARTS, os.cpu_count() or 1)
    inner = [body.text.find(b"\n", body.start + size * part // n) + 1 for part in range(1, n)]
    return sorted({body.start, *filter(None, inner), len(body.text)})


def _blocks(text: memoryview, body: Body, options: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """Some rows after the others, so that what pandas holds of them stays small."""
    stream: Any = _Stream(text)  # pandas needs no more of a file than that
    try:
        with pd.read_csv(
            stream,
            sep=body.delimiter,
            names=list(range(body.width)),
            skipinitialspace=body.quoted,  # before a quote it matters; numbers and texts are stripped anyway
            chunksize=max(LEAST_ROWS, BLOCK_CELLS // body.width),
            **_OPTIONS,
            **options,
        ) as blocks:
            yield from blocks
    except pd.errors.ParserError as error:
        raise UnevenError(str(error)) from error


class _Stream:
    """A text as a file that is read piece by piece: pandas would copy all of it, decode it and encode it again."""

    def __init__(self, text: memoryview) -> None:
        self.text, self.at = text, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most so many."""
        piece = self.text[self.at :][: size if size >= 0 else None]
        self.at += len(piece)
        return bytes(piece)

    def __iter__(self) -> Iterator[bytes]:
        """Pandas asks for it, but reads pieces."""
        return iter(self.read, b"")


class _Part:
    """Rows that are filled block by block.

    Attributes:
        columns: the cells of those that are what they were taken for so far, by place: numbers, or texts by number.
        distinct: of each column of texts, the number of each.
        rows: how many are filled.
    """

    def __init__(self, columns: Part, numeric: set[int]) -> None:
        self.columns, self.rows = columns, 0
        self.distinct: dict[int, dict[str, int]] = {place: {} for place in columns if place not in numeric}

    def take(self, frame: pd.DataFrame) -> None:
        """One more block."""
        for place, cells in cast("Iterator[tuple[int, pd.Series[Any]]]", frame.items()):
            if place in self.columns and not self._fill(place, cells):
                del self.columns[place]
        self.rows += len(frame)

    def _fill(self, place: int, cells: pd.Series[Any]) -> bool:
        room = self.columns[place][self.rows : self.rows + len(cells)]
        if len(room) < len(cells):
            raise UnevenError("more rows than lines")
        if place not in self.distinct:
            if cells.dtype.kind not in "iuf":
                return False
            room[:] = cells.to_numpy()
            return True
        if (numbers := _numbered(cells, self.distinct[place])) is None:
            return False
        room[:] = numbers
        return True


def _in_one(parts: Sequence[Mapping[str, int]], which: Ints, firsts: Sequence[int]) -> tuple[str, ...]:
    """The distinct texts of all parts; the numbers of those behind the first one are made to fit."""
    known = dict(parts[0])
    for part, (start, stop) in zip(parts[1:], pairwise([*firsts[1:], len(which)]), strict=True):
        which[start:stop] = np.array([known.setdefault(text, len(known)) for text in part], np.int32)[which[start:stop]]
    return tuple(known)


def _numbered(cells: pd.Series[Any], known: dict[str, int]) -> Ints | None:
    """(n,) the number of each text, to which those that are new are added in order of first appearance; None if pandas
    made something else of them."""
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        which, distinct = pd.factorize(cells.to_numpy(object))
    else:
        categorical = cast("pd.Categorical", cells.array)  # `cells.cat` makes a series of the codes
        which, distinct = categorical.codes, categorical.categories.to_numpy(object)
        if not all(isinstance(level, str) for level in distinct):
            return None
        if not known.keys() >= set(distinct):
            first = np.full(len(distinct), len(which))
            first[which[::-1]] = np.arange(len(which) - 1, -1, -1)
            for text in distinct[np.argsort(first)].tolist():
                known.setdefault(text, len(known))
    numbers: Ints = np.array([known.setdefault(text, len(known)) for text in distinct], np.int32)[which]
    return numbers


def _is_exact(values: Floats) -> bool:
    """Whether none of the numbers is an integer that a double would round."""
    if are_within(values, EXACT):
        return True
    sizes = np.abs(values)
    finite = sizes[sizes < HUGE]
    return bool((finite != np.rint(finite)).any() or not (finite >= EXACT).any())


def _tell_blanks(columns: Mapping[int, Numbers], body: Body) -> None:
    """Of the cells without a number, tell those that are blank from those that say NaN."""
    holes = [np.flatnonzero(column.blank) * body.width + place for place, column in columns.items()]
    fields = np.sort(np.concatenate(holes), kind="stable") if holes else np.empty(0, np.intp)
    if not len(fields):
        return
    blank, seen, done = np.zeros(len(fields), bool), 0, 0
    for ends in field_ends(body.text, body.delimiter, body.start):
        stop = int(np.searchsorted(fields, seen + len(ends)))
        blank[done:stop] = _are_blank(body.text, ends[fields[done:stop] - seen])
        seen, done = seen + len(ends), stop
    rows, places = np.divmod(fields[~blank], body.width)
    for place in np.unique(places).tolist():
        columns[place].blank[rows[places == place]] = False


def _are_blank(text: bytes, ends: NDArray[np.int64]) -> Mask:
    """(k,) where a field that is either blank or the word NaN is blank, by the offsets at which the fields end."""
    buffer = np.frombuffer(text, np.uint8)
    at = ends - 1
    for tail in b'\r"':
        at -= buffer[np.maximum(at, 0)] == tail
    last = buffer[np.maximum(at, 0)]
    blank: Mask = (last != ord("n")) & (last != ord("N"))
    return blank
