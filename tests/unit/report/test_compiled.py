"""Compiled templates are kept where that can be, and used again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from hparam_ci.report.compiled import Compiled


def shown(folder: Path, text: str = "{{ 1 + 1 }}") -> str:
    return (
        Environment(loader=DictLoader({"a": text}), bytecode_cache=Compiled(folder), autoescape=True)
        .get_template("a")
        .render()
    )


def test_a_template_is_compiled_once_and_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert shown(tmp_path / "kept") == "2"
    (kept,) = (tmp_path / "kept").iterdir()
    written = kept.stat().st_mtime_ns
    assert shown(tmp_path / "kept") == "2"
    assert kept.stat().st_mtime_ns == written
    assert shown(tmp_path / "kept", "{{ 2 + 2 }}") == "4"


def test_a_folder_that_cannot_be_written_to_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "file").touch()
    assert shown(tmp_path / "file" / "below") == "2"


def test_damaged_ones_are_compiled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    shown(tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_bytes(kept.read_bytes()[:40])
    assert shown(tmp_path / "kept") == "2"
