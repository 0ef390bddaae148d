"""SMAC3 and DeepCAVE: `runhistory.json`, one entry for each run of a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.messages import what_went_wrong
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Hint, Table

from ._files import digest_of, json_of

STATUS = {0: "RUNNING", 1: "SUCCESS", 2: "CRASHED", 3: "TIMEOUT", 4: "MEMORYOUT"}
FIELDS = (
    "config_id",
    "instance",
    "seed",
    "budget",
    "cost",
    "time",
    "status",
    "starttime",
    "endtime",
    "additional_info",
)


def read(path: Path, shown: str) -> list[Table]:
    """The run history; costs are to be minimised, and that of a crash is no result.

    Raises:
        UnreadableError: damaged, or without a run.
    """
    history = json_of(path / "runhistory.json" if path.is_dir() else path)
    if history is None or not isinstance(history.get("data"), list):
        raise UnreadableError("a run history that cannot be read", "Check that SMAC has finished writing it.")
    configs = history.get("configs")
    rows = [dict(_row(entry, configs if isinstance(configs, dict) else {})) for entry in map(_entry, history["data"])]
    if not rows:
        raise UnreadableError("a run history without a run", "Check that the sweep wrote to this file.")
    names = {name for row in rows for name in row if name.startswith("config/")}
    hints = {
        **{name: Hint("hyperparameter", "a parameter of the configuration space") for name in names},
        "cost": Hint("metric", "the cost that is minimised", "minimize"),
        "time": Hint("duration", "seconds of the run"),
        "budget": Hint("budget", "the budget of the run"),
        "seed": Hint("seed", "the seed of the run"),
        "error": Hint("message", "what the run said"),
    }
    if len({row["config_id"] for row in rows}) == len(rows):
        hints["config_id"] = Hint("id", "the configuration")
    return [
        from_records(shown, digest_of(rows), rows, hints={k: v for k, v in hints.items() if k in set().union(*rows)})
    ]


def _entry(entry: object) -> dict[str, Any]:
    """An entry of today's files, or of older ones, which are lists: `[[id, instance, seed, budget], [cost, …]]`."""
    if isinstance(entry, dict):
        return entry
    if isinstance(entry, list) and len(entry) == 2 and all(isinstance(part, list) for part in entry):
        return dict(zip(FIELDS, [*entry[0], *entry[1]], strict=False))
    return dict(zip(FIELDS, entry, strict=False)) if isinstance(entry, list) else {}


def _row(entry: Mapping[str, Any], configs: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    status = entry.get("status")
    word = STATUS.get(status, str(status)) if isinstance(status, int) else _word(status)
    yield "config_id", entry.get("config_id")
    yield "status", word
    cost = entry.get("cost")
    yield "cost", cost if word in ("SUCCESS", "RUNNING") else None
    for name in ("budget", "seed", "time"):
        yield name, entry.get(name)
    config = configs.get(str(entry.get("config_id")))
    for name, value in config.items() if isinstance(config, dict) else ():
        yield f"config/{name}", "None" if value is None else value
    info = entry.get("additional_info")
    text = (info.get("traceback") or info.get("error")) if isinstance(info, dict) else None
    if text:
        yield "error", what_went_wrong(str(text))


def _word(status: object) -> str | None:
    if isinstance(status, dict):  # older files: {"__enum__": "StatusType.SUCCESS"}
        return str(status.get("__enum__", "")).rsplit(".", 1)[-1]
    return None if status is None else str(status)
