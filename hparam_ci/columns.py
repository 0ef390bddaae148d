"""What a configuration may say of the columns of sweeps: roles, directions, pairs, what to ignore, status words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hparam_ci.errors import SettingsError, unknown

Direction = Literal["minimize", "maximize"]

ROLES = (
    "id", "status", "hyperparameter", "metric", "duration", "budget", "seed", "timestamp", "message", "ignored",
)  # fmt: skip
DIRECTIONS: tuple[Direction, ...] = ("minimize", "maximize")
STATES = ("ok", "stopped", "failed", "timeout", "killed", "running", "queued")
SWEEP_KEYS = ("roles", "directions", "pairs", "ignore_columns", "status_words")
SELECTION_KEYS = ("select", "ignore", "detectors")


@dataclass(frozen=True, slots=True)
class ColumnRules:
    """Rules for the columns of the files that match `files`; a column may be named by a glob.

    Attributes:
        files: a glob over the path of a sweep; "*" for every sweep.
        roles: column to role.
        directions: metric column to which way is better.
        pairs: columns of one metric, on the training and on the held-out split.
        status_words: a status text, in lower case, to how such a trial ended.
        place: where it was written, for messages.
    """

    files: str = "*"
    roles: Mapping[str, str] = field(default_factory=dict)
    directions: Mapping[str, Direction] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    status_words: Mapping[str, str] = field(default_factory=dict)
    place: str = ""


def column_rules(config: Mapping[str, Any], path: str) -> tuple[ColumnRules, ...]:
    """The rules at the top of a configuration, which hold for every sweep, then those of its `sweeps`.

    Raises:
        SettingsError: names the place, the value and what is allowed.
    """
    general = _rules(config, path)
    entries = config.get("sweeps")
    entries = [] if entries is None else entries
    if not isinstance(entries, list):
        raise SettingsError(f"{path}: sweeps: must be a list of mappings, each with `files` and what holds for them.")
    special = [_entry(entry, f"{path}: sweeps[{number}]") for number, entry in enumerate(entries)]
    return tuple(rules for rules in (general, *special) if rules)


def _entry(entry: Any, place: str) -> ColumnRules | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("files"), str):
        raise SettingsError(f"{place}: must be a mapping with `files`, such as `files: results/*.csv`.")
    allowed = ("files", *SWEEP_KEYS, *SELECTION_KEYS)
    for key in entry:
        if key not in allowed:
            unknown(str(key), allowed, place)
    return _rules(entry, place)


def _rules(section: Mapping[str, Any], place: str) -> ColumnRules | None:
    if not any(section.get(key) for key in SWEEP_KEYS):
        return None
    roles = dict.fromkeys(_names(section, "ignore_columns", place), "ignored")
    return ColumnRules(
        files=section.get("files", "*") if "files" in section and "sweeps" in place else "*",
        roles={**roles, **_choices(section, "roles", ROLES, place)},
        directions=_choices(section, "directions", DIRECTIONS, place),  # type: ignore[arg-type]
        pairs=_pairs(section, place),
        status_words={k.lower(): v for k, v in _choices(section, "status_words", STATES, place).items()},
        place=place,
    )


def _choices(section: Mapping[str, Any], key: str, allowed: tuple[str, ...], place: str) -> dict[str, str]:
    given = section.get(key) or {}
    if not isinstance(given, dict):
        raise SettingsError(f"{place}: {key}: must be a mapping; values: {', '.join(allowed)}.")
    for name, value in given.items():
        if value not in allowed:
            unknown(str(value), allowed, f"{place}: {key}: {str(name)[:80]}")
    return {str(name): value for name, value in given.items()}


def _names(section: Mapping[str, Any], key: str, place: str) -> list[str]:
    given = section.get(key) or []
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise SettingsError(f"{place}: {key}: must be a list of column names; * stands for any characters.")
    return given


def _pairs(section: Mapping[str, Any], place: str) -> tuple[tuple[str, str], ...]:
    given = section.get("pairs") or []
    if not isinstance(given, list):
        given = [given]
    pairs = []
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(name, str) for name in pair):
            raise SettingsError(f"{place}: pairs: {str(pair)[:80]!r} is no pair; write [train_loss, val_loss].")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)
