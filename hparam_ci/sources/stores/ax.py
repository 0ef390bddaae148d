"""Ax: the JSON file that `Client.save_to_json_file` or `AxClient.save_to_json_file` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.messages import what_went_wrong
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Hint, Table

from ._curves import Point, curves
from ._files import digest_of, json_of
from ._sqlite import number

_CHECK = "Check that Ax has finished writing it, or export `client.summarize()` as CSV."


def read(path: Path, shown: str) -> list[Table]:
    """The trials of the experiment, one row an arm; a metric is the mean of its last step.

    Raises:
        UnreadableError: damaged, or without a trial.
    """
    found = json_of(path)
    if found is None:
        raise UnreadableError("an Ax experiment that cannot be read", _CHECK)
    experiment = _mapping(found.get("experiment")) or found
    points = list(_points(_mapping(experiment.get("data_by_trial"))))
    rows: list[dict[str, object]] = []
    places: dict[tuple[int, str], int] = {}
    for trial in _mapping(experiment.get("trials")).values():
        for arm, row in _rows(_mapping(trial)):
            places[arm] = len(rows)
            rows.append(row)
    if not rows:
        raise UnreadableError("an Ax experiment without a trial", "Check that the sweep wrote to this file.")
    known: list[Point] = [(places[arm], step, name, mean) for arm, step, name, mean in points if arm in places]
    for place, _, name, mean in sorted(known, key=lambda point: point[1]):
        rows[place][name] = mean
    metrics = {name for _, _, name, _ in known}
    hints = {**dict(_parameters(experiment)), **dict(_metrics(experiment, metrics)), **_BOOKKEEPING}
    names = set().union(*rows)
    return [
        from_records(
            shown,
            digest_of(rows),
            rows,
            hints={name: hint for name, hint in hints.items() if name in names},
            history=curves(len(rows), known),
        )
    ]


_BOOKKEEPING = {
    "arm_name": Hint("id", "the arm"),
    "duration_sec": Hint("duration", "seconds of the trial"),
    "status_reason": Hint("message", "what the trial said"),
}


def _rows(trial: Mapping[str, Any]) -> Iterator[tuple[tuple[int, str], dict[str, object]]]:
    """Each arm of a trial by the names that the data use; a batch trial has several."""
    index = int(number(trial.get("index")) or 0)
    runs = [trial.get("generator_run"), *(trial.get("generator_runs") or [])]
    arms = [_mapping(arm) for run in runs for arm in _mapping(run).get("arms") or []]
    reason = trial.get("status_reason")
    for arm in arms:
        row: dict[str, object] = {
            "trial_index": index,
            "arm_name": arm.get("name"),
            "trial_status": _mapping(trial.get("status")).get("name"),
            **{name: "None" if value is None else value for name, value in _mapping(arm.get("parameters")).items()},
            "duration_sec": _seconds(trial.get("time_run_started"), trial.get("time_completed")),
        }
        if isinstance(reason, str):
            row["status_reason"] = what_went_wrong(reason)
        yield (index, str(arm.get("name"))), row


def _seconds(start: object, end: object) -> float | None:
    try:
        began, ended = (datetime.fromisoformat(str(_mapping(time).get("value"))) for time in (start, end))
        return (ended - began).total_seconds()
    except (ValueError, TypeError):
        return None


def _points(data: Mapping[str, Any]) -> Iterator[tuple[tuple[int, str], float, str, float]]:
    """(arm, step, metric, mean) of each observation: of all data that a trial has, the last counts."""
    for entry in data.values():
        versions = _mapping(entry).get("value")
        newest = versions[-1] if isinstance(versions, list) and versions else None
        frame = _mapping(_mapping(newest[-1]).get("df")).get("value") if isinstance(newest, list) and newest else None
        for row in _frame(frame):
            mean = number(row.get("mean"))
            if mean is not None:
                arm = (int(number(row.get("trial_index")) or 0), str(row.get("arm_name")))
                yield arm, number(row.get("step")) or 0.0, str(row.get("metric_name")), mean


def _frame(text: object) -> Iterator[dict[str, object]]:
    """The rows of a frame as `DataFrame.to_json` writes it: columns of cells by row."""
    try:
        columns = _mapping(json.loads(str(text)))
    except (ValueError, RecursionError):
        return
    for row in _mapping(columns.get("metric_name")):
        yield {name: _mapping(cells).get(row) for name, cells in columns.items()}


def _parameters(experiment: Mapping[str, Any]) -> Iterator[tuple[str, Hint]]:
    for entry in _mapping(experiment.get("search_space")).get("parameters") or []:
        about = _mapping(entry)
        low, high, log = number(about.get("lower")), number(about.get("upper")), about.get("log_scale")
        log = log if isinstance(log, bool) and low is not None else None
        yield (
            str(about.get("name")),
            Hint("hyperparameter", "a parameter of the search space", low=low, high=high, log=log),
        )


def _metrics(experiment: Mapping[str, Any], names: set[str]) -> Iterator[tuple[str, Hint]]:
    directions = dict(_directions(_mapping(_mapping(experiment.get("optimization_config")).get("objective"))))
    for name in names:
        way = directions.get(name)
        yield name, Hint("metric", f"the objective, to {way}" if way else "a tracked metric", way)


def _directions(objective: Mapping[str, Any]) -> Iterator[tuple[str, Literal["minimize", "maximize"]]]:
    """Each objective with its direction: `-val_loss, val_acc` as it is written today, or an object for each."""
    for term in str(objective.get("expression") or "").split(","):
        name = term.strip()
        yield name.removeprefix("-").strip(), "minimize" if name.startswith("-") else "maximize"
    for each in (objective, *map(_mapping, objective.get("objectives") or [])):
        if metric := _mapping(each.get("metric")).get("name"):
            yield str(metric), "minimize" if each.get("minimize") else "maximize"


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
