"""From what cells say to what they are: number, NaN, infinity, text or missing, each repair counted."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from .table import Cell, Column, Repair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .table import Floats, Ints, Mask

    Rows = NDArray[np.intp] | Ints

NAN_WORDS = tuple(sign + word for word in ("nan", "NaN", "NAN", "Nan") for sign in ("", "-", "+"))
MISSING_WORDS = frozenset(
    ("None", "none", "null", "Null", "NULL", "N/A", "n/a", "NA", "#N/A", "<NA>", "NaT", "-", "--", "!")
)

HUGE = 1.797e308
"""MLflow's database stores an infinity as the largest double; nothing that was measured is that large."""

EXACT = 2**53
"""Below it, every integer has a double of its own; from it on they share."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NAN = re.compile(r"[+-]?nan(?:\([a-z0-9_]*\))?", re.IGNORECASE)
_INFINITY = re.compile(r"([+-]?)inf(?:inity)?", re.IGNORECASE)
_NUMERIC = re.compile(rf"\s*(?:{_NUMBER.pattern}|(?i:{_NAN.pattern}|{_INFINITY.pattern}))?\s*")
_GUARDED = re.compile(r"'[+-][^']*")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]+(?:[eE][+-]?[0-9]+)?")
_SURE_DECIMAL_COMMA = re.compile(r"[+-]?(?:0,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,}))(?:[eE][+-]?[0-9]+)?")
_LONG_FRACTION = re.compile(r"[+-]?[0-9]+,[0-9]{4,}(?:[eE][+-]?[0-9]+)?")
_COMMA_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_OTHER_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:[\u00a0\u202f\u2009'][0-9]{3})+(?:\.[0-9]+)?")
_HEXADECIMAL = re.compile(r"[0-9a-f]{6,64}|[0-9A-F]{6,64}")
_WITH_UNIT = re.compile(rf"({_NUMBER.pattern})\s?([A-Za-z°µ][A-Za-z°µ/]{{0,11}})")
_TIME_UNITS = frozenset("ns us µs ms s sec secs second seconds m min mins minutes h hour hours d day days".split())
_SPREAD = r"[0-9.,]+(?:[eE][+-]?[0-9]+)?"
_WITH_SPREAD = re.compile(rf"([0-9.,eE+-]*[0-9])\s?(?:(?:±|\+/-|\+-)\s?{_SPREAD}|\((?:±|\+/-|\+-)?\s?{_SPREAD}\))")
_NOT_IN_NUMBERS = re.compile(r"[^0-9eE.+-]")


def is_numeric(text: str) -> bool:
    """Whether a cell as it stands is a number, a NaN, an infinity or blank."""
    return _NUMERIC.fullmatch(text) is not None


def uses_decimal_comma(cells: Sequence[str]) -> bool:
    """Whether a file writes `0,5` for a half: some cell can be nothing else and none has a decimal point.

    `64,32` beside `0.001` is a list of layer sizes and not a number, hence the second half of the rule.
    """
    stripped = [cell.strip() for cell in cells]
    points = any("." in cell and _NUMBER.fullmatch(cell) for cell in stripped)
    return not points and any(_SURE_DECIMAL_COMMA.fullmatch(cell) for cell in stripped)


def _is_surely_decimal_comma(cells: Sequence[str]) -> bool:
    """Whether a column writes `0,1234`, whatever the others do: pandas leaves `0.5` in columns of mixed content."""
    filled = [cell for cell in cells if cell and cell not in MISSING_WORDS and not _NAN.fullmatch(cell)]
    return any(_LONG_FRACTION.fullmatch(cell) for cell in filled) and all(
        _DECIMAL_COMMA.fullmatch(cell) or _INTEGER.fullmatch(cell) for cell in filled
    )


def are_within(values: Floats, limit: float) -> bool:
    """Whether every number is nearer to zero than the limit; in two passes, with no array of their size. Where all are
    NaN there is no telling."""
    return len(values) == 0 or bool(-limit < np.fmin.reduce(values) and np.fmax.reduce(values) < limit)


def from_numbers(name: str, values: Floats, blank: Mask, codes: Ints) -> tuple[Column, list[Repair]]:
    """A column in which every cell was a number, a NaN, an infinity or blank.

    Args:
        name: the header.
        values: (n,) the numbers; NaN where the cell is blank or says NaN. It is not written to.
        blank: (n,) where the cell is blank.
        codes: (n,) of -1, which may be shared between columns.
    """
    kinds = np.full(len(values), Cell.NUMBER, np.uint8)
    kinds[np.isnan(values)] = Cell.NAN
    kinds[blank] = Cell.MISSING
    if are_within(values, HUGE):
        return Column(name, kinds, values, codes, ()), []
    huge = ~(np.abs(values) < HUGE) & np.isfinite(values)
    repairs = _repairs(name, {_HUGE_READ: int(np.count_nonzero(huge))})
    if repairs:
        values = np.where(huge, np.copysign(np.inf, values), values)
    kinds[values == np.inf] = Cell.POS_INF
    kinds[values == -np.inf] = Cell.NEG_INF
    return Column(name, kinds, values, codes, ()), repairs


def from_texts(name: str, texts: NDArray[np.object_], *, decimal_comma: bool) -> tuple[Column, list[Repair]]:
    """A column of texts, read by what each says and, where that is not enough, by what the others say.

    Args:
        name: the header.
        texts: (n,) of str, as in the file.
        decimal_comma: whether the file writes `0,5` for a half (see `uses_decimal_comma`).
    """
    which, distinct = pd.factorize(texts)
    return from_distinct(name, which, distinct.tolist(), decimal_comma=decimal_comma)


def from_distinct(
    name: str, which: Rows, distinct: Sequence[str], *, decimal_comma: bool
) -> tuple[Column, list[Repair]]:
    """`from_texts` for a column whose (n,) cells are `distinct[which]`."""
    readings = [_read(text.strip()) for text in distinct]
    decimal_comma = decimal_comma or _is_surely_decimal_comma([reading.text for reading in readings])
    readings = _as_identifiers(readings) or _as_numbers(readings, decimal_comma=decimal_comma)
    tally: Counter[str] = Counter()
    if any(reading.repairs for reading in readings):
        for reading, count in zip(readings, np.bincount(which, minlength=len(distinct)).tolist(), strict=True):
            for repair in reading.repairs:
                tally[repair] += count
    return _column(name, which, readings), _repairs(name, tally)


class _Reading(NamedTuple):
    """What one distinct text was read as."""

    text: str
    kind: Cell
    value: float = np.nan
    repairs: tuple[str, ...] = ()


_HUGE_READ = "the largest double (about 1.797e308) read as infinity"
_GUARD_READ = "apostrophe before a sign left off"
_WORD_READ = "words for `no value` (None, null, N/A, -) read as missing"
_LONG_READ = "integers of 2^53 and more kept as text, as in a column of run ids: numbers would be rounded"
_HEX_READ = "digits kept as text, as in a column of hexadecimal ids"
_PERCENT_READ = "percent signs left off; the values are in percent"
_SPREAD_READ = "spreads behind numbers left off"
_COMMA_READ = "decimal commas read as decimal points"
_GROUPS_READ = "thousands separators left out"


def _read(text: str) -> _Reading:
    """What a stripped text says by itself."""
    if not text:
        return _Reading(text, Cell.MISSING)
    if _NUMBER.fullmatch(text):
        return _read_number(text)
    if _NAN.fullmatch(text):
        return _Reading(text, Cell.NAN)
    if match := _INFINITY.fullmatch(text):
        return _infinity(text, -1.0 if match[1] == "-" else 1.0)
    if _GUARDED.fullmatch(text) and (inner := _read(text[1:])).kind != Cell.TEXT:
        return inner._replace(repairs=(_GUARD_READ, *inner.repairs))
    return _Reading(text, Cell.TEXT)


def _read_number(text: str) -> _Reading:
    value = float(text)
    if abs(value) < HUGE:
        return _Reading(text, Cell.NUMBER, value)
    return _infinity(text, value, () if np.isinf(value) else (_HUGE_READ,))


def _infinity(text: str, sign: float, repairs: tuple[str, ...] = ()) -> _Reading:
    if sign > 0:
        return _Reading(text, Cell.POS_INF, np.inf, repairs)
    return _Reading(text, Cell.NEG_INF, -np.inf, repairs)


def _as_identifiers(readings: list[_Reading]) -> list[_Reading] | None:
    """A column of ids is text, although some of them look like numbers.

    Integers too long for a double are ids, for rounding would merge them; so are hexadecimal texts of one length,
    some of which say `12e4`.
    """
    texts = [reading.text for reading in readings if reading.text and reading.text not in MISSING_WORDS]
    if all(map(_INTEGER.fullmatch, texts)) and any(map(_is_rounded, texts)):
        said: tuple[str, ...] = (_LONG_READ,)
    elif _are_hexadecimal(texts) and any(reading.kind == Cell.TEXT for reading in readings):
        said = (_HEX_READ,)
    else:
        return None
    return [
        reading if reading.kind in (Cell.MISSING, Cell.TEXT) else _Reading(reading.text, Cell.TEXT, repairs=said)
        for reading in readings
    ]


def _are_hexadecimal(texts: list[str]) -> bool:
    return len({len(text) for text in texts}) == 1 and all(map(_HEXADECIMAL.fullmatch, texts))


def _is_rounded(integer: str) -> bool:
    digits = integer.lstrip("+-0")
    return len(digits) > 16 or int(digits or 0) >= EXACT


def _as_numbers(readings: list[_Reading], *, decimal_comma: bool) -> list[_Reading]:
    """Texts that are numbers, or words for `no value`, in a column that holds nothing else."""
    texts = [reading.text for reading in readings if reading.kind == Cell.TEXT]
    if not texts:
        return readings
    numbers = [reading.text for reading in readings if reading.kind == Cell.NUMBER]
    others = [text for text in texts if text not in MISSING_WORDS]
    converted = _convert(others, numbers, decimal_comma=decimal_comma)
    numeric = converted or any(reading.kind not in (Cell.TEXT, Cell.MISSING) for reading in readings)
    if converted is None or not numeric:
        return readings
    return [
        reading
        if reading.kind != Cell.TEXT
        else converted.get(reading.text) or _Reading(reading.text, Cell.MISSING, repairs=(_WORD_READ,))
        for reading in readings
    ]


def _convert(texts: list[str], numbers: list[str], *, decimal_comma: bool) -> dict[str, _Reading] | None:
    """Each text as a number if all of them follow one convention, else None; `numbers` need no conversion."""
    plain, repairs = texts, list[str]()
    if texts and all(text.endswith("%") for text in texts) and not any(map(float, numbers)):
        plain, repairs = [text[:-1].rstrip() for text in texts], [_PERCENT_READ]
    elif unit := _common_unit(texts, numbers):
        plain, repairs = [text[: -len(unit)].rstrip() for text in texts], [f"the unit {unit} left off"]
    if without := _without_spreads(plain):
        plain, repairs = without, [*repairs, _SPREAD_READ]
    if not all(_NUMBER.fullmatch(text) for text in plain):
        convention = _convention(plain, decimal_comma=decimal_comma)
        if convention is None:
            return None
        if convention == _COMMA_READ:
            if any("." in number for number in numbers):
                return None
            plain = [text.replace(".", "").replace(",", ".") for text in plain]
        else:
            plain = [_NOT_IN_NUMBERS.sub("", text) for text in plain]
        repairs.append(convention)
    readings = map(_read_number, plain)
    return {
        text: _Reading(text, reading.kind, reading.value, (*repairs, *reading.repairs))
        for text, reading in zip(texts, readings, strict=True)
    }


def _without_spreads(texts: list[str]) -> list[str]:
    """The numbers before `± 0.4` or `(0.4)`; none where a text has another form, or all may be choices, as `64 (3)`."""
    found = [match for text in texts if (match := _WITH_SPREAD.fullmatch(text))]
    if len(found) < len(texts) or (any("(" in text for text in texts) and not any("." in match[1] for match in found)):
        return []
    return [match[1] for match in found]


def _common_unit(texts: list[str], numbers: list[str]) -> str:
    """The one unit behind every number, as in `512 MB`; empty without one, and for times, whose units are mixed."""
    matches = [_WITH_UNIT.fullmatch(text) for text in texts]
    units = {match[2] if match else "" for match in matches}
    unit = units.pop() if len(units) == 1 and not numbers else ""
    return "" if unit.lower() in _TIME_UNITS else unit


def _convention(texts: list[str], *, decimal_comma: bool) -> str | None:
    """How all of the texts write numbers; plain integers follow every convention."""
    special = [text for text in texts if not _INTEGER.fullmatch(text)]
    if decimal_comma and all(_DECIMAL_COMMA.fullmatch(text) for text in special):
        return _COMMA_READ
    if all(_OTHER_GROUPS.fullmatch(text) for text in special):
        return _GROUPS_READ
    # `128,256` and `128,256,512` may be layer sizes: one number with a decimal point settles it.
    if all(_COMMA_GROUPS.fullmatch(text) for text in special) and any("." in text for text in special):
        return _GROUPS_READ
    return None


def _column(name: str, which: Rows, readings: list[_Reading]) -> Column:
    levels: dict[str, int] = {}
    kinds, values = np.empty(len(readings), np.uint8), np.empty(len(readings))
    codes = np.full(len(readings), -1, np.int32)
    for place, (text, kind, value, _) in enumerate(readings):
        kinds[place], values[place] = kind, value
        if kind == Cell.TEXT:
            codes[place] = levels.setdefault(text, len(levels))
    if 0 < len(levels) == len(readings):  # nothing but texts, each its own
        every = np.broadcast_to(np.uint8(Cell.TEXT), len(which))
        none = np.broadcast_to(np.float64(np.nan), len(which))
        return Column(name, every, none, which.astype(np.int32, copy=False), tuple(levels))
    return Column(name, kinds[which], values[which], codes[which], tuple(levels))


def _repairs(name: str, tally: Mapping[str, int]) -> list[Repair]:
    return [Repair(what, count, name) for what, count in tally.items() if count]
