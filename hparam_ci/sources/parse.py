"""From even rows to raw columns: numbers where all cells are numbers, else the texts that stand in the file."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .body import separators
from .cells import EXACT, HUGE, NAN_WORDS, is_numeric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .body import Body, Places
    from .table import Floats, Mask

    Texts = NDArray[np.object_]

_OPTIONS: dict[str, Any] = {
    "header": None,
    "index_col": False,
    "encoding": "utf-8",
    "engine": "c",
    "keep_default_na": False,
    "skip_blank_lines": False,
    "skipinitialspace": True,
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


class UnevenError(ValueError):
    """A row has more fields than the others."""


def parse(body: Body, sample: Sequence[Sequence[str]]) -> list[Numbers | Texts]:
    """Each column as numbers, or as the (n,) texts that stand in the file if not all of them are numbers.

    What looks like numbers in `sample`, the first rows, is parsed as such; where that fails below, as texts.

    Raises:
        UnevenError: the rows are not all as wide as `body` says.
    """
    places = range(body.width)
    if not len(body.lines):
        return [np.empty(0, object) for _ in places]
    rows = [row for row in sample if len(row) == body.width]
    numeric = {place for place in places if all(is_numeric(row[place]) for row in rows)}
    try:
        columns = _read_mixed(body, numeric)
    except OverflowError:  # integers beyond the largest double are too much for pandas before 3.1
        columns = {}
    again = [place for place in places if place not in columns]
    if again:
        frame = _read_csv(body, dtype=object, na_filter=False, usecols=again)
        columns |= {place: frame[place].to_numpy(object) for place in again}
    return [columns[place] for place in places]


def _read_mixed(body: Body, numeric: set[int]) -> dict[int, Numbers | Texts]:
    """The columns by their places, some of them as numbers; those that are none after all are left out."""
    texts = [place for place in range(body.width) if place not in numeric]
    frame = _read_csv(
        body,
        dtype=dict.fromkeys(texts, object),
        na_values={place: ["", *NAN_WORDS] for place in numeric},
    )
    columns: dict[int, Numbers | Texts] = {place: frame[place].to_numpy(object) for place in texts}
    ends: Places | None = None
    for place in numeric:
        if not _is_clean(frame[place]):
            continue
        numbers = frame[place].to_numpy(np.float64)
        blank = np.isnan(numbers)
        if blank.any():
            ends = separators(body.text, body.delimiter, body.start)[0] if ends is None else ends
            holes = np.flatnonzero(blank)
            blank[holes] = _is_blank(body, ends, holes * body.width + place)
        columns[place] = Numbers(numbers, blank)
    return columns


def _read_csv(body: Body, **options: Any) -> pd.DataFrame:
    stream = io.BytesIO(body.text)
    stream.seek(body.start)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # such columns are read again
            frame: pd.DataFrame = pd.read_csv(
                stream, sep=body.delimiter, names=list(range(body.width)), **_OPTIONS, **options
            )
    except pd.errors.ParserError as error:
        raise UnevenError(str(error)) from error
    if len(frame) != len(body.lines):
        raise UnevenError("rows and lines do not match")
    return frame


def _is_clean(column: pd.Series[Any]) -> bool:
    """Whether pandas read numbers, none of them an integer that a double would round."""
    if column.dtype.kind not in "iuf":
        return False
    sizes = np.abs(column.to_numpy(np.float64))
    if not (sizes >= EXACT).any():
        return True
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
