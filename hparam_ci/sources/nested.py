"""Cells that hold a mapping, as JSON or as Python prints it: one column for each key in them."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .decode import UnreadableError
from .records import columns_of, flat
from .table import Cell, Repair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .table import Column, Table

LONGEST = 100_000
"""Characters; a longer cell is kept as text."""

_CONSTANTS = {
    "nan": np.nan,
    "inf": np.inf,
    "infinity": np.inf,
    "true": True,
    "false": False,
    "none": None,
    "null": None,
}


class UnknownLiteralError(ValueError):
    """A text that is no literal."""


def expand(table: Table) -> Table:
    """The table with each column of mappings cut up: `{'lr': 0.1}` below `config` becomes `config.lr`.

    Where the keys repeat other columns, as `params` repeats `param_*` in scikit-learn, the column stays a text.
    """
    columns: list[Column] = []
    repairs: list[Repair] = []
    names = {column.name for column in table.columns}
    for column in table.columns:
        cells = _mappings(column)
        if cells is None or _repeats(cells, names - {column.name}):
            columns.append(column)
            continue
        try:
            inner, said = _inner(column, cells, names)
        except UnreadableError as error:
            columns.append(column)
            repairs.append(Repair(f"mappings in cells kept as text: {error.what}", len(table.lines), column.name))
            continue
        columns += inner
        repairs += [Repair(f"mappings in cells read as {len(inner)} columns", len(table.lines), column.name), *said]
    if not repairs:
        return table
    return replace(table, columns=tuple(columns), repairs=(*table.repairs, *repairs))


def literal(text: str) -> object:
    """The value of a JSON text or a Python literal, with `nan`, `inf` and `np.float64(…)`; nothing is ever run.

    Raises:
        UnknownLiteralError: it is neither.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnknownLiteralError(text[:80]) from error


def _value(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=value) if isinstance(value, str | int | float | bool | None):
            return value
        case ast.Name(id=name) if name.lower() in _CONSTANTS:
            return _CONSTANTS[name.lower()]
        case ast.Attribute(attr=name) if name.lower() in _CONSTANTS:
            return _CONSTANTS[name.lower()]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _negative(_value(operand))
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return [_value(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            return {str(_value(k)) if k else "": _value(v) for k, v in zip(keys, values, strict=True)}
        case ast.Call(args=[only]):
            return _value(only)
        case _:
            return ast.unparse(node)


def _negative(value: object) -> object:
    if isinstance(value, int | float):
        return -value
    raise UnknownLiteralError("a minus before a text")


def _mappings(column: Column) -> dict[int, Mapping[str, object]] | None:
    """What each of the column's texts holds, by its code; None if they are no mappings."""
    texts = column.levels
    if not texts or column.count(Cell.NUMBER) or not all(_is_braced(text) for text in texts):
        return None
    found: dict[int, Mapping[str, object]] = {}
    for code, text in enumerate(texts):
        try:
            value = literal(text)
        except UnknownLiteralError:
            continue
        if isinstance(value, dict) and "_type" not in value:
            found[code] = value
    return found if any(found.values()) and len(found) >= 0.8 * len(texts) else None


def _is_braced(text: str) -> bool:
    return text.startswith("{") and text.endswith("}") and len(text) <= LONGEST


def _repeats(cells: Mapping[int, Mapping[str, object]], names: set[str]) -> bool:
    keys = {key for cell in cells.values() for key in cell}
    ends = {name[at:] for name in names for at in (0, *(m.end() for m in re.finditer(r"[._/:]", name)))}
    return keys <= ends


def _inner(
    column: Column, cells: Mapping[int, Mapping[str, object]], names: set[str]
) -> tuple[list[Column], list[Repair]]:
    rows: Sequence[Mapping[str, object]] = [cells.get(code, {}) for code in column.codes.tolist()]
    prefix = f"{column.name}."
    columns, repairs = columns_of([dict(flat(row, prefix)) for row in rows])
    unreadable = int(np.count_nonzero((column.codes >= 0) & ~np.isin(column.codes, list(cells))))
    if unreadable:
        repairs.append(
            Repair("cells that look like a mapping but cannot be read, taken as missing", unreadable, column.name)
        )
    return [each if each.name not in names else replace(each, name=f"{each.name}.2") for each in columns], repairs
