"""One job in a worker process: its messages as they come, its result, and its end when nobody waits any more."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from hparam_ci.errors import UserError
from hparam_ci.mcp_server.jobs import AnyJob, Done, Event, Failed, Said

Report = Callable[[float, str], Awaitable[None]]
Result = TypeVar("Result")
GRACE = 2.0  # seconds between asking a worker to end and ending it
HEARTBEAT = 1.0  # seconds between signs of life
LONGEST = 1 << 30  # bytes of a result

_ending: set[asyncio.Task[None]] = set()


async def run(job: AnyJob, kind: type[Result], report: Report) -> Result:
    """Do a job; a caller that is cancelled meanwhile ends the process that does it.

    Args:
        job: what to do.
        kind: the type of its result.
        report: hears the seconds so far, each time more than before, and how far it is.

    Raises:
        UserError: what the caller can mend, or that the worker failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-X", "utf8", "-m", "hparam_ci.mcp_server.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(job) + b"\n")
        last = await _heard(process, report)
        code = await process.wait()
    finally:
        _end(process)
    if isinstance(last, Done):
        return msgspec.json.decode(last.result, type=kind)
    reason = last.reason if last else f"the process that inspects ended early (exit code {code}); see the server's log."
    raise UserError(reason)


async def _heard(process: asyncio.subprocess.Process, report: Report) -> Done | Failed | None:
    """The worker's last word; None where it ends without one."""
    started, seconds, text = time.monotonic(), 0.0, "starting"
    async for event in _events(process):
        if isinstance(event, Done | Failed):
            return event
        text = event.text if event else text
        seconds = max(round(time.monotonic() - started, 3), round(seconds + 0.001, 3))
        await report(seconds, text)
    return None


async def _events(process: asyncio.subprocess.Process) -> AsyncIterator[Said | Done | Failed | None]:
    """What the worker writes; None each time that it has been silent for a heartbeat."""
    assert process.stdout is not None
    reading = asyncio.ensure_future(process.stdout.readline())
    try:
        while True:
            done, _ = await asyncio.wait({reading}, timeout=HEARTBEAT)
            if not done:
                yield None
                continue
            line: bytes = reading.result()
            if not line.endswith(b"\n"):
                return
            yield _event(line)
            reading = asyncio.ensure_future(process.stdout.readline())
    finally:
        reading.cancel()


def _event(line: bytes) -> Any:
    return msgspec.json.decode(line, type=Event)


def _end(process: asyncio.subprocess.Process) -> None:
    """End a worker in the background: whoever is cancelled can wait for nothing."""
    if process.returncode is None:
        task = asyncio.get_running_loop().create_task(_ended(process))
        _ending.add(task)
        task.add_done_callback(_ending.discard)


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        process.terminate()
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        process.kill()
    except ProcessLookupError:
        return
