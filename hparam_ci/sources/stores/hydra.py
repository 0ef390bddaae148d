"""Hydra multiruns: a folder a job, with its configuration in `.hydra` and the results that the job wrote beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Table

from ._files import digest_of, flat, folders, json_of, text_of, yaml_of

RESULTS = ("metrics.json", "results.json", "result.json", "summary.json", "metrics.yaml", "results.yaml")
TABLES = ("metrics.csv", "results.csv")


def read(path: Path, shown: str) -> list[Table]:
    """The jobs of a multirun, with the overrides of each as its hyperparameters.

    Raises:
        UnreadableError: no job wrote its results.
    """
    rows = [dict(_row(folder)) for folder in folders(path) if (folder / ".hydra").is_dir()]
    rows.sort(key=lambda row: (len(str(row["job"])), str(row["job"])))
    if not any(set(row) - {"job"} - {name for name in row if name.startswith("config/")} for row in rows):
        files = ", ".join((*RESULTS[:2], *TABLES[:1]))
        raise UnreadableError(
            "a Hydra multirun whose jobs left no results",
            f"Let each job write its metrics to one of {files} in its own folder.",
        )
    return [from_records(shown, digest_of(rows), rows)]


def _row(folder: Path) -> Iterator[tuple[str, object]]:
    yield "job", folder.name
    overrides = yaml_of(folder / ".hydra" / "overrides.yaml")
    for override in overrides if isinstance(overrides, list) else []:
        name, _, value = str(override).partition("=")
        yield f"config/{name.lstrip('+~')}", value
    yield from _results(folder)


def _results(folder: Path) -> Iterator[tuple[str, object]]:
    for name in RESULTS:
        found = json_of(folder / name) if name.endswith("json") else yaml_of(folder / name)
        if isinstance(found, dict):
            yield from flat(found, "")
            return
    for name in TABLES:
        rows = list(csv.DictReader((text_of(folder / name) or "").splitlines()))
        last: dict[str, object] = {}
        for row in rows:
            last |= {str(key): value for key, value in row.items() if key and value}
        if last:
            yield from last.items()
            return
