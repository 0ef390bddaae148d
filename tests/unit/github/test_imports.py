"""Runs that publish nothing must not pay for an HTTP library."""

import subprocess
import sys

import pytest

HEAVY = ("github", "requests", "urllib3")


@pytest.mark.parametrize("module", ["api", "commands", "comments", "event", "permissions", "pulls", "retry"])
def test_loads_without_an_http_library(module: str) -> None:
    code = f"import sys, hparam_ci.github.{module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
