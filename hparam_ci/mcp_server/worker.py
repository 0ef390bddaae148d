"""The process that does one job and ends: it can be stopped at any moment, and nothing in it can reach the protocol.

A job comes in on standard input, whose end means that nobody waits any more; events go out on what was standard output
when it started. Whatever libraries and detectors print goes to standard error.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import msgspec

from hparam_ci._process import set_up
from hparam_ci.mcp_server.jobs import AnyJob, Done, Event, Failed, Said
from hparam_ci.mcp_server.streams import private_output


def main() -> None:
    """Read a job, do it, write what comes of it."""
    wire = private_output()
    signal.signal(signal.SIGTERM, _stop)
    set_up()
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=AnyJob)
    threading.Thread(target=_stop_when_alone, daemon=True).start()
    encoder = msgspec.json.Encoder()

    def tell(event: Event) -> None:
        wire.write(encoder.encode(event) + b"\n")
        wire.flush()

    try:
        tell(_answered(job, lambda text: tell(Said(text))))
    except BrokenPipeError:
        os._exit(1)
    os._exit(0)  # all is said: what an interpreter does at its end would only keep the caller waiting


def _answered(job: AnyJob, say: Callable[[str], None]) -> Event:
    from hparam_ci.errors import UserError
    from hparam_ci.mcp_server.answers import answer

    try:
        return Done(msgspec.Raw(msgspec.json.encode(answer(job, say))))
    except UserError as error:
        return Failed(str(error))
    except Exception as error:  # noqa: BLE001 - the client hears of it; the traceback goes to the log
        import traceback

        traceback.print_exc()
        return Failed(f"internal error: {type(error).__name__}: {error}", internal=True)


def _stop(*_: object) -> NoReturn:
    sys.exit(1)  # so that what is running below it (a crew) is ended on the way out


def _stop_when_alone() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
