"""The stores of other tools: databases and folders, one reader a file. Nothing in them is ever run or unpickled."""

from __future__ import annotations

import importlib
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from hparam_ci.errors import SourceError
from hparam_ci.sources.address import shown_address, split_address
from hparam_ci.sources.decode import UnreadableError

if TYPE_CHECKING:
    from hparam_ci.sources.table import Table

MOST_LOOKED_AT = 50
"""Folders below a folder that are looked into before it is known for no store."""

_SQLITE = b"SQLite format 3\x00"
_AX = re.compile(rb'\s*\{\s*("_type":\s*"(?:Ax)?Client",\s*"experiment":\s*\{\s*)?"__type":\s*"(?:\w*Experiment)"')
_NAMES_BELOW: tuple[tuple[str, re.Pattern[str], frozenset[str]], ...] = (
    ("ray", re.compile(r".*"), frozenset(("params.json",))),
    ("lightning", re.compile(r"version_\d+"), frozenset(("metrics.csv",))),
    ("hydra", re.compile(r"\d+"), frozenset((".hydra",))),
    ("wandb", re.compile(r"(?:offline-)?run-.+"), frozenset(("files",))),
)
_RESULTS = frozenset(("result.json", "progress.csv", "error.txt"))


def claims(path: Path) -> str | None:
    """The tool whose store a file or folder is, by its first bytes and the names in it; None for any other."""
    try:
        return _claims_folder(path) if path.is_dir() else _claims_file(path)
    except OSError:
        return None


def open_store(path: Path, shown: str) -> list[Table]:
    """The sweeps in a store, one table a study or experiment.

    Args:
        path: the file or folder.
        shown: its path relative to the workspace.

    Raises:
        SourceError: damaged, empty, or no store.
    """
    tool = claims(path)
    if tool is None:
        what = "a folder that no known tool wrote" if path.is_dir() else "a database that no known tool wrote"
        raise SourceError(shown, what, "Name the files in it, or export the table of trials as CSV.")
    reader = importlib.import_module(f"hparam_ci.sources.stores.{tool}")
    try:
        tables: list[Table] = reader.read(path, shown)
    except UnreadableError as error:
        raise SourceError(shown, error.what, error.fix) from error
    except OSError as error:
        raise SourceError(shown, f"cannot be read: {error.strerror}", "Check the path and its permissions.") from error
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:  # rows that contradict each other
        what = f"damaged, or of a version of {tool} that is not known ({type(error).__name__}: {str(error)[:80]})"
        raise SourceError(shown, what, f"Check that {tool} opens it.") from error
    return tables


def open_url(url: str) -> list[Table]:
    """The sweeps behind `optuna:<storage>[#study]`, `mlflow:<tracking URI>[#experiment]` or `wandb:<entity/project>`.

    Raises:
        SourceError: the tool's library is not installed, or it could not read the store.
    """
    parts = split_address(url)
    if parts is None:
        raise SourceError(url[:80], "no address of a store", "Write optuna:, mlflow: or wandb: and the address.")
    tool, address, name = parts
    reader = importlib.import_module(f"hparam_ci.sources.stores.{tool}")
    shown = f"{tool}:{shown_address(address)}"
    try:
        tables: list[Table] = reader.read_url(address, name, shown)
    except ImportError:
        fix = f'Run `pip install "hparam-inspector[{tool}]"`.'
        raise SourceError(shown, f"reading it needs the library of {tool}", fix) from None
    except UnreadableError as error:
        raise SourceError(shown, error.what, error.fix) from error
    except Exception as error:
        what = f"{tool} could not read it ({type(error).__name__})"
        raise SourceError(shown, what, "Check the address, and that the store can be reached.") from error
    return tables


def _claims_file(path: Path) -> str | None:
    if path.name == "runhistory.json":
        return "smac"
    with path.open("rb") as file:
        start = file.read(256)
    if start.startswith(_SQLITE):
        return _claims_database(path)
    if start.startswith(b"PK\x03\x04") and path.name.startswith("results.csv"):
        return "syne_tune" if (path.parent / "metadata.json").is_file() and zipfile.is_zipfile(path) else None
    return "ax" if _AX.match(start) else None


def _claims_database(path: Path) -> str | None:
    from ._sqlite import table_names

    try:
        names = table_names(path)
    except UnreadableError:
        return None
    if {"studies", "trials", "trial_params", "trial_values"} <= names:
        return "optuna"
    return "mlflow" if {"runs", "params", "latest_metrics"} <= names else None


def _claims_folder(path: Path) -> str | None:
    names = {entry.name for entry in path.iterdir()}
    if "runhistory.json" in names:
        return "smac"
    if "oracle.json" in names:
        return "keras_tuner"
    if "metadata.json" in names and names & {"results.csv.zip", "results.csv"}:
        return "syne_tune"
    if any(name.startswith("experiment_state") for name in names):
        return "ray"
    return _claims_by_folders_below(path, sorted(names))


def _claims_by_folders_below(path: Path, names: list[str]) -> str | None:
    for name in names[:MOST_LOOKED_AT]:
        below = path / name
        if not below.is_dir() or below.is_symlink():
            continue
        inner = {entry.name for entry in below.iterdir()}
        for tool, pattern, needed in _NAMES_BELOW:
            if needed <= inner and pattern.fullmatch(name) and (tool != "ray" or inner & _RESULTS):
                return tool
        if "meta.yaml" in inner and any((below / each / "metrics").is_dir() for each in list(inner)[:MOST_LOOKED_AT]):
            return "mlflow"
        if any(each.startswith("events.out.tfevents") for each in inner):
            return "tensorboard"
    return None
