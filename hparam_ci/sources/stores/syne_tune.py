"""Syne Tune experiments: one row a report in `results.csv.zip`, directions in `metadata.json`."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.table import Hint, Table
from hparam_ci.sources.tabular import table_of

from ._files import LARGEST, json_of

DIRECTIONS = {"min": "minimize", "max": "maximize"}


def read(path: Path, shown: str) -> list[Table]:
    """The reports of an experiment, one row each: a history.

    Raises:
        UnreadableError: damaged.
    """
    folder = path if path.is_dir() else path.parent
    file = folder / "results.csv.zip"
    data = _unzipped(file) if file.is_file() else (folder / "results.csv").read_bytes()
    table = table_of(data, shown)
    metadata = json_of(folder / "metadata.json") or {}
    started = (
        {str(name) for name in (metadata.get("trials") or {})} if isinstance(metadata.get("trials"), dict) else set()
    )
    hints = {name: hint for name, hint in _hints(metadata) if name in {column.name for column in table.columns}}
    notes = (f"{len(started)} trials were started",) if started else ()
    return [replace(table, sha256=hashlib.sha256(data).hexdigest(), hints=hints, notes=notes)]


def _unzipped(file: Path) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive, archive.open(archive.namelist()[0]) as stream:
            data = stream.read(LARGEST + 1)
    except (zipfile.BadZipFile, IndexError, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnreadableError("results.csv.zip is damaged", "Copy the experiment again.") from error
    if len(data) > LARGEST:
        raise UnreadableError(f"results.csv.zip unpacks to more than {LARGEST:,} bytes", "Export fewer reports.")
    return data


def _hints(metadata: Mapping[str, Any]) -> Iterator[tuple[str, Hint]]:
    names, modes = metadata.get("metric_names"), metadata.get("metric_mode")
    names = names if isinstance(names, list) else []
    modes = modes if isinstance(modes, list) else [modes] * len(names)
    for name, mode in zip(names, modes, strict=False):
        direction: Any = DIRECTIONS.get(str(mode))
        if direction:
            yield str(name), Hint("metric", f"the metric to {direction}", direction)
    yield "st_worker_time", Hint("duration", "seconds since the trial began")
    # The state is that of the moment in which a row was written: of a sweep that is over, most rows say InProgress.
    yield "st_status", Hint("ignored", "the state when the row was written, not at the end")
