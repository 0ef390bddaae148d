"""The configuration's word on the columns of one table, as hints to `read_roles`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TypeVar

from hparam_ci.columns import ColumnRules

from .dialects import State
from .names import metric_of
from .table import Hint, Table

Value = TypeVar("Value")

BY_CONFIGURATION = "set by configuration"


def rules_for(path: str, rules: Sequence[ColumnRules]) -> list[ColumnRules]:
    """The rules that hold for a sweep, the more special ones last."""
    return [each for each in rules if fnmatchcase(path, each.files)]


def hints_for(table: Table, rules: Sequence[ColumnRules]) -> dict[str, Hint]:
    """What the rules say of each column of a table, by its name in the table or in the file."""
    hints: dict[str, Hint] = {}
    for each in rules_for(table.path, rules):
        for column in table.columns:
            names = (column.name, table.origins.get(column.name, column.name))
            hint = hints.get(column.name, Hint(None, BY_CONFIGURATION))
            hints[column.name] = _with_pair(_with_direction(_with_role(hint, names, each), names, each), names, each)
    return {name: hint for name, hint in hints.items() if hint != Hint(None, BY_CONFIGURATION)}


def status_words(path: str, rules: Sequence[ColumnRules]) -> dict[str, State]:
    """The status words that the rules add."""
    return {word: State[state.upper()] for each in rules_for(path, rules) for word, state in each.status_words.items()}


def misses(table: Table, rules: Sequence[ColumnRules]) -> list[str]:
    """Columns that the rules name in so many letters and that the table does not have, one sentence each."""
    present = {name for c in table.columns for name in (c.name, table.origins.get(c.name, c.name))}
    present |= set(table.absorbed)
    said = []
    for each in rules_for(table.path, rules):
        named = dict.fromkeys([*each.roles, *each.directions, *(name for pair in each.pairs for name in pair)])
        for name in named:
            if name not in present and not set("*?[") & set(name):
                near = difflib.get_close_matches(name, sorted(present), n=1)
                hint = f"; the nearest is {near[0]}" if near else ""
                said.append(f"the configuration names the column {name}, which is not there{hint}")
    return said


def _with_role(hint: Hint, names: tuple[str, str], rules: ColumnRules) -> Hint:
    role = _found(names, rules.roles)
    return replace(hint, role=role) if role else hint


def _with_direction(hint: Hint, names: tuple[str, str], rules: ColumnRules) -> Hint:
    direction = _found(names, rules.directions)
    return replace(hint, role="metric", direction=direction) if direction else hint


def _with_pair(hint: Hint, names: tuple[str, str], rules: ColumnRules) -> Hint:
    for train, held_out in rules.pairs:
        if held_out in names or train in names:
            about = metric_of(train) or metric_of(held_out)
            kind = about.kind if about else f"{train} and {held_out}"
            given = rules.directions.get(train) or rules.directions.get(held_out)
            direction = hint.direction or given or (about.direction if about else None)
            split = "train" if train in names else "val"
            return replace(hint, role="metric", kind=kind, split=split, direction=direction)
    return hint


def _found(names: tuple[str, str], given: Mapping[str, Value]) -> Value | None:
    for name in names:
        if name in given:
            return given[name]
    return next((value for glob, value in given.items() if any(fnmatchcase(name, glob) for name in names)), None)
