"""TensorBoard's hparams plugin: event files, read through TensorBoard's own library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hparam_ci.sources.decode import UnreadableError
from hparam_ci.sources.records import from_records
from hparam_ci.sources.table import Table

from ._curves import curves
from ._files import digest_of, folders

Point = tuple[float, str, float]

STATUS = {0: None, 1: "SUCCESS", 2: "FAILURE", 3: "RUNNING"}


def read(path: Path, shown: str) -> list[Table]:
    """The runs below a log folder: their hyperparameters, and the last value of each scalar.

    Raises:
        UnreadableError: TensorBoard is not installed, or no run logged hyperparameters.
    """
    try:
        found = [(folder.name, *_run(folder)) for folder in folders(path) if _has_events(folder)]
    except ImportError:
        raise UnreadableError(
            "a TensorBoard log, which needs one more library", 'Run `pip install "hparam-inspector[tensorboard]"`.'
        ) from None
    runs = [(name, about, points) for name, about, points in found if any(key.startswith("hparams/") for key in about)]
    if not runs:
        raise UnreadableError("a TensorBoard log without hyperparameters", "Log them with the hparams plugin.")
    rows = [_row(name, about, points) for name, about, points in runs]
    history = curves(len(runs), [(trial, *point) for trial, run in enumerate(runs) for point in run[2]])
    return [from_records(shown, digest_of(rows), rows, history=history)]


def _has_events(folder: Path) -> bool:
    return any(file.name.startswith("events.out.tfevents") for file in folder.iterdir())


def _run(folder: Path) -> tuple[dict[str, object], list[Point]]:
    """What a run was set to, and every scalar that it logged."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 10_000, "tensors": 10_000})
    accumulator.Reload()
    about: dict[str, object] = {}
    for content in accumulator.summary_metadata.values():
        if content.plugin_data.plugin_name == "hparams":
            about |= dict(_about(HParamsPluginData.FromString(content.plugin_data.content)))
    return about, list(_points(accumulator))


def _about(data: Any) -> Iterator[tuple[str, object]]:
    for name, value in data.session_start_info.hparams.items():
        kind = value.WhichOneof("kind")
        yield f"hparams/{name}", getattr(value, kind) if kind else None
    if data.HasField("session_end_info"):
        yield "status", STATUS.get(data.session_end_info.status)


def _points(accumulator: Any) -> Iterator[Point]:
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


def _row(name: str, about: dict[str, object], points: Sequence[Point]) -> dict[str, object]:
    last = {metric: value for _, metric, value in sorted(points, key=lambda point: point[0])}
    return {"run": name, **about, **last}
