"""`hparam-ci init` writes files that work as they are, and never over others."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from hparam_ci.cli import main
from hparam_ci.commands.init import WORKFLOW_FILE
from hparam_ci.config import CONFIG_FILE, load_config
from hparam_ci.config_schema import config_schema
from hparam_ci.settings import build
from tests.conftest import write_csv


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_files_work_as_they_are(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = 'odd "knob": {x}'
    columns = {"lr": [0.1 * i for i in range(12)], odd: [(5 * i) % 12 + 0.123 for i in range(12)]}
    write_csv(here / "sweeps" / "a.csv", columns | {"val_loss": [0.5 + (7 * i % 12) / 9 for i in range(12)]})
    assert main(["init"]) == 0
    assert capsys.readouterr().out == f"wrote {CONFIG_FILE}\nwrote {WORKFLOW_FILE}\n"
    config, place = load_config(here, "")
    assert jsonschema_rs.validator_for(config_schema()).is_valid(config)
    assert build({}, label=str, config=config, config_path=place).files == ("sweeps/*.csv",)
    [line] = [line for line in (here / CONFIG_FILE).read_text().splitlines() if "odd" in line]
    assert yaml.safe_load(line.removeprefix("# ")) == {"roles": {odd: "ignored"}}
    jobs = yaml.safe_load((here / WORKFLOW_FILE).read_text())["jobs"]
    assert jobs["sweep"]["permissions"] == {"contents": "read", "pull-requests": "write"}


def test_nothing_is_overwritten_unless_asked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / ".github").mkdir()
    (here / CONFIG_FILE).write_text("fail_on: warn\n")
    assert main(["init"]) == 2
    assert "--force overwrites" in capsys.readouterr().err
    assert (here / CONFIG_FILE).read_text() == "fail_on: warn\n"
    assert not (here / WORKFLOW_FILE).exists()
    assert main(["init", "--force"]) == 0
    assert "max_nan_rate" in (here / CONFIG_FILE).read_text()
