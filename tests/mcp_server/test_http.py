"""Streamable HTTP: the same tools, only for this machine, and for no page in a browser under another name."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from tests.mcp_server.client import MODES, connect, environment
from tests.mcp_server.plugin import gone, slow, started

HELLO = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
pytestmark = pytest.mark.anyio


@contextmanager
def serving(workspace: Path, env: dict[str, str] | None = None) -> Iterator[int]:
    """The port where a server serves the workspace."""
    command = [sys.executable, "-m", "hparam_ci.mcp_server", "--http", "--port", "0", "--allowed-host", "sweeps.test"]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=workspace, env=environment(env), **pipes) as server:
        assert server.stderr is not None
        address = server.stderr.readline().decode()
        found = re.fullmatch(r"serving MCP at http://127\.0\.0\.1:(\d+)/mcp\n", address)
        try:
            assert found, address
            yield int(found[1])
        finally:
            server.terminate()
            out, _ = server.communicate(timeout=20)
        assert out == b""


@pytest.fixture
def port(workspace: Path) -> Iterator[int]:
    with serving(workspace) as port:
        yield port


@pytest.mark.parametrize("mode", MODES)
async def test_a_cancelled_call_ends_its_process(workspace: Path, tmp_path: Path, mode: str) -> None:
    env, note = slow(tmp_path / "site")
    with serving(workspace, env) as port:
        async with connect(cwd=workspace, url=f"http://127.0.0.1:{port}/mcp", mode=mode) as client:
            worker = 0

            async def begun() -> None:
                nonlocal worker
                worker = await started(note)

            await client.call_until(begun, "inspect_sweep", path="digits_sweep.csv")
            assert await anyio.to_thread.run_sync(gone, worker)
            assert not (await client.call("explain_detector", rule="HP101")).failed


async def test_tools_over_http(port: int, workspace: Path, tmp_path: Path) -> None:
    heard: list[float] = []
    url = f"http://127.0.0.1:{port}/mcp"
    async with connect(cwd=workspace, url=url, roots=[tmp_path.as_uri()]) as client:
        page = await client.call("inspect_sweep", lambda done, _: heard.append(done), path="digits_sweep.csv")
        assert page.data["inspection"]["gate"]["verdict"] == "fail"
        assert heard == sorted(set(heard)) != []
        assert (await client.read("hparam://last/report.md")).startswith("## ❌")
        # Any program of this machine is a client here: what it announces does not widen what may be read.
        assert (await client.call("list_sweeps")).data["roots"] == [str(workspace)]


def test_other_names_are_refused(port: int) -> None:
    own = f"127.0.0.1:{port}"
    assert _post(port, own) == 200
    assert _post(port, f"localhost:{port}", origin=f"http://localhost:{port}") == 200
    assert _post(port, "sweeps.test") == 200
    assert _post(port, "evil.example") == 421
    assert _post(port, f"evil.example:{port}") == 421
    assert _post(port, own, origin="https://evil.example") == 403


def _post(port: int, host: str, origin: str = "") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {
        "Host": host,
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        **({"Origin": origin} if origin else {}),
    }
    connection.request("POST", "/mcp", json.dumps(HELLO), headers)
    status = connection.getresponse().status
    connection.close()
    return status
