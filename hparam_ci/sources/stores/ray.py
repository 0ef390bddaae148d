"""Ray Tune experiments: a folder a trial, with its parameters, its reports, and the error that ended it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.messages import what_went_wrong
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Hint, Table

from ._curves import Point, curves
from ._files import digest_of, flat, folders, json_lines, json_of, text_of


@dataclass(frozen=True, slots=True)
class _Trial:
    """A trial: its parameters, its reports in order, its status, and what its error file says."""

    name: str
    params: Mapping[str, Any]
    reports: Sequence[Mapping[str, object]]
    status: str | None
    error: str | None


def read(path: Path, shown: str) -> list[Table]:
    """The experiment, also the trials that raised before their first report, which its results table leaves out.

    Raises:
        UnreadableError: no trial in it.
    """
    states = dict(_states(path))
    trials = [trial for folder in folders(path) if (trial := _trial(folder, states))]
    if not trials:
        raise UnreadableError("a Ray Tune experiment without a trial", "Check that the sweep wrote to this folder.")
    rows = [dict(_row(trial)) for trial in trials]
    names = {name for row in rows for name in row if name.startswith("config/")}
    hints = {name: Hint(None, "a parameter of the search space") for name in names}
    hints |= {"error": Hint("message", "what the error file says")}
    return [
        from_records(
            shown,
            digest_of(rows),
            rows,
            hints=hints,
            history=curves(len(trials), list(_points(trials))),
            notes=tuple(_notes(trials)),
        )
    ]


def _states(path: Path) -> Iterator[tuple[str, str]]:
    """Trial id to status, from the experiment's own record; its newest file has the last word."""
    for file in sorted(path.glob("experiment_state*.json")):
        for entry in (json_of(file) or {}).get("trial_data", []):
            try:
                about = json.loads(entry[0])
                yield str(about["trial_id"]), str(about["status"])
            except (TypeError, ValueError, KeyError, IndexError, RecursionError):
                continue


def _trial(folder: Path, states: Mapping[str, str]) -> _Trial | None:
    params = json_of(folder / "params.json")
    if params is None:
        return None
    reports = list(json_lines(folder / "result.json")) or list(_progress(folder / "progress.csv"))
    error = text_of(folder / "error.txt")
    name = str(reports[-1].get("trial_id") or folder.name) if reports else _id_in(folder.name, states)
    status = states.get(name) or ("ERROR" if error is not None else None)
    return _Trial(name, params, reports, status, what_went_wrong(error) if error else None)


def _id_in(name: str, states: Mapping[str, str]) -> str:
    """The trial's id in the name of its folder: `train_5c9ed_00004_4_lr=0.1` has `5c9ed_00004`."""
    return next((each for each in states if f"_{each}_" in f"_{name}_"), name)


def _progress(path: Path) -> Iterator[dict[str, object]]:
    text = text_of(path)
    if text:
        for row in csv.DictReader(text.splitlines()):
            yield {str(name): value for name, value in row.items() if name and value}


def _row(trial: _Trial) -> Iterator[tuple[str, object]]:
    yield "trial_id", trial.name
    yield "status", trial.status
    last = trial.reports[-1] if trial.reports else {}
    for name, value in last.items():
        if name not in ("config", "trial_id"):
            yield from flat({name: value}, "")
    yield from flat(trial.params, "config/")
    yield "error", trial.error


def _points(trials: Sequence[_Trial]) -> Iterator[Point]:
    for place, trial in enumerate(trials):
        for count, report in enumerate(trial.reports, start=1):
            step = _number(report.get("training_iteration")) or float(count)
            for name, text in flat(dict(report), ""):
                value = None if name.startswith("config") else _number(text)
                if value is not None:
                    yield place, step, name, value


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def _notes(trials: Sequence[_Trial]) -> Iterator[str]:
    silent = sum(not trial.reports for trial in trials)
    if silent:
        ended = "1 trial ended before its" if silent == 1 else f"{silent} trials ended before their"
        yield f"{ended} first report; a results table of Ray Tune leaves such trials out"
