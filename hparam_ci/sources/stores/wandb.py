"""W&B: a project through its API, or the run folders that the client leaves on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.messages import exception_at_end
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Hint, Table

from ._files import digest_of, flat, folders, json_of, text_of, yaml_of

MOST_RUNS = 10_000


def read(path: Path, shown: str) -> list[Table]:
    """The runs in a `wandb` folder, by their `config.yaml`, `wandb-summary.json`, and the exception at the
    end of `output.log`.

    Raises:
        UnreadableError: no run with a summary.
    """
    rows = [row for folder in folders(path) if (row := dict(_row(folder)))]
    if not rows:
        raise UnreadableError(
            "no run in it has a summary on disk",
            "Run `wandb sync` and read the project as wandb:ENTITY/PROJECT, or export the runs table as CSV.",
        )
    return [_table(shown, rows)]


def read_url(address: str, name: str, shown: str) -> list[Table]:
    """The runs of a project, through the API; the key is read from the environment by W&B itself."""
    import wandb

    del name
    runs = wandb.Api().runs(address, per_page=500)
    rows = []
    for run, _ in zip(runs, range(MOST_RUNS), strict=False):
        summary = {key: run.summary[key] for key in run.summary.keys()}  # noqa: SIM118 - no mapping
        rows.append({"id": run.id, "name": run.name, "state": run.state, "created_at": str(run.created_at)})
        rows[-1] |= dict(_leaves(dict(run.config), "config.")) | dict(_leaves(summary, "summary."))
    if not rows:
        raise UnreadableError("a project without a run", "Check the entity and the project.")
    return [_table(shown, rows)]


def _row(folder: Path) -> Iterator[tuple[str, object]]:
    config, summary = yaml_of(folder / "files" / "config.yaml"), json_of(folder / "files" / "wandb-summary.json")
    if summary is None:
        return
    yield "id", folder.name.rsplit("-", 1)[-1]
    if isinstance(config, dict):
        values = {k: v.get("value") if isinstance(v, dict) and "value" in v else v for k, v in config.items()}
        yield from _leaves({k: v for k, v in values.items() if k not in ("_wandb", "wandb_version")}, "config.")
    yield from _leaves(summary, "summary.")
    yield "error", exception_at_end(text_of(folder / "files" / "output.log") or "")


def _leaves(mapping: dict[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in flat(mapping, prefix, "."):
        if not (isinstance(value, dict) or "._type" in name):
            yield name, value


def _table(shown: str, rows: list[dict[str, object]]) -> Table:
    names = {name for row in rows for name in row if name.startswith("config.")}
    hints = {name: Hint(None, "in the run's config") for name in names}
    return from_records(shown, digest_of(rows), rows, hints=hints)
