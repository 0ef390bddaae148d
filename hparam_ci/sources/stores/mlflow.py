"""MLflow: the SQLite database and the old folder of files by themselves, a tracking server through MLflow's library."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hparam_ci.sources.cells import HUGE
from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.messages import WORDS
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Hint, Table

from ._curves import curves
from ._files import digest_of, folders, text_of, yaml_of
from ._sqlite import Database, Row, number, opened

STATUS_NUMBERS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
MOST_RUNS = 50_000

_EMPTY = "Check that the sweep logged its runs to this store."


@dataclass(slots=True)
class _Run:
    """A run: its bookkeeping, parameters and last metrics, each logged (step, metric, value), and tags of errors."""

    about: dict[str, object]
    params: dict[str, object] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    points: list[tuple[float, str, float]] = field(default_factory=list)
    parent: str | None = None
    errors: dict[str, object] = field(default_factory=dict)

    def tag(self, tags: Mapping[str, object]) -> None:
        """Keep what the tags say of the parent and of errors."""
        if parent := tags.get("mlflow.parentRunId"):
            self.parent = str(parent)
        self.errors |= {name: value for name, value in sorted(tags.items()) if set(tokens(name)) & WORDS}


def read(path: Path, shown: str) -> list[Table]:
    """Each experiment with runs; the columns are named as by `mlflow.search_runs()`.

    Raises:
        UnreadableError: damaged, or without a run.
    """
    if path.is_dir():
        experiments = _from_files(path)
        sha256 = digest_of([run.about | run.params for runs in experiments.values() for run in runs])
    else:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        with opened(path) as database:
            experiments = _from_database(database)
    return _tables(experiments, shown, sha256)


def read_url(address: str, name: str, shown: str) -> list[Table]:
    """Each experiment of a tracking server, or the one of that name, through MLflow."""
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=address)
    found = [client.get_experiment_by_name(name)] if name else client.search_experiments()
    experiments = {each.name: _from_client(client, each.experiment_id) for each in found if each}
    content = repr([run.about for runs in experiments.values() for run in runs]).encode()
    return _tables(experiments, shown, hashlib.sha256(content).hexdigest())


def _tables(experiments: Mapping[str, Sequence[_Run]], shown: str, sha256: str) -> list[Table]:
    kept = {name: trials for name, runs in experiments.items() if (trials := _trials(runs))}
    if not kept:
        raise UnreadableError("an MLflow store without a run", _EMPTY)
    return [_table(runs, f"{shown}#{name}" if len(kept) > 1 else shown, sha256) for name, runs in kept.items()]


def _trials(runs: Sequence[_Run]) -> list[_Run]:
    """The runs but for those that only hold other runs together."""
    parents = {run.parent for run in runs if run.parent}
    return [run for run in runs if run.metrics or run.about["run_id"] not in parents]


# --- the database ---------------------------------------------------------------------------------


def _from_database(database: Database) -> dict[str, list[_Run]]:
    names: dict[object, object] = dict(database.rows("SELECT experiment_id, name FROM experiments"))
    query = (
        "SELECT run_uuid, name, status, start_time, end_time, experiment_id FROM runs "
        "WHERE lifecycle_stage IS NOT 'deleted' ORDER BY start_time, run_uuid"
    )
    rows = database.rows(query)
    if len(rows) > MOST_RUNS:
        raise UnreadableError(f"{len(rows):,} runs, and the limit is {MOST_RUNS:,}", "Export one experiment as CSV.")
    runs: dict[object, _Run] = {}
    experiments: dict[str, list[_Run]] = {}
    for key, name, status, start, end, experiment in rows:
        runs[key] = _Run(_about(key, name, status, number(start), number(end)))
        experiments.setdefault(str(names.get(experiment, experiment)), []).append(runs[key])
    _fill(database, runs)
    return experiments


def _fill(database: Database, runs: Mapping[object, _Run]) -> None:
    """Parameters, last metrics, every logged value and the parent of each run; those of deleted runs are left out."""

    def logged(query: str) -> Iterator[tuple[_Run, Row]]:
        return ((runs[row[0]], row[1:]) for row in database.rows(query) if row[0] in runs)

    for run, (name, value) in logged("SELECT run_uuid, key, value FROM params ORDER BY key"):
        run.params[str(name)] = value
    for run, (name, value, is_nan) in logged("SELECT run_uuid, key, value, is_nan FROM latest_metrics ORDER BY key"):
        run.metrics[str(name)] = _value(value, is_nan)
    for run, (name, step, value, is_nan) in logged("SELECT run_uuid, key, step, value, is_nan FROM metrics"):
        run.points.append((number(step) or 0.0, str(name), _value(value, is_nan)))
    for run, (name, value) in logged("SELECT run_uuid, key, value FROM tags"):
        run.tag({str(name): value})


def _about(key: object, name: object, status: object, start: float | None, end: float | None) -> dict[str, object]:
    """Bookkeeping of a run; times are milliseconds since 1970."""
    return {
        "run_id": key,
        "run_name": name,
        "status": status,
        "start_time": _time(start),
        "end_time": _time(end),
        "duration_seconds": (end - start) / 1000 if start and end else None,
    }


def _time(milliseconds: float | None) -> str | None:
    if not milliseconds or not 0 < milliseconds < 1e14:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(" ")


def _value(value: object, is_nan: object = False) -> float:
    """A metric; the store keeps NaN as a flag and infinities as the largest double."""
    found = number(value)
    if is_nan or found is None:
        return math.nan
    return math.copysign(math.inf, found) if abs(found) >= HUGE else found


# --- the folder of files --------------------------------------------------------------------------


def _from_files(path: Path) -> dict[str, list[_Run]]:
    experiments: dict[str, list[_Run]] = {}
    for folder in folders(path):
        about = yaml_of(folder / "meta.yaml")
        if not isinstance(about, dict) or about.get("lifecycle_stage") == "deleted":
            continue
        runs = [run for each in folders(folder) if (run := _from_folder(each))]
        if runs:
            experiments[str(about.get("name", folder.name))] = runs
    return experiments


def _from_folder(folder: Path) -> _Run | None:
    meta = yaml_of(folder / "meta.yaml")
    if not isinstance(meta, dict) or meta.get("lifecycle_stage") == "deleted":
        return None
    status = STATUS_NUMBERS.get(meta.get("status", 0), meta.get("status"))
    start, end = number(meta.get("start_time")), number(meta.get("end_time"))
    run = _Run(_about(meta.get("run_id", folder.name), meta.get("run_name"), status, start, end))
    run.params = dict(_texts(folder / "params"))
    for name, text in _texts(folder / "metrics"):
        for line in text.splitlines():
            parts = line.split()
            try:
                value, step = float(parts[1]), float(parts[2]) if len(parts) > 2 else 0.0
            except (ValueError, IndexError):
                continue
            run.points.append((step, name, value))
            run.metrics[name] = value
    run.tag(dict(_texts(folder / "tags")))
    return run


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """The files below a folder by their path in it: `val/loss` is a metric of that name."""
    if folder.is_dir() and not folder.is_symlink():
        for file in sorted(folder.rglob("*")):
            text = text_of(file)
            if text is not None:
                yield file.relative_to(folder).as_posix(), text


# --- the library ----------------------------------------------------------------------------------


def _from_client(client: Any, experiment: str) -> list[_Run]:
    runs: list[_Run] = []
    token = None
    while len(runs) < MOST_RUNS:
        page = client.search_runs([experiment], max_results=1_000, page_token=token)
        for found in page:
            info = found.info
            run = _Run(_about(info.run_id, info.run_name, info.status, number(info.start_time), number(info.end_time)))
            run.params = dict(sorted(found.data.params.items()))
            run.metrics = {name: _value(value) for name, value in sorted(found.data.metrics.items())}
            run.tag(found.data.tags)
            runs.append(run)
        token = page.token
        if not token:
            break
    return runs[::-1]


# --- the table ------------------------------------------------------------------------------------


def _table(runs: Sequence[_Run], shown: str, sha256: str) -> Table:
    rows = [
        {
            **run.about,
            **{f"metrics.{name}": value for name, value in run.metrics.items()},
            **{f"params.{name}": value for name, value in run.params.items()},
            **{f"tags.{name}": value for name, value in run.errors.items()},
        }
        for run in runs
    ]
    points = [(trial, step, f"metrics.{name}", v) for trial, run in enumerate(runs) for step, name, v in run.points]
    hints = {"duration_seconds": Hint("duration", "from its start to its end")}
    return from_records(shown, sha256, rows, hints=hints, history=curves(len(runs), points))
