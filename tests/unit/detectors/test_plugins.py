"""Detectors of other packages: the example really installed, and packages that are broken in every way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hparam_ci.detectors import api

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "custom_detector"
SWEEP = "trial,lr,val_loss,latency_ms\n1,0.1,0.40,12\n2,0.2,0.38,80\n3,0.3,0.36,\n4,0.4,0.35,240\n"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example package, installed by its own pyproject.toml."""
    folder = tmp_path_factory.mktemp("installed")
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    flags = ["--no-deps", "--no-build-isolation", "--offline", "--no-cache"]
    subprocess.run([*uv, *flags, "--target", str(folder), str(EXAMPLE)], check=True)
    return folder


def run(site: Path, cwd: Path, *arguments: str, debug: bool = False) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(site), "COLUMNS": "160"} | ({"HPARAM_CI_DEBUG": "1"} if debug else {})
    (cwd / "sweep.csv").write_text(SWEEP)
    command = [sys.executable, "-m", "hparam_ci.cli", *arguments]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_example_is_listed_and_explained(installed: Path, tmp_path: Path) -> None:
    assert "ABC101" in run(installed, tmp_path, "rules").stdout
    assert "most" in run(installed, tmp_path, "explain", "slow-latency").stdout
    schema = json.loads(run(installed, tmp_path, "schema", "--config").stdout)
    assert "slow-latency" in schema["properties"]["detectors"]["properties"]


def test_the_example_finds_and_gates(installed: Path, tmp_path: Path) -> None:
    gated = run(installed, tmp_path, "inspect", "sweep.csv", "--thresholds", "latency_rate: 10%")
    assert gated.returncode == 1
    assert "Latency rate 66.7% (2 of 3), limit 10%" in gated.stdout
    assert "latency_ms is 240, above 50" in gated.stdout
    (tmp_path / "c.yml").write_text("detectors: {slow-latency: {most: 100, severity: notice}}\n")
    issues = run(installed, tmp_path, "issues", "sweep.csv", "--format", "csv", "--config", "c.yml").stdout
    assert issues.splitlines()[1:] == [
        '4,5,ABC101,slow-latency,notice,latency_ms,240,100,"latency_ms is 240, above 100"'
    ]
    assert "ABC101" not in run(installed, tmp_path, "issues", "sweep.csv", "--format", "csv", "--ignore", "abc").stdout


def test_the_examples_own_tests_pass(installed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(EXAMPLE)]
    env = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "3 passed" in done.stdout, done.stdout


def test_the_example_imports_the_public_names_only() -> None:
    text = (EXAMPLE / "slow_latency.py").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if "hparam_ci" in line] == ["from hparam_ci.detectors.api import ("]
    assert all(hasattr(api, name) for name in api.__all__)


# --- broken ones ----------------------------------------------------------------------------------


def package(folder: Path, module: str, code: str, target: str) -> None:
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[hparam_ci.detectors]\n{module} = {target}\n")


def variant(**changes: str) -> str:
    """The example with other fields, with another first statement of `look`, or with another `result` of it."""
    text = (EXAMPLE / "slow_latency.py").read_text(encoding="utf-8")
    starts = {"body": "    column = next(", "result": "    return Detection("}
    for name, new in changes.items():
        start = starts.get(name, f"    {name}=")
        [old] = [line for line in text.splitlines() if line.startswith(start)]
        text = text.replace(old, f"    {new}" if name in starts else f"{start}{new},")
    return text


@pytest.mark.parametrize(
    ("code", "target", "said"),
    [
        ("raise RuntimeError('no licence')", "odd:DETECTOR", "cannot be loaded (RuntimeError: no licence)"),
        ("", "odd:DETECTOR", "cannot be loaded (AttributeError"),
        ("", "no_such_module:DETECTOR", "cannot be loaded (ModuleNotFoundError"),
        ("DETECTOR = 5", "odd:DETECTOR", "odd:DETECTOR is no Detector"),
        (variant(code="'HP101'"), "odd:DETECTOR", "HP101 slow-latency is taken by another detector"),
        (variant(name="'overfitting'"), "odd:DETECTOR", "ABC101 overfitting is taken by another detector"),
        (variant(code="'abc'"), "odd:DETECTOR", "code 'abc' must be capital letters and three digits"),
        (variant(name="'No Name'"), "odd:DETECTOR", "name 'No Name' must be lower-case words"),
        (variant(severity="'fatal'"), "odd:DETECTOR", "severity 'fatal' must be error, warning or notice"),
        (variant(rate="'Rate 5%'"), "odd:DETECTOR", "rate 'Rate 5%' must be a name such as"),
    ],
)
def test_a_package_that_cannot_be_used_is_one_line(tmp_path: Path, code: str, target: str, said: str) -> None:
    (tmp_path / "site").mkdir()
    package(tmp_path / "site", "odd", code, target)
    for command in (["inspect", "sweep.csv"], ["rules"]):
        done = run(tmp_path / "site", tmp_path, *command)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("hparam-ci: detector 'odd' of the entry point group hparam_ci.detectors: ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (variant(body="raise ValueError('odd column')"), "it raised ValueError: odd column"),
        (variant(body="return None"), "it raised TypeError: look() returned NoneType"),
        (variant(result="return Detection(flagged[:2], at_risk, evidence)"), "flagged must be 4 booleans"),
        (variant(result="return Detection(~at_risk, at_risk, evidence)"), "a trial is flagged that is not at risk"),
    ],
)
def test_an_error_while_looking_costs_no_other_finding_and_passes_no_limit(
    tmp_path: Path, code: str, said: str
) -> None:
    (tmp_path / "site").mkdir()
    package(tmp_path / "site", "odd", code, "odd:DETECTOR")
    done = run(tmp_path / "site", tmp_path, "inspect", "sweep.csv")
    assert done.returncode == 0, done.stderr
    assert "Too slow to serve (ABC101) says nothing here: it raised" in done.stdout
    assert said in done.stdout
    assert "no issue found; 1 detector raised an error" in done.stdout
    gated = run(tmp_path / "site", tmp_path, "inspect", "sweep.csv", "--thresholds", "latency_rate: 10%")
    assert gated.returncode == 1
    assert "INCONCLUSIVE" in gated.stdout
    debugged = run(tmp_path / "site", tmp_path, "inspect", "sweep.csv", debug=True)
    assert "Traceback" in debugged.stderr


def test_evidence_that_fails_is_said_and_the_issue_stays(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    bad = variant(result="return Detection(flagged, at_risk, lambda row: 1 / 0)")
    package(tmp_path / "site", "odd", bad, "odd:DETECTOR")
    done = run(tmp_path / "site", tmp_path, "inspect", "sweep.csv")
    assert "2 of 4 trials affected" in done.stdout
    assert "no evidence: it raised ZeroDivisionError: division by zero" in done.stdout
