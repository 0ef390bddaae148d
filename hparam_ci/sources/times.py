"""Points in time: when trials began and ended, and for how long they took."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .dialects import tokens
from .table import Column, Floats

STARTS = frozenset("start started starttime begin began created".split())
ENDS = frozenset("end ended endtime complete completed finish finished stop stopped".split())
MILLISECONDS = 1e11  # seconds since 1970 are below this, milliseconds above


def named(columns: Sequence[Column], words: frozenset[str]) -> Column | None:
    """The first of the columns with one of these words in its name."""
    return next((column for column in columns if set(tokens(column.name)) & words), None)


def seconds_of(column: Column) -> Floats:
    """(n,) seconds since 1970 of a column of dates or numbers, NaN where a cell is neither."""
    if not column.levels:
        return np.where(np.abs(column.values) > MILLISECONDS, column.values / 1000, column.values)
    import pandas as pd

    stamps = pd.to_datetime(pd.Series(column.levels, dtype=object), errors="coerce", utc=True, format="ISO8601")
    seconds = ((stamps - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(float)
    return np.append(seconds, np.nan)[column.codes]


def spans_of(column: Column) -> Floats:
    """(n,) seconds of texts such as `0 days 00:00:07.9` or `1.6min`, NaN where a cell is none."""
    import pandas as pd

    spans = pd.to_timedelta(pd.Series(column.levels, dtype=object), errors="coerce").dt.total_seconds().to_numpy()
    seconds: Floats = np.append(spans, np.nan)[column.codes]
    return seconds
