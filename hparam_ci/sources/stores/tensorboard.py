"""TensorBoard's hparams plugin: event files, read through TensorBoard's own library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Table

from ._curves import curves
from ._files import MOST_TRIALS, digest_of

STATUS = {0: None, 1: "SUCCESS", 2: "FAILURE", 3: "RUNNING"}


def read(path: Path, shown: str) -> list[Table]:
    """The runs below a log folder: their hyperparameters, and the last value of each scalar.

    Raises:
        UnreadableError: TensorBoard is not installed, or no run logged hyperparameters.
    """
    try:
        runs = [(name, *_run(group)) for name, group in _groups(path).items()]
    except ImportError:
        raise UnreadableError(
            "a TensorBoard log, which needs one more library", 'Run `pip install "hparam-inspector[tensorboard]"`.'
        ) from None
    runs = [run for run in runs if any(key.startswith("hparams/") for key in run[1])]
    if not runs:
        raise UnreadableError("a TensorBoard log without hyperparameters", "Log them with the hparams plugin.")
    rows = [_row(name, about, points) for name, about, points in runs]
    history = curves(len(runs), [(trial, *point) for trial, run in enumerate(runs) for point in run[2]])
    return [from_records(shown, digest_of(rows), rows, history=history)]


def _groups(path: Path) -> dict[str, list[Path]]:
    """The folders with event files, by run: PyTorch writes the hyperparameters of a run to a folder inside its own."""
    found = sorted({file.parent for file in path.rglob("events.out.tfevents*") if not file.parent.is_symlink()})
    if len(found) > MOST_TRIALS:
        raise UnreadableError(f"{len(found):,} runs, and the limit is {MOST_TRIALS:,}", "Export the table as CSV.")
    groups: dict[str, list[Path]] = {}
    for folder in found:
        home = folder.parent if folder.parent in found and folder.parent != path else folder
        groups.setdefault(home.relative_to(path).as_posix(), []).append(folder)
    return groups


def _run(group: Sequence[Path]) -> tuple[dict[str, object], list[tuple[float, str, float]]]:
    """What a run was set to, and every scalar that it logged."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    about: dict[str, object] = {}
    points: list[tuple[float, str, float]] = []
    for folder in group:
        accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 10_000, "tensors": 10_000})
        accumulator.Reload()
        for content in accumulator.summary_metadata.values():
            if content.plugin_data.plugin_name == "hparams":
                about |= dict(_about(HParamsPluginData.FromString(content.plugin_data.content)))
        points += _points(accumulator)
    return about, points


def _about(data: Any) -> Iterator[tuple[str, object]]:
    for name, value in data.session_start_info.hparams.items():
        kind = value.WhichOneof("kind")
        yield f"hparams/{name}", getattr(value, kind) if kind else None
    if data.HasField("session_end_info"):
        yield "status", STATUS.get(data.session_end_info.status)


def _points(accumulator: Any) -> Iterator[tuple[float, str, float]]:
    tags = accumulator.Tags()
    for tag in tags["scalars"]:
        yield from ((event.step, tag, event.value) for event in accumulator.Scalars(tag))
    for tag in tags["tensors"]:
        if accumulator.summary_metadata[tag].plugin_data.plugin_name == "scalars":
            for event in accumulator.Tensors(tag):
                yield event.step, tag, _scalar(event.tensor_proto)


def _scalar(tensor: Any) -> float:
    from tensorboard.util.tensor_util import make_ndarray

    return float(make_ndarray(tensor))


def _row(name: str, about: dict[str, object], points: Sequence[tuple[float, str, float]]) -> dict[str, object]:
    last = {metric: value for _, metric, value in sorted(points, key=lambda point: point[0])}
    return {"run": name, **about, **last}
