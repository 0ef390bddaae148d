"""The process in which the crew runs: a request as JSON on standard input, a line of JSON an event on standard output.

It has a home of its own, none of the caller's variables, and is ended from outside when its time is up. What it says of
a failure is a class name and a status, never a message, which may repeat the prompt or the key.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any, TextIO

import msgspec

from hparam_ci.crew.answers import TASKS, Judged
from hparam_ci.crew.endpoint import Endpoint
from hparam_ci.crew.facts import Facts
from hparam_ci.review import Section, Sentence, Usage

# Set before the first import of CrewAI or LiteLLM: no telemetry, tracing, look-up of versions, prices or tokenizers.
SWITCHES = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_TRACKING": "true",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "OTEL_SDK_DISABLED": "true",
    "ANONYMIZED_TELEMETRY": "False",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "HF_HUB_OFFLINE": "1",
}


class Request(msgspec.Struct, frozen=True):
    """What the worker is given."""

    facts: Facts
    endpoint: Endpoint
    seconds: float
    hosts: tuple[str, ...] = ()


class Event(msgspec.Struct, frozen=True):
    """What the worker says: a task is done, or all is over (`task` is then empty)."""

    task: str = ""
    section: Section | None = None
    sentences: tuple[Sentence, ...] = ()
    refused: tuple[str, ...] = ()
    problem: str = ""
    usage: Usage = Usage()


def main() -> None:
    """Serve one request."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no event
    started = time.monotonic()
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    if request.hosts:
        from hparam_ci.crew.network import only

        only(request.hosts)
    serve(request, out, started)
    out.flush()
    os._exit(0)  # no library's exit handler has anything to do here


def serve(request: Request, out: TextIO, started: float) -> None:
    """Run the crew and write its events; whatever fails is an event."""
    for name, value in SWITCHES.items():
        os.environ[name] = value
    from hparam_ci.crew.grounding import Checker
    from hparam_ci.crew.llm import Meter

    meter = Meter(until=started + request.seconds)

    def tell(event: Event) -> None:
        out.write(msgspec.json.encode(event).decode() + "\n")
        out.flush()

    def report(task: str, judged: Judged) -> None:
        tell(Event(task, TASKS[task], judged.kept, judged.refused, judged.problem, meter.usage()))

    try:
        _kickoff(Checker(request.facts), request.endpoint, meter, report)
    except Exception as error:  # noqa: BLE001 - CrewAI and LiteLLM have no common base
        tell(Event(problem=describe(error), usage=meter.usage()))
    else:
        tell(Event(usage=meter.usage()))


def _kickoff(checker: Any, endpoint: Endpoint, meter: Any, report: Any) -> None:
    from hparam_ci.crew.crew import ReviewCrew

    made = ReviewCrew(checker, endpoint, meter, report)
    crew = made.crew()
    if crew.tasks:
        crew.kickoff(inputs=made.inputs())


def describe(error: BaseException) -> str:
    """A failure in one line that holds nothing of the request: our own words, or the name of its class."""
    from hparam_ci.crew.llm import OverBudgetError, RequestFailedError, UnusableAnswerError

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RequestFailedError):
            return cause.said
        if isinstance(cause, OverBudgetError | UnusableAnswerError):
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    return f"the crew ended with {type(error).__name__}"


if __name__ == "__main__":
    main()
