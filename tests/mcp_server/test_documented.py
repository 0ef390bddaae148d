"""What the pages show is true: each block starts the server, and the calls answer what stands there."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EXAMPLES
from tests.mcp_server.client import VERSION_2, Client, connect

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "mcp.md"
BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
TRANSCRIPT = re.compile(r"(<!-- transcript -->\n).*?(<!-- /transcript -->)", re.DOTALL)
DIGITS = "digits_sweep.csv"
# Tool, arguments, and which part of the answer is shown.
CALLS: tuple[tuple[str, dict[str, Any], tuple[str | int, ...]], ...] = (
    ("list_sweeps", {}, ("sweeps", 0)),
    ("inspect_sweep", {"path": DIGITS}, ("inspection", "gate", "reasons")),
    ("list_issues", {"path": DIGITS, "only": "HP301", "limit": 1}, ("issues",)),
    ("explain_cause", {"path": DIGITS, "cause": "C2"}, ("causes", 0, "explanation")),
    ("suggest_next_experiments", {"path": DIGITS}, ("recommendations", 0)),
)
pytestmark = pytest.mark.anyio


def servers(path: Path) -> list[dict[str, Any]]:
    """The servers that the blocks of a page, or a configuration itself, describe."""
    text = path.read_text(encoding="utf-8")
    blocks = [text] if path.suffix == ".json" else BLOCK.findall(text)
    return [server for block in blocks for server in _servers(json.loads(block))]


def _servers(block: dict[str, Any]) -> list[dict[str, Any]]:
    return list((block.get("servers") or block["mcpServers"]).values())


def test_there_is_a_block_for_each_client() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for heading in ("## VS Code and Copilot", "## Cursor", "## Claude Desktop"):
        assert "```json" in text.split(heading)[1].split("\n## ")[0], heading


@pytest.mark.parametrize("number", range(3))
async def test_the_blocks_of_the_page_start_the_server(number: int, workspace: Path) -> None:
    """As they stand, but that the workspace is a folder of this test."""
    assert len(servers(PAGE)) == 3
    await _start(servers(PAGE)[number], workspace)


async def test_the_blocks_of_the_readme_start_the_server(workspace: Path) -> None:
    [server] = servers(ROOT / "README.md")
    await _start(server, workspace)


async def test_the_projects_own_configuration_starts_the_server(workspace: Path) -> None:
    [server] = servers(ROOT / ".vscode" / "mcp.json")
    assert server["type"] == "stdio"
    assert list(ROOT.glob(server["dev"]["watch"]))
    assert server["envFile"].removeprefix("${workspaceFolder}/") in (ROOT / ".gitignore").read_text().splitlines()
    await _start(server, workspace)


async def _start(server: dict[str, Any], workspace: Path) -> None:
    (workspace / ".venv").symlink_to(sys.prefix)
    filled = json.loads(
        json.dumps(server)
        .replace("${workspaceFolder}", str(workspace))
        .replace("/home/you/experiments", str(workspace))
    )
    assert set(filled) <= {"type", "command", "args", "cwd", "envFile", "dev"}
    assert filled.get("type", "stdio") == "stdio"
    # Cursor and Claude Desktop start servers elsewhere.
    cwd = Path(filled.get("cwd", "/"))
    async with connect(*filled["args"], command=filled["command"], cwd=cwd) as client:
        assert (await client.call("list_sweeps")).data["roots"] == [str(workspace)]


async def test_the_transcript_is_what_the_server_answers() -> None:
    async with connect(cwd=EXAMPLES) as client:
        told = "".join([await _told(client, *call) for call in CALLS])
    text = PAGE.read_text(encoding="utf-8")
    fresh = TRANSCRIPT.sub(lambda match: f"{match[1]}```text\n{told.strip()}\n```\n{match[2]}", text)
    if os.environ.get("UPDATE_GOLDEN") and VERSION_2:
        PAGE.write_text(fresh, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == fresh


async def _told(client: Client, name: str, arguments: dict[str, Any], part: tuple[str | int, ...]) -> str:
    shown = (await client.call(name, **arguments)).data
    for key in part:
        shown = shown[key]
    text = shown if isinstance(shown, str) else json.dumps(shown, indent=2, ensure_ascii=False)
    place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in part)
    return f"→ {name} {json.dumps(arguments)}\n← {place}\n{text}\n\n"
