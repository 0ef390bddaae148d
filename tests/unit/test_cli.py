"""The command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from hparam_ci.cli import main
from hparam_ci.inspection import Inspection, schema
from tests.conftest import EXAMPLES

SAMPLE = str(EXAMPLES / "sample_results.csv")
HEALTHY = str(EXAMPLES / "healthy_sweep.csv")


def test_exit_codes(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["inspect", HEALTHY]) == 0
    assert main(["inspect", SAMPLE]) == 1
    assert main(["inspect", SAMPLE, "--fail-on", "never"]) == 0
    assert main(["inspect", HEALTHY, "--max-nan-rate", "5"]) == 2
    assert "--max-nan-rate: '5' could mean" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main(["inspect", HEALTHY, "--max-nan-rat", "5%"])
    assert stop.value.code == 2


@pytest.mark.parametrize("wrong", [["--fail-on", "x"], ["--format", "x"], ["--bogus"], ["--format"]])
def test_wrong_arguments_are_one_line_and_exit_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["inspect", HEALTHY, *wrong])
    said = capsys.readouterr().err
    assert (stop.value.code, said.count("\n")) == (2, 1)
    assert wrong[0] in said
    assert "--help" in said


def test_an_internal_error_is_one_line_and_exit_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("hparam_ci.pipeline.inspect", broken)
    assert main(["inspect", HEALTHY]) == 3
    assert "internal error: RuntimeError: boom" in capsys.readouterr().err


def test_json_is_valid_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        main(["inspect", SAMPLE, HEALTHY, "--format", "json", "-o", str(file)])
    assert files[0].read_bytes() == files[1].read_bytes()
    jsonschema_rs.validator_for(schema()).validate(json.loads(files[0].read_bytes()))
    assert Inspection.from_json(files[0].read_bytes()).trials == 66


def test_paths_may_be_anywhere_and_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    odd = tmp_path / "[odd] *name.csv"
    odd.write_bytes(Path(HEALTHY).read_bytes())
    monkeypatch.chdir(tmp_path / "work")
    for path in (str(odd), "../[odd] *name.csv", "..", "../*.csv"):
        assert main(["inspect", path]) == 0, path


@pytest.mark.parametrize("form", ["md", "json", "terminal"])
def test_a_report_can_be_written_to_a_file(form: str, tmp_path: Path) -> None:
    assert main(["inspect", HEALTHY, "--format", form, "-o", str(tmp_path / "out")]) == 0
    assert "healthy_sweep.csv" in (tmp_path / "out").read_text(encoding="utf-8")
    assert main(["inspect", HEALTHY, "-o", str(tmp_path / "no" / "folder")]) == 2


def test_a_terminal_that_knows_only_ascii_gets_the_report() -> None:
    command = [sys.executable, "-m", "hparam_ci.cli", "inspect", SAMPLE]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False)
    assert done.returncode == 1
    assert b"NaN or Inf rate" in done.stdout
    assert done.stderr == b""


def test_rules_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert "HP101" in capsys.readouterr().out
    for name in ("HP301", "hp301", "overfitting"):
        assert main(["explain", name]) == 0
        assert "# HP301 overfitting" in capsys.readouterr().out
    for typo, meant in (("hp3O1", "HP301"), ("Overfiting", "overfitting")):
        assert main(["explain", typo]) == 2
        assert f"there is no detector {typo!r}; did you mean {meant}?" in capsys.readouterr().err
    assert main(["explain", "nothing like it"]) == 2
    assert "`hparam-ci rules` lists all" in capsys.readouterr().err


def test_rules_as_json_say_what_the_pages_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == 0
    rules = {rule["code"]: rule for rule in json.loads(capsys.readouterr().out)["rules"]}
    assert rules["HP301"]["name"] == "overfitting"
    assert rules["HP301"]["rate"] == "overfitting_rate"
    assert {option["name"] for option in rules["HP301"]["options"]} >= {"ratio", "gap"}
    assert list(rules) == sorted(rules)


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["inspect", "--help"])
    text = capsys.readouterr().out
    for flag in ("--max-nan-rate", "--thresholds", "--fail-on", "--no-fail-on-empty", "--format", "--config"):
        assert flag in text
    assert "%%" not in text


def test_the_bash_completion_is_a_script_that_bash_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    subprocess.run(["bash", "-c", script + "\ncomplete -p hparam-ci"], check=True, capture_output=True)


def test_a_plain_inspection_imports_nothing_that_it_does_not_use() -> None:
    code = (
        "import sys; from hparam_ci.cli import main; main(['inspect', sys.argv[1]]); "
        "print(sorted(set(sys.modules) & set(sys.argv[2:])), file=sys.stderr)"
    )
    heavy = [
        "github",
        "requests",
        "scipy",
        "sklearn",
        "pydantic",
        "crewai",
        "litellm",
        "jinja2",
        "yaml",
        "shtab",
        "mcp",
    ]
    done = subprocess.run([sys.executable, "-c", code, SAMPLE, *heavy], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
