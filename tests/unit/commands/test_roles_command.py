"""`hparam-ci roles`: the reading as a table and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hparam_ci.cli import main
from tests.conftest import write_csv


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    write_csv(
        tmp_path / "t.csv",
        {
            "lr": [0.1 * i for i in range(12)],
            "loss\x1b[31m": [0.5 + (7 * i % 12) / 9 for i in range(12)],
            "val_acc": [50.0 + i for i in range(12)],
        },
    )
    return tmp_path


def test_as_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roles", "t.csv", "--format", "json"]) == 0
    columns = json.loads(capsys.readouterr().out)["columns"]
    assert columns[0] == {
        "name": "lr",
        "role": "hyperparameter",
        "confidence": "high",
        "reason": "a usual name of a hyperparameter",
    }
    assert [c["name"] for c in columns] == ["lr", "loss\x1b[31m", "val_acc"]


def test_as_a_table(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roles", "t.csv"]) == 0
    out = capsys.readouterr().out
    assert "t.csv: 12 trials" in out
    assert "metric: val accuracy % ↑" in out
    assert "\x1b" not in out


def test_the_configuration_counts(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "my.yml").write_text("roles: {lr: seed}\n")
    assert main(["roles", "t.csv", "--config", "my.yml"]) == 0
    assert "set by configuration" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_one_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roles", "no.csv"]) == 2
    assert capsys.readouterr().err.startswith("hparam-ci: no.csv: cannot be read")
