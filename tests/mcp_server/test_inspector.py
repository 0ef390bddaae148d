"""The official MCP Inspector, from the npm registry, as a client that is not our SDK's own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PACKAGES = ("node@22", "@modelcontextprotocol/inspector@2.12.0")  # it needs Node.js 22, which is a package as well
DIGITS = "digits_sweep.csv"
pytestmark = [
    pytest.mark.inspector,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm, which comes with Node.js"),
]


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that runs it."""
    folder = tmp_path_factory.mktemp("inspector")
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder), *PACKAGES]
    subprocess.run(install, check=True, timeout=500)
    modules = folder / "node_modules"
    return [str(modules / "node" / "bin" / "node"), str(modules / ".bin" / "mcp-inspector"), "--cli"]


def run(inspector: list[str], workspace: Path, method: str, *arguments: str, code: int = 0) -> Any:
    server = [sys.executable, "-m", "hparam_ci.mcp_server", "--root", str(workspace)]
    command = [*inspector, *server, "--method", method, *arguments]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_every_client_can_read_the_tools(inspector: list[str], workspace: Path) -> None:
    tools = run(inspector, workspace, "tools/list", "--strict")["tools"]
    assert {"analyze_hparam_csv", "inspect_sweep", "list_sweeps"} <= {tool["name"] for tool in tools}


def test_calls(inspector: list[str], workspace: Path) -> None:
    call = ("tools/call", "--tool-name", "inspect_sweep", "--tool-arg")
    called = run(inspector, workspace, *call, f"path={DIGITS}")
    assert called["structuredContent"]["inspection"]["gate"]["verdict"] == "fail"
    refused = run(inspector, workspace, *call, "path=../x.csv", code=5)
    assert refused["isError"]
    assert "outside of what may be read" in refused["content"][0]["text"]


def test_resources_and_prompts(inspector: list[str], workspace: Path) -> None:
    [page] = run(inspector, workspace, "resources/read", "--uri", "hparam://detectors/HP101")["contents"]
    assert page["text"].startswith("# HP101 nan-metric")
    prompt = run(
        inspector, workspace, "prompts/get", "--prompt-name", "review_sweep", "--prompt-args", f"path={DIGITS}"
    )
    assert DIGITS in prompt["messages"][0]["content"]["text"]
