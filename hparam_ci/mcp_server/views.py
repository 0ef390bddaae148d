"""What the tools answer: typed, within a size, and made of texts that stay on their line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hparam_ci.errors import UserError
from hparam_ci.inspection import (
    BucketTable,
    Cause,
    Comparison,
    Drivers,
    Fact,
    Inspection,
    Recommendation,
    SearchSpace,
    Skipped,
    SweepResult,
    Undetermined,
    Verdict,
)
from hparam_ci.mcp_server.jobs import IssueRow, SweepFile
from hparam_ci.report.reduced import LISTS, without
from hparam_ci.report.sanitize import plain_text

PAGE_CHARACTERS = 40_000
OWN_TEXTS = frozenset({"result", "page", "code_text", "explanation"})
"""Fields whose text is made here, of lines, with what it quotes made safe already."""


class Report(Fact, frozen=True):
    """A report as Markdown; where it is long, a piece of it, whose last line says how to go on."""

    result: str


class SweepList(Fact, frozen=True):
    """What there is to inspect below the folders that may be read."""

    roots: tuple[str, ...]
    total: int
    sweeps: tuple[SweepFile, ...]
    skipped: tuple[Skipped, ...]
    next_cursor: str | None = None


class SweepPage(Fact, frozen=True):
    """An inspection, or as many of its sweeps as fit.

    `sweeps_in_all` counts all; `left_out` names the lists that were emptied to fit (all of it is in the resource
    `hparam://last/inspection.json`); `next_cursor` leads to the next sweeps.
    """

    inspection: Inspection
    sweeps_in_all: int
    left_out: tuple[str, ...] = ()
    next_cursor: str | None = None


class IssuePage(Fact, frozen=True):
    """Issues, the gravest first: `total` counts all that were asked for; `not_checked` says who could not look."""

    total: int
    issues: tuple[IssueRow, ...]
    not_checked: tuple[str, ...]
    next_cursor: str | None = None


class ExplainedCause(Fact, frozen=True):
    """One cause with what it rests on.

    `explanation` says it in Markdown, `buckets` has the rates of all issues over each hyperparameter of the condition
    (where this cause alone was asked for), `recommendations` are those that rest on it.
    """

    sweep: str
    cause: Cause
    asserted: bool
    explanation: str
    buckets: tuple[BucketTable, ...]
    recommendations: tuple[Recommendation, ...]


class Explanation(Fact, frozen=True):
    """The causes that were asked for, and of what no cause can be told."""

    causes: tuple[ExplainedCause, ...]
    undetermined: tuple[Undetermined, ...]


class NextExperiments(Fact, frozen=True):
    """What to change, what moves the objective, and where to search next; `code_text` is that space for a tool."""

    sweep: str
    recommendations: tuple[Recommendation, ...]
    drivers: Drivers | None
    next_space: SearchSpace | None
    code_text: str = ""


class Compared(Fact, frozen=True):
    """A sweep held against a baseline: what changed, the verdict, and the new causes."""

    verdict: Verdict
    reasons: tuple[str, ...]
    comparison: Comparison
    new_causes: tuple[Cause, ...]


# --- pages ----------------------------------------------------------------------------------------


def cursor_at(offset: int, digest: str) -> str:
    """A cursor that goes on from `offset`, as long as what is listed has not changed."""
    return f"{offset}-{digest[:12]}"


def offset_of(cursor: str, digest: str | None = None) -> int:
    """Where a cursor goes on; 0 without one.

    Raises:
        UserError: it is none of ours, or what is listed has changed since (where `digest` is given).
    """
    if not cursor:
        return 0
    number, _, seen = cursor.partition("-")
    if not number.isdecimal() or len(number) > 12:
        raise UserError("cursor: give the next_cursor of the page before, as it was, or none.")
    if digest is not None and digest[:12] != seen:
        raise UserError("cursor: the file has changed since the page before; begin again without a cursor.")
    return int(number)


def digest_of(inspection: Inspection) -> str:
    """What an inspection was made of, in short."""
    return hashlib.sha256("".join(sweep.sha256 for sweep in inspection.sweeps).encode()).hexdigest()


PICTURES = ("sample",)


def sweep_page(inspection: Inspection, cursor: str) -> SweepPage:
    """As many sweeps from the cursor on as fit; of one that is too long alone, the lists that matter least go.

    The sample that pictures are drawn from is left out: a client reads, and does not draw.
    """
    digest = digest_of(inspection)
    first = offset_of(cursor, digest)
    sweeps, left_out = _fitting([without(sweep, PICTURES) for sweep in inspection.sweeps[first:]])
    end = first + len(sweeps)
    return SweepPage(
        inspection=msgspec.structs.replace(inspection, sweeps=sweeps),
        sweeps_in_all=len(inspection.sweeps),
        left_out=left_out,
        next_cursor=cursor_at(end, digest) if end < len(inspection.sweeps) else None,
    )


def _fitting(sweeps: Sequence[SweepResult]) -> tuple[tuple[SweepResult, ...], tuple[str, ...]]:
    fitting: list[SweepResult] = []
    room = PAGE_CHARACTERS
    for sweep in sweeps:
        room -= _size(sweep)
        if room < 0:
            break
        fitting.append(sweep)
    if fitting or not sweeps:
        return tuple(fitting), ()
    lists = tuple(name for name in LISTS if name not in PICTURES)
    shorter = ((without(sweeps[0], lists[:most]), lists[:most]) for most in range(1, len(lists) + 1))
    kept, left_out = next((pair for pair in shorter if _size(pair[0]) <= PAGE_CHARACTERS), (None, lists))
    return (kept or without(sweeps[0], lists),), left_out


def _size(fact: Fact) -> int:
    return len(msgspec.json.encode(fact))


def text_page(text: str, offset: int) -> str:
    """A piece of a long text that ends with a line, and with what to say to go on."""
    piece = text[offset : offset + PAGE_CHARACTERS]
    if offset + len(piece) >= len(text):
        return piece
    end = offset + (piece.rfind("\n") + 1 or len(piece))
    return f"{text[offset:end]}\n_{len(text) - end:,} characters follow: call again with offset {end}._\n"


# --- texts ----------------------------------------------------------------------------------------


def plain(result: Fact) -> dict[str, Any]:
    """A result as JSON values. Each text of a file is one line of what can be seen, and shortened."""
    cleaned: dict[str, Any] = _cleaned(msgspec.json.decode(msgspec.json.encode(result)))
    return cleaned


def _cleaned(value: Any, name: str = "") -> Any:
    if isinstance(value, str):
        return value if not value or name in OWN_TEXTS else plain_text(value)
    if isinstance(value, Mapping):
        return {key if key in OWN_TEXTS else plain_text(key): _cleaned(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, name) for item in value]
    return value
