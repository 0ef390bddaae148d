"""Error texts: the line that says what went wrong, in a traceback or a log."""

from __future__ import annotations

import re

WORDS = frozenset("error exception message reason traceback failure fail crash stderr".split())
"""Words in the name of what holds an error message."""

LONGEST = 300
"""Characters of a message that are kept."""

_SEARCHED = 20_000
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FRAME = re.compile(r"\s+File \"")
_EXCEPTION = re.compile(r"[\w.]*(?:Error|Exception|Exit|Interrupt|Fault|Killed)(?:\([\w.]+\))?(?::\s.*)?")


def what_went_wrong(text: str) -> str:
    """The line of a text that names the exception; of a text that is no traceback, its first line."""
    lines = [_COLOURS.sub("", line).rstrip() for line in text[-_SEARCHED:].splitlines()]
    lines = [line for line in lines if line]
    frames = [place for place, line in enumerate(lines) if _FRAME.match(line)]
    after = [line for line in lines[frames[-1] :] if not line[0].isspace()] if frames else []
    named = [line.strip() for line in lines if _EXCEPTION.fullmatch(line.strip())]
    said = after[0] if after else named[-1] if named else lines[0] if lines else ""
    return " ".join(said.split())[:LONGEST]


def exception_at_end(log: str, within: int = 5) -> str | None:
    """What a log's traceback says, where the log ends with one; None where the program went on."""
    lines = [line for line in log[-_SEARCHED:].splitlines() if line.strip()]
    frames = [place for place, line in enumerate(lines) if _FRAME.match(line)]
    if not frames:
        return None
    ends = [place for place in range(frames[-1], len(lines)) if not lines[place][0].isspace()]
    return what_went_wrong(log) if ends and len(lines) - ends[0] <= within else None
