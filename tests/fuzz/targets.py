"""What is fuzzed: each target takes any bytes and lets nothing out but the errors that its module documents."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from benchmarks.grounding.score import kept_facts
from hparam_ci.crew.answers import judge
from hparam_ci.crew.grounding import Checker
from hparam_ci.detectors.run import DEBUG
from hparam_ci.errors import SettingsError, SourceError
from hparam_ci.github.event import resolve
from hparam_ci.inspection import Inspection
from hparam_ci.options import OPTIONS
from hparam_ci.pipeline import inspect
from hparam_ci.report.render import comment, report
from hparam_ci.settings import Settings, build
from hparam_ci.sources.cells import from_texts, uses_decimal_comma
from hparam_ci.sources.open import open_tables
from hparam_ci.sources.read import understand

Target = Callable[[bytes], None]

WORK = Path(tempfile.mkdtemp(prefix="hparam-fuzz-"))
CHECKER = Checker(kept_facts("digits"))
UNPACKED = 1 << 22


def _put(name: str, data: bytes) -> Path:
    path = WORK / name
    path.write_bytes(data)
    return path


def table(data: bytes) -> None:
    """The readers: delimited text, JSON, gzip and zip, told apart by what the bytes say, then layout and roles."""
    path = _put("table.csv", data)
    with suppress(SourceError):
        for one in open_tables(path, WORK, max_unpacked=UNPACKED):
            assert all(len(column.kinds) == len(one.lines) for column in one.columns)
            understand(one)


def json_table(data: bytes) -> None:
    """JSON and JSON lines, whatever the first byte is."""
    path = _put("table.json", data)
    with suppress(SourceError):
        for one in open_tables(path, WORK, max_unpacked=UNPACKED):
            understand(one)


def database(data: bytes) -> None:
    """SQLite stores of Optuna and MLflow."""
    path = _put("store.db", data)
    with suppress(SourceError):
        for one in open_tables(path, WORK):
            understand(one)


def inspection(data: bytes) -> None:
    """The whole left half and the report, on whatever can be read."""
    _put("sweep.csv", data)
    with patch.dict(os.environ, {DEBUG: "1"}):  # or an error of ours would only cost the file
        found = inspect(["sweep.csv"], Settings(show_params=True), root=WORK)
    assert Inspection.from_json(found.to_json()) == found
    comment(found)
    report(found)


def cells(data: bytes) -> None:
    """One column of texts, a line each."""
    import numpy as np

    texts = data.decode("utf-8", "replace").split("\n")
    column, _ = from_texts("x", np.array(texts, dtype=object), decimal_comma=uses_decimal_comma(texts))
    assert len(column.values) == len(texts)


def options(data: bytes) -> None:
    """Inputs: lines of `name=value`, a lone `|` for a line break in a value."""
    given = {}
    for line in data.decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition("=")
        given[name] = value.replace("|", "\n")
    with suppress(SettingsError):
        build(given, label=lambda name: f"input {name}")


def config(data: bytes) -> None:
    """The configuration file, as YAML and as the table in pyproject.toml."""
    from hparam_ci.config import load_config

    for name in ("config.yml", "pyproject.toml"):
        _put(name, data)
        with suppress(SettingsError):
            found, place = load_config(WORK, name)
            build({}, label=str, config=found, config_path=place)


def answer(data: bytes) -> None:
    """What a model says, for every section and both kinds of model."""
    text = data.decode("utf-8", "replace")
    for section in ("summary", "patterns", "next"):
        for choosing in (True, False):
            for sentence in judge(text, section, CHECKER, choosing=choosing).kept:  # type: ignore[arg-type]
                assert sentence.by == "choice" or CHECKER.refuse(sentence.evidence, sentence.text) is None


def payload(data: bytes) -> None:
    """The event's payload, as the action reads it."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(found, dict):
        for name in ("pull_request", "workflow_run", "push", "issue_comment", "merge_group"):
            env = {"GITHUB_EVENT_NAME": name, "GITHUB_REPOSITORY": "octo/sweeps", "GITHUB_SHA": "b" * 40}
            with suppress(SettingsError):
                resolve(env, found, None)


def baseline(data: bytes) -> None:
    """An earlier result from a file, and the report of it."""
    from hparam_ci.baseline import read_result

    with suppress(SettingsError):
        comment(read_result(_put("baseline.json", data), "baseline.json"))


TARGETS: dict[str, Target] = {
    "answer": answer,
    "baseline": baseline,
    "cells": cells,
    "config": config,
    "database": database,
    "inspection": inspection,
    "json_table": json_table,
    "options": options,
    "payload": payload,
    "table": table,
}

# Words that random bytes seldom hit upon.
WORDS: dict[str, tuple[str, ...]] = {
    "answer": ("statements", "evidence", "text", "say", "C4", "26 of 31 trials", "lr > 0.0825", "```json", "diverged"),
    "options": tuple(option.name for option in OPTIONS),
    "config": (*(option.name for option in OPTIONS), "detectors", "sweeps", "roles", "directions", "pairs"),
    "table": ("trial_id", "loss", "val_loss", "accuracy", "status", "NaN", "inf", "FAILED", "step", "params_lr", '"'),
    "inspection": ("trial_id", "loss", "val_loss", "accuracy", "status", "NaN", "inf", "FAILED", "step", "epochs"),
    "json_table": ("columns", "data", "index", "trials", "config", "NaN", "Infinity", "trial_id"),
    "payload": ("pull_request", "number", "head", "base", "sha", "repo", "full_name", "workflow_run", "before"),
}
