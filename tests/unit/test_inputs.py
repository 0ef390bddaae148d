"""Bad files: each one clear message and its exit code, the others still inspected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hparam_ci.cli import main
from hparam_ci.pipeline import _failed, inspect
from tests.conftest import write_csv

HEALTHY = {"lr": [0.1, 0.2, 0.3, 0.4], "val_loss": [0.5, 0.6, 0.5, 0.4]}

BAD = {
    "empty": (b"", "empty"),
    "header only": (b"trial_id,status,lr,val_loss\n", "header"),
    "no metric": (b"name,note\nx,1\ny,2\n", "no column was recognised as a metric"),
    "binary": (b"PK\x03\x04" + bytes(range(256)) * 4, "zip"),
    "10,000 columns": ((",".join(f"c{i}" for i in range(10_000)) + "\n").encode() * 2, "10,000 columns"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_message_and_exit_1(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, words = BAD[name]
    (tmp_path / "bad.csv").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    assert main(["inspect", "bad.csv", "--format", "md"]) == 1
    output = capsys.readouterr()
    assert "bad.csv" in output.out
    assert words in output.out
    assert "Traceback" not in output.out + output.err


@pytest.mark.parametrize("name", BAD)
def test_the_other_files_are_still_inspected(name: str, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(BAD[name][0])
    write_csv(tmp_path / "good.csv", HEALTHY)
    result = inspect(["*.csv"], root=tmp_path)
    assert [sweep.path for sweep in result.sweeps] == ["good.csv"]
    assert [file.path for file in result.skipped] == ["bad.csv"]


def test_ragged_rows_duplicate_names_and_odd_encodings_are_read_and_said(tmp_path: Path) -> None:
    (tmp_path / "ragged.csv").write_text("lr,val_loss\n0.1,0.5\n0.2,0.6,9\n0.3,0.4\n0.4\n")
    (tmp_path / "twice.csv").write_text("lr,lr,val_loss\n0.1,1,0.5\n0.2,2,0.6\n")
    (tmp_path / "latin.csv").write_bytes("größe,val_loss\n1,0.5\n2,0.6\n".encode("cp1252"))
    (tmp_path / "semicolon.csv").write_text("lr;val_loss\n0,1;0,5\n0,2;0,6\n", encoding="utf-16")
    result = inspect(["*.csv"], root=tmp_path)
    sweeps = {sweep.path: sweep for sweep in result.sweeps}
    assert set(sweeps) == {"ragged.csv", "twice.csv", "latin.csv", "semicolon.csv"}
    assert sweeps["ragged.csv"].trials == 3
    found = [one.message for detector in sweeps["ragged.csv"].detectors for one in detector.findings]
    assert any("line 3 have 3 fields" in message for message in found)
    assert any("line 5" in note for note in sweeps["ragged.csv"].notes)
    assert len({column.name for column in sweeps["twice.csv"].columns}) == 3
    assert sweeps["latin.csv"].columns[0].name == "größe"
    assert sweeps["semicolon.csv"].trials == 2


def test_no_hyperparameter_is_judged_without_causes(tmp_path: Path) -> None:
    write_csv(tmp_path / "s.csv", {"trial_id": [1, 2, 3], "val_loss": ["nan", 0.5, 0.4]})
    sweep = inspect(["s.csv"], root=tmp_path).sweeps[0]
    assert any("no hyperparameter" in note for note in sweep.notes)
    assert sweep.undetermined[0].reason == "no hyperparameter varies in this file"


def test_links_and_pipes_are_refused_and_said(tmp_path: Path) -> None:
    write_csv(tmp_path / "good.csv", HEALTHY)
    (tmp_path / "link.csv").symlink_to(tmp_path / "good.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    result = inspect(["*.csv"], root=tmp_path)
    assert {file.path: file.kind for file in result.skipped} == {"link.csv": "refused", "pipe.csv": "refused"}
    assert result.verdict == "pass"


def test_a_file_that_only_a_wildcard_found_need_not_be_a_sweep(tmp_path: Path) -> None:
    write_csv(tmp_path / "good.csv", HEALTHY)
    (tmp_path / "names.csv").write_text("name,note\nx,1\ny,2\n")
    assert inspect(["*.csv"], root=tmp_path).verdict == "pass"
    assert inspect(["good.csv", "names.csv"], root=tmp_path).verdict == "inconclusive"


def test_old_habits_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.csv", "results.csv", "old.csv"):
        write_csv(tmp_path / name, HEALTHY)
    monkeypatch.delenv("HPATH_RESULTS_CSV", raising=False)
    assert [s.path for s in inspect(root=tmp_path).sweeps] == ["results.csv"]
    monkeypatch.setenv("HPATH_RESULTS_CSV", "old.csv")
    assert [s.path for s in inspect(root=tmp_path).sweeps] == ["old.csv"]
    monkeypatch.delenv("HPATH_RESULTS_CSV")
    (tmp_path / "results.csv").unlink()
    assert [s.path for s in inspect(root=tmp_path).sweeps] == ["a.csv", "old.csv"]


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread")])
def test_too_little_memory_is_said_as_such(error: Exception) -> None:
    said = _failed("large.csv", error)
    assert "memory" in said.reason
    assert "internal error" not in said.reason
