"""The rules that give one column its role, in order: containers, then names, then content."""

from __future__ import annotations

from collections.abc import Callable

from .role_containers import by_container
from .role_facts import EMPTY, FEW_LEVELS, File, are_lists, are_locations, ignored
from .role_names import (
    by_bookkeeping,
    by_budget,
    by_context,
    by_duration,
    by_identifier,
    by_log_folder,
    by_message,
    by_metric,
    by_schedule,
    by_seed,
    by_status,
    by_timestamp,
    by_usual_name,
    by_whole_name,
)
from .sweep import Reading
from .table import Cell, Column

FREE_TEXT_LENGTH = 40


def by_rule(column: Column, file: File) -> Reading | None:
    """The role of a column by the first rule that knows it; None if none does."""
    if column.count(Cell.MISSING) == len(column):
        return ignored(column, "high", EMPTY)
    readings = (rule(column, file) for rule in _RULES)
    return next((reading for reading in readings if reading is not None), None)


def _outside_container(column: Column, file: File) -> Reading | None:
    if file.names_say_nothing:
        return ignored(column, "medium", "hyperparameters have a prefix in this file, and this has none")
    return None


def _free_text(column: Column, file: File) -> Reading | None:
    if not column.levels or are_lists(column):
        return None
    texts = column.levels[:200]
    present = len(column) - column.count(Cell.MISSING)
    if are_locations(column):
        return ignored(column, "high", "paths or addresses")
    if sum(map(len, texts)) > FREE_TEXT_LENGTH * len(texts) or (present >= 4 and len(column.levels) > 0.9 * present):
        return ignored(column, "high", "free text, or a name for each trial")
    if len(column.levels) > FEW_LEVELS and column.count(Cell.NUMBER) == 0:
        return ignored(column, "medium", f"more than {FEW_LEVELS} different texts")
    return None


_RULES: tuple[Callable[[Column, File], Reading | None], ...] = (
    by_container,
    by_status,
    by_identifier,
    by_message,
    by_timestamp,
    by_whole_name,
    by_seed,
    by_duration,
    by_metric,
    by_budget,
    by_schedule,
    by_log_folder,
    by_usual_name,
    by_bookkeeping,
    by_context,
    _outside_container,
    _free_text,
)
