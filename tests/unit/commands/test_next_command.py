"""`hparam-ci next`: the next search space for people and tools, and what it says where there is none."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
import yaml

from hparam_ci.cli import main
from tests.conftest import EXAMPLES, write_csv

DIGITS = str(EXAMPLES / "digits_sweep.csv")


def test_a_person_gets_a_table_with_what_is_excluded_and_how_to_get_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next", DIGITS]) == 0
    said = capsys.readouterr().out
    assert "Next search space: " in said
    assert "excluded: batch_size = 512 and drop_last = True (Failed trials, " in " ".join(said.split())
    assert "--format optuna" in " ".join(said.split())


@pytest.mark.parametrize("form", ["optuna", "ray", "keras-tuner"])
def test_code_is_python(capsys: pytest.CaptureFixture[str], form: str) -> None:
    assert main(["next", DIGITS, "--format", form]) == 0
    tree = ast.parse(capsys.readouterr().out)
    assert "excluded" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_yaml_and_json_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next", DIGITS, "--format", "wandb"]) == 0
    config = yaml.safe_load(capsys.readouterr().out)
    assert config["metric"] == {"name": "val_loss", "goal": "minimize"}
    assert config["parameters"]["lr"]["distribution"] == "log_uniform_values"
    assert main(["next", DIGITS, "--format", "json"]) == 0
    space = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in space["dimensions"]} == set(config["parameters"])


def test_it_writes_to_a_file(tmp_path: Path) -> None:
    for form in ("terminal", "optuna"):
        path = tmp_path / form
        assert main(["next", DIGITS, "--format", form, "-o", str(path)]) == 0
        assert "lr" in path.read_text(encoding="utf-8")


def test_mistakes_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "a.csv", {"lr": [0.1, 0.2], "val_loss": [1, 2]})
    write_csv(tmp_path / "b.csv", {"lr": [0.1, 0.2], "val_loss": [1, 2]})
    write_csv(tmp_path / "c" / "none.csv", {"trial_id": [1, 2], "val_loss": [1, 2]})
    for arguments, expected in (
        (["missing.csv"], "no sweep was found there"),
        (["."], "holds 3 sweeps; name one with --sweep: a.csv, b.csv, c/none.csv"),
        (["c/none.csv"], "no hyperparameter has a value there"),
        (["a.csv", "-o", "no/such/folder"], "cannot be written"),
    ):
        assert main(["next", *arguments]) == 2
        assert expected in capsys.readouterr().err
    assert main(["next", ".", "--sweep", "b.csv", "--format", "json"]) == 0
