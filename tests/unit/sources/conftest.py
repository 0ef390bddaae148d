"""Real stores: each script of tests/producers runs once a session, in the environment of its tool."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "tests" / "producers"

Produced = Callable[..., Path]
Elsewhere = Callable[..., str]


def run(folder: Path, *arguments: str, tools: str = ".producers") -> str:
    """What a Python program in the tools' environment prints."""
    python = ROOT / tools / "bin" / "python"
    assert python.exists(), f"the tools are not installed: run `make {tools}/.ready`"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "WANDB_SILENT": "true"}
    done = subprocess.run(
        [str(python), *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="session")
def produced(tmp_path_factory: pytest.TempPathFactory) -> Produced:
    """The folder in which `make_NAME.py` has run; the workers of one session share it.

    Those of tests/producers/on_torch run in an environment of their own, `.producers-torch`.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make(name: str, *arguments: str) -> Path:
        folder = shared / f"producer-{name}"
        folder.mkdir(exist_ok=True)
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "done").exists():
                script = f"make_{name}.py"
                if (SCRIPTS / script).exists():
                    run(folder, str(SCRIPTS / script), *arguments)
                else:
                    run(folder, str(SCRIPTS / "on_torch" / script), *arguments, tools=".producers-torch")
                (folder / "done").touch()
        return folder

    return make


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    """Run a program in the tools' environment."""
    return lambda *arguments: run(tmp_path, *arguments)
