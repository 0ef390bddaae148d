"""Lightning's CSVLogger: a folder a version, with `metrics.csv` and, where it was saved, `hparams.yaml`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Table

from ._files import digest_of, flat, folders, text_of, yaml_of


def read(path: Path, shown: str) -> list[Table]:
    """The rows of all versions, each with the version and its hyperparameters: a history.

    Raises:
        UnreadableError: no row in it.
    """
    rows = [row for folder in folders(path) if folder.name.startswith("version_") for row in _rows(folder)]
    if not rows:
        raise UnreadableError("no metrics in the version folders", "Check that the trainer logged to this folder.")
    return [from_records(shown, digest_of(rows), rows)]


def _rows(folder: Path) -> Iterator[dict[str, object]]:
    text = text_of(folder / "metrics.csv")
    found = yaml_of(folder / "hparams.yaml")
    hparams = dict(flat(found, "hparams/")) if isinstance(found, dict) else {}
    for row in csv.DictReader((text or "").splitlines()):
        yield {"version": folder.name, **{str(k): v for k, v in row.items() if k and v}, **hparams}
