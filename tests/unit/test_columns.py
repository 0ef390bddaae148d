"""What a configuration says of columns: checked, found in both places, and obeyed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from hparam_ci.columns import column_rules
from hparam_ci.config import CONFIG_FILE, load_config
from hparam_ci.config_schema import config_schema
from hparam_ci.errors import SettingsError
from hparam_ci.pipeline import inspect
from hparam_ci.settings import build
from hparam_ci.sources.dialects import State
from hparam_ci.sources.read import read_sweeps
from hparam_ci.sources.sweep import Role, Sweep
from tests.conftest import write_csv

N = 12
COLUMNS: dict[str, Any] = {
    "case": range(N),
    "outcome_flag": ["good", "kaputt"] * 6,
    "lr": [0.1 * (1 + (7 * i) % N) for i in range(N)],
    "mystery": [1.5 + (5 * i) % N for i in range(N)],
    "fit_q": [0.2 + i / 7 for i in range(N)],
    "dev_q": [0.4 + i / 5 for i in range(N)],
    "debug_a": [1, 2, 3] * 4,
    "debug_b": [3, 2, 1] * 4,
}


def read(tmp_path: Path, text: str, path: str = "runs/a.csv") -> Sweep:
    write_csv(tmp_path / path, COLUMNS)
    settings = build({}, label=str, config=yaml.safe_load(text))
    return read_sweeps(Path(path), tmp_path, settings.columns)[0]


CONFIG = """
roles: {mystery: hyperparameter, outcome_flag: status}
directions: {dev_q: maximize}
pairs: [[fit_q, dev_q]]
ignore_columns: ["debug_*"]
status_words: {good: ok, Kaputt: failed}
"""


def test_the_configuration_is_obeyed(tmp_path: Path) -> None:
    sweep = read(tmp_path, CONFIG)
    assert [c.name for c in sweep.columns(Role.HYPERPARAMETER)] == ["lr", "mystery"]
    assert sweep.states.tolist() == [State.OK, State.FAILED] * 6
    [pair] = sweep.pairs
    assert (pair.train.name, pair.held_out.name, pair.direction) == ("fit_q", "dev_q", "maximize")
    by_name = {reading.name: reading for reading in sweep.readings}
    assert by_name["debug_a"].role is Role.IGNORED
    assert by_name["mystery"].reason == "set by configuration"


def test_rules_for_some_files_win_over_the_general_ones(tmp_path: Path) -> None:
    text = "roles: {mystery: ignored}\nsweeps:\n  - files: runs/*\n    roles: {mystery: hyperparameter}\n"
    assert "mystery" in [c.name for c in read(tmp_path, text).columns(Role.HYPERPARAMETER)]
    assert "mystery" not in [c.name for c in read(tmp_path, text, "other/a.csv").columns(Role.HYPERPARAMETER)]


def test_a_column_that_is_not_there_is_said_with_the_nearest(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", COLUMNS | {"val_loss": COLUMNS["fit_q"]})
    settings = build({}, label=str, config={"roles": {"mistery": "ignored", "nothing_*": "ignored"}})
    [sweep] = inspect(["a.csv"], settings, root=tmp_path).sweeps
    assert sweep.notes[0] == "the configuration names the column mistery, which is not there; the nearest is mystery"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"roles": {"x": "hyperparam"}}, "roles: x: unknown option 'hyperparam'; did you mean 'hyperparameter'?"),
        ({"roles": ["x"]}, "roles: must be a mapping; values: id, status"),
        ({"directions": {"x": "up"}}, "allowed: minimize, maximize"),
        ({"pairs": [["a", "b", "c"]]}, "is no pair; write [train_loss, val_loss]"),
        ({"ignore_columns": "x"}, "must be a list of column names"),
        ({"status_words": {"x": "bad"}}, "allowed: ok, stopped, failed"),
        ({"sweeps": {"files": "*"}}, "sweeps: must be a list of mappings"),
        ({"sweeps": [{"roles": {}}]}, "sweeps[0]: must be a mapping with `files`"),
        ({"sweeps": [{"files": "*", "role": {}}]}, "unknown option 'role'; did you mean 'roles'?"),
        ({"rolles": {}}, "did you mean 'roles'?"),
    ],
)
def test_a_bad_rule_names_its_place_and_what_is_allowed(config: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as error:
        build({}, label=str, config=config)
    assert words in str(error.value)
    assert str(error.value).startswith(CONFIG_FILE)


def test_pyproject_holds_the_configuration_as_well(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.hparam-inspector]\nmax_nan_rate = "5%"\nroles = { x = "ignored" }\n[[tool.hparam-inspector.sweeps]]\n'
        'files = "a/*"\nignore_columns = ["b"]\n'
    )
    config, place = load_config(tmp_path, "")
    assert place == "pyproject.toml: [tool.hparam-inspector]"
    assert [rules.roles for rules in column_rules(config, place)] == [{"x": "ignored"}, {"b": "ignored"}]
    with pytest.raises(SettingsError, match=r"pyproject.toml: \[tool.hparam-inspector\]: unknown option 'max_nan'"):
        build({}, label=str, config={"max_nan": 1}, config_path=place)


def test_one_place_only(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / CONFIG_FILE).write_text("fail_on: warn\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert load_config(tmp_path, "")[0] == {"fail_on": "warn"}
    (tmp_path / "pyproject.toml").write_text('[tool.hparam-inspector]\nfail_on = "warn"\n')
    with pytest.raises(SettingsError, match="both configure the inspection: keep one of them"):
        load_config(tmp_path, "")


def test_a_pyproject_of_another_project_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("this is not TOML at all [")
    assert load_config(tmp_path, "") == ({}, CONFIG_FILE)
    (tmp_path / "pyproject.toml").write_text("[tool.hparam-inspector")
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        load_config(tmp_path, "")


def test_the_schema_takes_what_the_program_takes() -> None:
    valid = jsonschema_rs.validator_for(config_schema())
    good = yaml.safe_load(CONFIG) | {
        "files": ["a.csv"],
        "max_nan_rate": "5%",
        "max_failed_rate": False,
        "thresholds": {"nan_rate": "1%/5%"},
        "fail_on_empty": False,
        "max_files": 10,
        "comment_mode": False,
        "detectors": {"overfitting": {"ratio": 2}},
        "sweeps": [{"files": "runs/*", "roles": {"x": "seed"}}],
    }
    assert valid.is_valid(json.loads(json.dumps(good)))
    build({}, label=str, config={key: value for key, value in good.items() if key != "detectors"})
    for bad in ({"rolls": {}}, {"roles": {"x": "knob"}}, {"sweeps": [{"roles": {}}]}, {"fail_on": "often"}):
        assert not valid.is_valid(bad)
        with pytest.raises(SettingsError):
            build({}, label=str, config=bad)
