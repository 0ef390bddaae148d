"""The crew through the MCP server: where a key stands in the environment, and ended with the call that asks it."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest

from tests.conftest import EXAMPLES
from tests.crew.test_faults import KEY
from tests.crew.test_whole_run import GOOD
from tests.llm_server import ChatServer, Fault
from tests.mcp_server.client import connect
from tests.mcp_server.plugin import gone

DIGITS = "digits_sweep.csv"
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / DIGITS).write_bytes((EXAMPLES / DIGITS).read_bytes())
    (tmp_path / "pyproject.toml").write_text("[tool.hparam-inspector]\nai_timeout_seconds = 200\n")
    return tmp_path


def configured(url: str, home: Path) -> dict[str, str]:
    return {
        "HPARAM_AI_API_KEY": KEY,
        "HPARAM_AI_BASE_URL": url,
        "MODEL": "test/model-8B",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
    }


async def test_the_report_has_the_models_sentences(workspace: Path, tmp_path: Path) -> None:
    (workspace / ".env").write_text("HPARAM_AI_BASE_URL=http://127.0.0.1:9/v1\nMODEL=evil\n")
    heard: list[str] = []
    with ChatServer(GOOD) as server:
        async with connect(cwd=workspace, env=configured(server.url, tmp_path)) as client:
            told = await client.call("analyze_hparam_csv", lambda _, text: heard.append(text), csv_path=DIGITS)
            asked = len(server.requests)
            plain = await client.call("inspect_sweep", path=DIGITS)
    assert "✎" in told.text
    assert KEY not in told.text
    assert any("analyze_pathologies_task: 2 kept" in text for text in heard)
    assert not plain.failed
    assert len(server.requests) == asked == 3
    assert {received.json["model"] for received in server.requests} == {"test/model-8B"}


async def test_without_a_key_nobody_is_asked(workspace: Path, tmp_path: Path) -> None:
    (workspace / ".env").write_text(f"HPARAM_AI_API_KEY={KEY}\n")
    with ChatServer(GOOD) as server:
        env = configured(server.url, tmp_path) | {"HPARAM_AI_API_KEY": ""}
        async with connect(cwd=workspace, env=env) as client:
            told = await client.call("analyze_hparam_csv", csv_path=DIGITS)
    assert told.text.startswith("## ❌")
    assert "✎" not in told.text
    assert "no model" not in told.text
    assert server.requests == []


async def test_a_cancelled_call_ends_the_crew(workspace: Path, tmp_path: Path) -> None:
    with ChatServer([Fault(wait=30)]) as server:
        async with connect(cwd=workspace, env=configured(server.url, tmp_path)) as client:

            async def asked() -> None:
                with anyio.fail_after(120):
                    while not server.requests:
                        await anyio.sleep(0.1)

            crew: list[int] = []

            async def asked_and_seen() -> None:
                await asked()
                crew.extend(_crew_workers(tmp_path))

            await client.call_until(asked_and_seen, "analyze_hparam_csv", csv_path=DIGITS)
            assert crew
            assert all(gone(pid) for pid in crew)
            assert not (await client.call("list_sweeps")).failed


def _crew_workers(home: Path) -> list[int]:
    """The processes of a crew that a server of this test has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"hparam_ci.crew.worker" not in (process / "cmdline").read_bytes():
                continue
            parent = (process / "status").read_text().split("PPid:\t")[1].split()[0]
            if str(home).encode() in Path(f"/proc/{parent}/environ").read_bytes():
                found.append(int(process.name))
        except (OSError, IndexError):
            continue
    assert os.getpid() not in found
    return found
