"""From even rows to raw columns: numbers where all cells are numbers, else the texts that stand in the file."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .body import separators
from .cells import EXACT, HUGE, NAN_WORDS, are_within, is_numeric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .body import Body, Places
    from .table import Floats, Mask

    Part = dict[int, Any]

PART_BYTES = 1 << 24
"""A smaller file is read by one thread."""

MOST_PARTS = 4

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

    which: NDArray[np.intp]
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
        return [Texts(np.empty(0, np.intp), ()) for _ in places]
    rows = [row for row in sample if len(row) == body.width]
    numeric = {place for place in places if all(is_numeric(row[place]) for row in rows)}
    texts = {place: _text_type([row[place] for row in rows]) for place in places if place not in numeric}
    try:
        columns = _read_mixed(body, numeric, texts)
    except OverflowError:  # integers beyond the largest double are too much for pandas before 3.1
        columns = {}
    again = [place for place in places if place not in columns]
    if again:
        columns |= _joined(body, _read(body, set(), dtype=object, na_filter=False, usecols=again))
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
    return _joined(body, _read(body, numeric, dtype=texts, na_values={place: ["", *NAN_WORDS] for place in numeric}))


def _joined(body: Body, parts: Sequence[Part]) -> dict[int, Numbers | Texts]:
    """The parts of each column one after the other; a column that is missing in one is left out."""
    shared = [place for place in parts[0] if all(place in part for part in parts)]
    with ThreadPoolExecutor(len(parts)) as pool:
        joined = pool.map(lambda place: _in_one([part[place] for part in parts]), shared)
        columns = dict(zip(shared, joined, strict=True))
    ends: Places | None = None
    for place, column in columns.items():
        if isinstance(column, Numbers) and (holes := np.flatnonzero(column.blank)).size:
            ends = separators(body.text, body.delimiter, body.start)[0] if ends is None else ends
            column.blank[holes] = _is_blank(body, ends, holes * body.width + place)
    return columns


def _in_one(pieces: Sequence[Any]) -> Numbers | Texts:
    """The pieces of a column together; the blank cells of numbers are not yet told from NaN."""
    if isinstance(pieces[0], Texts):
        return _texts(pieces)
    cells = np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
    return Numbers(cells, np.isnan(cells))


def _read(body: Body, numeric: set[int], **options: Any) -> list[Part]:
    """The rows, part after part; those of a large file are read side by side."""
    cuts = _cuts(body)
    texts = [memoryview(body.text)[start:stop] for start, stop in pairwise(cuts)]
    if len(texts) == 1:
        parts = [_read_part(texts[0], body, numeric, options)]
    else:
        with ThreadPoolExecutor(len(texts)) as pool:
            parts = list(pool.map(lambda text: _read_part(text, body, numeric, options), texts))
    if sum(rows for rows, _ in parts) != len(body.lines):
        raise UnevenError("rows and lines do not match")
    return [columns for _, columns in parts]


def _texts(pieces: Sequence[Any]) -> Texts:
    """The texts of several parts as one column, in order of first appearance."""
    known: dict[str, int] = {}
    which = []
    for piece in pieces:
        places = [known.setdefault(text, len(known)) for text in piece.distinct]
        which.append(np.array(places, np.intp)[piece.which])
    return Texts(np.concatenate(which), tuple(known))


def _cuts(body: Body) -> list[int]:
    """Offsets between which whole rows stand; a quote may hide the end of a row, so then there is but one part."""
    size = len(body.text) - body.start
    n = 1 if size < PART_BYTES or b'"' in body.text else min(MOST_PARTS, os.cpu_count() or 1)
    inner = [body.text.find(b"\n", body.start + size * part // n) + 1 for part in range(1, n)]
    return sorted({body.start, *filter(None, inner), len(body.text)})


def _read_part(text: memoryview, body: Body, numeric: set[int], options: Mapping[str, Any]) -> tuple[int, Part]:
    """How many rows there are, and their columns by place; without those that must be read as they stand."""
    try:
        frame = pd.read_csv(
            io.BytesIO(text),
            sep=body.delimiter,
            names=list(range(body.width)),
            skipinitialspace=b'"' in body.text,  # before a quote it matters; numbers and texts are stripped anyway
            **_OPTIONS,
            **options,
        )
    except pd.errors.ParserError as error:
        raise UnevenError(str(error)) from error
    columns: Part = {}
    for place in frame.columns:
        if place not in numeric:
            if (texts := _distinct(frame[place])) is not None:
                columns[place] = texts
        elif frame[place].dtype.kind in "iuf" and _is_exact(values := frame[place].to_numpy(np.float64)):
            columns[place] = values
    return len(frame), columns


def _distinct(cells: pd.Series[Any]) -> Texts | None:
    """Texts, each once, in order of first appearance; None if pandas made something else of them."""
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        which, distinct = pd.factorize(cells.to_numpy(object))
        return Texts(which, tuple(distinct))
    codes, levels = cells.cat.codes.to_numpy(), cells.cat.categories.to_numpy(object)
    if not all(isinstance(level, str) for level in levels):
        return None
    first = np.full(len(levels), len(codes))
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    order = np.argsort(first)
    rank = np.empty(len(levels), np.intp)
    rank[order] = np.arange(len(levels))
    return Texts(rank[codes], tuple(levels[order]))


def _is_exact(values: Floats) -> bool:
    """Whether none of the numbers is an integer that a double would round."""
    if are_within(values, EXACT):
        return True
    sizes = np.abs(values)
    finite = sizes[sizes < HUGE]
    return bool((finite != np.rint(finite)).any() or not (finite >= EXACT).any())


def _is_blank(body: Body, ends: Places, fields: NDArray[np.int64]) -> Mask:
    """(k,) where a field is blank, given the numbers of k fields that are either blank or the word NaN."""
    buffer = np.frombuffer(body.text, np.uint8)
    at = ends[fields].astype(np.int64) - 1
    for tail in b'\r"':
        at -= buffer[np.maximum(at, 0)] == tail
    blank: Mask = ~np.isin(buffer[np.maximum(at, 0)], np.frombuffer(b"nN", np.uint8))
    return blank
