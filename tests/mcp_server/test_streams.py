"""Progress, cancellation, the end of a client, and that nothing but the protocol reaches standard output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mcp_server.client import MODES, connect, environment
from tests.mcp_server.plugin import NOISE, gone, install, slow, started

DIGITS = "digits_sweep.csv"
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", MODES)
async def test_progress_rises_and_says_what_is_done(workspace: Path, tmp_path: Path, mode: str) -> None:
    heard: list[tuple[float, str]] = []
    env = install(tmp_path / "site", at_work="time.sleep(3)")
    async with connect(cwd=workspace, mode=mode, env=env) as client:
        await client.call("inspect_sweep", lambda done, text: heard.append((done, text)), path=DIGITS)
    times = [done for done, _ in heard]
    assert len(times) >= 3
    assert times == sorted(set(times))
    assert "inspecting digits_sweep.csv" in {text for _, text in heard}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("stubborn", [False, True])
async def test_a_cancelled_call_ends_its_process(workspace: Path, tmp_path: Path, mode: str, stubborn: bool) -> None:
    env, note = slow(tmp_path / "site", "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if stubborn else "pass")
    async with connect(cwd=workspace, mode=mode, env=env) as client:
        worker = 0

        async def begun() -> None:
            nonlocal worker
            worker = await started(note)

        await client.call_until(begun, "inspect_sweep", path=DIGITS)
        assert gone(worker)
        assert not (await client.call("explain_detector", rule="HP101")).failed


@pytest.mark.parametrize("end", ["close", "kill"])
async def test_a_client_that_goes_leaves_nothing_running(workspace: Path, tmp_path: Path, end: str) -> None:
    env, note = slow(tmp_path / "site")
    with _server(workspace, env) as server:
        assert server.stdin is not None
        server.stdin.write(_calls(("inspect_sweep", {"path": DIGITS})))
        server.stdin.flush()
        worker = await started(note)
        if end == "close":
            server.stdin.close()
        else:
            server.send_signal(signal.SIGKILL)
        assert server.wait(20) == (0 if end == "close" else -signal.SIGKILL)
    assert gone(worker)


def test_nothing_but_the_protocol_reaches_standard_output(workspace: Path, tmp_path: Path) -> None:
    """Noise from a detector in the worker, and from a thread in the server itself, by print, descriptor and child."""
    env = install(tmp_path / "site", at_import=NOISE, at_work=NOISE)
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import os, subprocess, sys, threading, time\n"
        "def noise():\n"
        "    while 'hparam_ci.mcp_server.server' not in sys.modules:\n"
        "        time.sleep(0.05)\n"
        "    while True:\n"
        f"        {NOISE}\n"
        "        time.sleep(0.2)\n"
        "if 'hparam_ci.mcp_server' in sys.orig_argv:\n"
        "    threading.Thread(target=noise, daemon=True).start()\n"
    )
    calls = [("inspect_sweep", {"path": DIGITS}), ("explain_detector", {"rule": "HP101"}), ("list_sweeps", {})]
    server = _server(workspace, env)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(_calls(*calls))
    server.stdin.flush()
    messages = []
    while len([one for one in messages if "result" in one]) < 1 + len(calls):
        messages.append(json.loads(server.stdout.readline()))
    rest, errors = server.communicate(timeout=20)
    messages += [json.loads(line) for line in rest.splitlines()]
    assert all(one["jsonrpc"] == "2.0" for one in messages)
    assert {one["id"] for one in messages if "result" in one} == {0, 1, 2, 3}
    assert not any(one["result"].get("isError") for one in messages if "result" in one)
    assert errors.count(b"NOISE") > 10


def _server(workspace: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "hparam_ci.mcp_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=workspace,
        env=environment(env) | {"PATH": os.environ["PATH"]},
    )


def _calls(*calls: tuple[str, dict[str, str]]) -> bytes:
    """The handshake and some calls, as lines."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    messages = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        *(
            {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(calls, 1)
        ),
    ]
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)
