"""KerasTuner projects: a folder a trial, with its values, its metrics by epoch, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.messages import what_went_wrong
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Hint, Table

from ._curves import curves
from ._files import digest_of, folders, json_of
from ._sqlite import number

DIRECTIONS = {"min": "minimize", "max": "maximize"}


def read(path: Path, shown: str) -> list[Table]:
    """The project; a metric is that of its last epoch, and a parameter stands only where its condition held.

    Raises:
        UnreadableError: no trial in it.
    """
    found = [json_of(folder / "trial.json") for folder in folders(path) if folder.name.startswith("trial_")]
    trials = [trial for trial in found if trial]
    if not trials:
        raise UnreadableError("a KerasTuner project without a trial", "Check that the search wrote to this folder.")
    rows = [dict(_row(trial)) for trial in trials]
    hints: dict[str, Hint] = {}
    for trial in trials:
        hints |= dict(_hints(trial))
    points = [(place, *point) for place, trial in enumerate(trials) for point in _points(trial)]
    history = curves(len(trials), points)
    return [from_records(shown, digest_of(rows), rows, hints=hints, history=history)]


def _row(trial: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "trial_id", trial.get("trial_id")
    yield "status", trial.get("status")
    hyperparameters = _mapping(trial.get("hyperparameters"))
    values = _mapping(hyperparameters.get("values"))
    conditions = dict(_conditions(hyperparameters.get("space")))
    for name, value in values.items():
        if not name.startswith("tuner/") and all(
            values.get(parent) in allowed for parent, allowed in conditions.get(name, [])
        ):
            yield f"hp/{name}", "None" if value is None else value
    for _, name, value in _last(trial):
        yield name, value
    yield "best_step", trial.get("best_step")
    if isinstance(message := trial.get("message"), str):
        yield "message", what_went_wrong(message)


def _conditions(space: object) -> Iterator[tuple[str, list[tuple[str, list[object]]]]]:
    """Which parents must have which values for a parameter to count; the file keeps stale values of others."""
    for entry in space if isinstance(space, list) else []:
        config = _mapping(_mapping(entry).get("config"))
        parents = [_mapping(_mapping(each).get("config")) for each in config.get("conditions") or []]
        yield str(config.get("name")), [(str(p.get("name")), list(p.get("values") or [])) for p in parents]


def _points(trial: Mapping[str, Any]) -> Iterator[tuple[float, str, float]]:
    for name, about in _metrics(trial):
        for observation in about.get("observations") or []:
            values = _mapping(observation).get("value") or []
            value = number(values[-1]) if isinstance(values, list) and values else None
            if value is not None:
                yield number(_mapping(observation).get("step")) or 0.0, name, value


def _last(trial: Mapping[str, Any]) -> Iterator[tuple[float, str, float]]:
    last: dict[str, tuple[float, str, float]] = {}
    for point in _points(trial):
        last[point[1]] = max(last.get(point[1], point), point, key=lambda each: each[0])
    return iter(last.values())


def _metrics(trial: Mapping[str, Any]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    found = _mapping(_mapping(trial.get("metrics")).get("metrics"))
    return [(name, _mapping(about)) for name, about in found.items()]


def _hints(trial: Mapping[str, Any]) -> Iterator[tuple[str, Hint]]:
    for name, about in _metrics(trial):
        direction: Any = DIRECTIONS.get(str(about.get("direction")))
        yield name, Hint("metric", f"logged, to {direction}" if direction else "logged", direction)
    for entry in _mapping(trial.get("hyperparameters")).get("space") or []:
        config = _mapping(_mapping(entry).get("config"))
        low, high = number(config.get("min_value")), number(config.get("max_value"))
        log = config.get("sampling") == "log" if "sampling" in config else None
        yield (
            f"hp/{config.get('name')}",
            Hint("hyperparameter", "a parameter of the search", low=low, high=high, log=log),
        )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
