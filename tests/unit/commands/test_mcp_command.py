"""`hparam-ci mcp`: a look without a client, and what is said where it cannot serve."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hparam_ci.cli import main
from hparam_ci.pipeline import inspect
from hparam_ci.report.render import report
from tests.conftest import EXAMPLES

ROOT = EXAMPLES.parent
SAMPLE = "sample_results.csv"
DEBUG = [sys.executable, "-m", "hparam_ci.mcp_server", "debug"]


def test_debug_prints_the_report_of_the_example(tmp_path: Path) -> None:
    done = subprocess.run(DEBUG, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == report(inspect([SAMPLE], root=EXAMPLES))
    assert "inspecting sample_results.csv" in done.stderr


def test_debug_of_another_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "debug", str(EXAMPLES / "healthy_sweep.csv")]) == 0
    assert capfd.readouterr().out == report(inspect(["healthy_sweep.csv"], root=EXAMPLES))
    assert main(["mcp", "debug", str(tmp_path / "gone.csv")]) == 2
    assert "does not exist" in capfd.readouterr().err


def test_the_working_folder_is_not_imported_from(tmp_path: Path) -> None:
    """It is what is inspected: a module in it must not take the place of one of ours or of a library."""
    for name in ("msgspec", "mcp", "pandas", "jinja2"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the working folder')")
    done = subprocess.run(DEBUG, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("## ❌")


@pytest.mark.parametrize("missing", ["mcp", "mcp.server.stdio"])
def test_without_an_sdk_that_works_it_says_what_to_install(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; from hparam_ci.cli import main; sys.exit(main(['mcp']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, input="")
    assert done.returncode == 2
    assert 'pip install "hparam-inspector[mcp]"' in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--root", "/no/such/folder", "--http"], "/no/such/folder is no folder"),
        (["--http", "--host", "192.0.2.1"], "Choose another with --host or --port"),
        (["serve", "sweep.csv"], "a file is for `hparam-ci mcp debug FILE`"),
    ],
)
def test_what_cannot_be_used(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_an_address_that_no_key_may_be_sent_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HPARAM_AI_API_KEY", "key")
    monkeypatch.setenv("HPARAM_AI_BASE_URL", "http://elsewhere.example/v1")
    assert main(["mcp", "--http"]) == 2
    assert "must begin with https://" in capsys.readouterr().err


def test_the_example_is_in_the_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(f"hparam_ci/examples/{SAMPLE}") == (EXAMPLES / SAMPLE).read_bytes()
        archive.extractall(tmp_path / "site")
    code = "import sys; from hparam_ci.commands.mcp import _sample; print(_sample())"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "site", capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == str(tmp_path / "site" / "hparam_ci" / "examples" / SAMPLE)
