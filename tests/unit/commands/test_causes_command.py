"""`hparam-ci causes`: what is asserted, what is not, and what cannot be told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hparam_ci.cli import main
from tests.conftest import write_csv


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    rng = np.random.default_rng(0)
    lr, batch = 10 ** rng.uniform(-5, 0, 80), rng.choice([16, 32, 64], 80)
    write_csv(
        tmp_path / "t.csv",
        {
            "trial": list(range(80)),
            "lr": lr.tolist(),
            "batch_size": batch.tolist(),
            "dropout": rng.random(80).round(3).tolist(),
            "status": ["failed" if i in (3, 4) else "completed" for i in range(80)],
            "val_loss": ["" if i in (3, 4) else "nan" if x > 0.05 else 0.4 for i, x in enumerate(lr)],
        },
    )
    return "t.csv"


def test_as_json(sweep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["causes", sweep, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    [claim] = answer["claims"]
    [condition] = claim["conditions"]
    assert (claim["issue"], condition["param"], condition["op"], claim["strength"]) == ("nan", "lr", ">", "certain")
    assert 0.03 < condition["value"] < 0.07
    assert claim["p_value"] < 0.001
    assert claim["inside"][0] == claim["inside"][1]
    assert answer["unproven"] == []
    [unknown] = answer["undetermined"]
    assert (unknown["issue"], unknown["affected"], unknown["reason"]) == ("failed", 2, "too few trials")
    assert unknown["more_trials"] > 0


def test_as_a_table(sweep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["causes", sweep]) == 0
    shown = capsys.readouterr().out
    assert "lr > 0.0" in shown
    assert "certain" in shown
    assert "undetermined: Failed trials (2), too few trials; about" in shown


def test_a_further_cause_stays_behind_the_first_and_says_among_which_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    rng = np.random.default_rng(3)
    lr, dropout = 10 ** rng.uniform(-5, 0, 160), rng.uniform(0, 0.7, 160)
    sick = (lr > 0.1) | (dropout > 0.55)
    columns = {"lr": lr.tolist(), "dropout": dropout.tolist(), "width": rng.choice([8, 16], 160).tolist()}
    write_csv(tmp_path / "two.csv", {**columns, "val_loss": ["nan" if x else 0.4 for x in sick]})
    assert main(["causes", "two.csv", "--format", "json"]) == 0
    first, further = json.loads(capsys.readouterr().out)["claims"]
    assert not first["among"]
    assert (
        further["among"]
        == f"among the {sum(further['inside'][1:] + further['outside'][1:])} trials without {first['text']}"
    )
    assert main(["causes", "two.csv"]) == 0
    assert f"({further['among']})" in capsys.readouterr().out


def test_a_file_that_is_not_there(sweep: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["causes", "nowhere.csv"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err
