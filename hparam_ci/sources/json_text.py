"""Records from JSON and JSON lines, each with the line on which it starts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from .decode import UnreadableError
from .table import Repair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Record = Mapping[str, object]

_SPACE = re.compile(r"[\s,]*")
_FIX = "Write one object a trial: a list of them, or one a line."
_EMPTY = "Check that the sweep wrote its results before this step."


@dataclass(frozen=True, slots=True)
class Records:
    """One mapping a row, the line of the file on which each starts, and what was left out."""

    rows: list[Record]
    lines: list[int]
    repairs: list[Repair] = field(default_factory=list)


def read_json(text: str) -> Records:
    """The rows of a JSON document or of JSON lines; `NaN` and `Infinity` are understood as Python writes them.

    A document is a list of objects; one object with such a list, or with lists of one length, in it; a pandas export
    (`split`, `columns`, `index`, `table`); or an object of objects, one a trial. A last line that was cut off while
    it was written is left out, and said.

    Raises:
        UnreadableError: not JSON, with the line; or JSON without rows.
    """
    try:
        found = _several(text) or _document(text)
    except RecursionError:
        raise UnreadableError("JSON nested too deeply", _FIX) from None
    if not found.rows:
        raise UnreadableError("JSON without a single row in it", _EMPTY)
    return found


def _several(text: str) -> Records | None:
    """The rows of JSON lines, or of a list that holds nothing but objects; None if the text is something else."""
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    is_list = text.startswith("[", at)
    at = _SPACE.match(text, at + is_list).end()  # type: ignore[union-attr]
    rows: list[Record] = []
    lines: list[int] = []
    line, counted = 1, 0
    decoder = json.JSONDecoder()
    while at < len(text) and not (is_list and text[at] == "]"):
        line, counted = line + text.count("\n", counted, at), at
        try:
            row, after = decoder.raw_decode(text, at)
        except ValueError as error:
            if rows and not is_list and "\n" not in text[at:].rstrip("\n"):
                return Records(rows, lines, [Repair(f"line {line}, cut off while it was written, left out", 1)])
            raise _broken(error, text, at) from None
        if not _is_record(row):
            return None
        rows.append(row)
        lines.append(line)
        at = _SPACE.match(text, after).end()  # type: ignore[union-attr]
    return None if len(rows) == 1 and not is_list else Records(rows, lines)


def _broken(error: ValueError, text: str, at: int) -> UnreadableError:
    if isinstance(error, json.JSONDecodeError):
        return UnreadableError(f"line {error.lineno} is no JSON: {error.msg.lower()}", _FIX)
    return UnreadableError(f"line {text.count(chr(10), 0, at) + 1} is no JSON: a number is too long", _FIX)


def _document(text: str) -> Records:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _broken(error, text, 0) from None
    rows = list(_rows(document))
    return Records(rows, [1] * len(rows))


def _rows(document: Any) -> Iterator[Record]:
    """The rows of a document, whatever its layout."""
    if isinstance(document, list):
        yield from _table(document[0], document[1:]) if _is_header(document) else ()
    elif not _is_record(document):
        return
    elif _is_split(document):
        yield from _table(document["columns"], document["data"])
    elif _are_columns(document):
        yield from _table(list(document), list(zip(*document.values(), strict=True)))
    elif inner := _longest_list(document):
        yield from inner
    elif document and all(_is_record(value) for value in document.values()):
        yield from _objects(document)
    elif document:
        yield document


def _is_record(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_header(rows: Sequence[object]) -> bool:
    return all(isinstance(row, list) for row in rows) and bool(rows) and all(isinstance(name, str) for name in rows[0])  # type: ignore[attr-defined]


def _is_split(document: Mapping[str, Any]) -> bool:
    columns, data = document.get("columns"), document.get("data")
    return isinstance(columns, list) and isinstance(data, list) and all(isinstance(row, list) for row in data)


def _table(names: Sequence[object], rows: Sequence[Sequence[object]]) -> Iterator[Record]:
    for row in rows:
        if len(row) > len(names):
            raise UnreadableError(f"a row of {len(row)} values under {len(names)} names", _FIX)
        yield dict(zip(map(str, names), row, strict=False))


def _are_columns(document: Mapping[str, Any]) -> bool:
    values = list(document.values())
    if len(values) < 2 or not all(isinstance(value, list) for value in values):
        return False
    return len({len(value) for value in values}) == 1 and not all(_is_record(cell) for v in values for cell in v[:1])


def _longest_list(document: Mapping[str, Any]) -> Sequence[Record]:
    """The longest list of objects at the top, else one level below it: `{"trials": […]}`."""
    below = [inner for value in document.values() if _is_record(value) for inner in value.values()]
    for values in (list(document.values()), below):
        lists = [value for value in values if isinstance(value, list) and value and all(map(_is_record, value))]
        if lists:
            return max(lists, key=len)
    return ()


def _objects(document: Mapping[str, Mapping[str, object]]) -> Iterator[Record]:
    """`{"lr": {"0": 0.1}}` holds columns, `{"trial_1": {"lr": 0.1}}` holds trials."""
    inner = {key for value in document.values() for key in value}
    if len(inner) > 1 and all(re.fullmatch(r"\d+", key) for key in inner):
        for key in sorted(inner, key=int):
            yield {name: column.get(key) for name, column in document.items()}
        return
    for key, value in document.items():
        yield value if "trial_id" in value or "id" in value else {"trial_id": key, **value}
