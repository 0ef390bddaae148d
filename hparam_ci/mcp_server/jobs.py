"""What the worker process is asked and what it answers: one job in, some messages and one end out, as JSON lines."""

from __future__ import annotations

import msgspec

from hparam_ci.inspection import Fact, Inspection, Skipped


class Job(Fact, frozen=True, tag=True):
    """What is to be done below `root`, with the configuration `config` of it ("" for the usual places)."""

    root: str
    config: str = ""


class Inspect(Job, frozen=True, kw_only=True, tag=True):
    """Inspect what is at a path; with `crew`, have a model explain it where one is configured."""

    path: str
    crew: bool = False


class Compare(Job, frozen=True, kw_only=True, tag=True):
    """Inspect what is at a path and hold it against a baseline below the same root."""

    path: str
    baseline: str


class ListIssues(Job, frozen=True, kw_only=True, tag=True):
    """Some of the issues at a path: those of detectors that `only` names, from `offset` on."""

    path: str
    only: str = ""
    offset: int = 0
    limit: int = 50


class ListSweeps(Job, frozen=True, kw_only=True, tag=True):
    """What there is to inspect below a path."""

    path: str = "."


class Explain(Job, frozen=True, kw_only=True, tag=True):
    """The page of a detector; without a name the index of all."""

    rule: str = ""


AnyJob = Inspect | Compare | ListIssues | ListSweeps | Explain


# --- what comes back ------------------------------------------------------------------------------


class Said(msgspec.Struct, frozen=True, tag=True):
    """How far it is."""

    text: str


class Done(msgspec.Struct, frozen=True, tag=True):
    """The result, of the job's own type."""

    result: msgspec.Raw


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Why there is none: the user's to mend, or an error of ours."""

    reason: str
    internal: bool = False


Event = Said | Done | Failed


class Inspected(Fact, frozen=True):
    """An inspection and its report as Markdown, with a model's sentences where it was asked."""

    inspection: Inspection
    report: str


class Issues(Fact, frozen=True):
    """One page of issues: `total` counts all that were asked for, `digest` is that of the file."""

    total: int
    digest: str
    issues: tuple[IssueRow, ...]
    not_checked: tuple[str, ...]


class IssueRow(Fact, frozen=True):
    """One issue of one trial; what is said of the sweep as a whole has neither trial nor line."""

    sweep: str
    trial: str | None
    line: int | None
    code: str
    name: str
    severity: str
    column: str
    value: str
    limit: str
    message: str


class SweepFile(Fact, frozen=True):
    """Something to inspect: a table by its ending, or the store of a tool; `bytes` is None for a folder."""

    path: str
    kind: str
    bytes: int | None


class Found(Fact, frozen=True):
    """What there is to inspect below one root."""

    sweeps: tuple[SweepFile, ...]
    skipped: tuple[Skipped, ...]


class DetectorPage(Fact, frozen=True):
    """One detector: what it finds, how grave that is, which rate it counts towards, and its page as Markdown."""

    code: str
    name: str
    title: str
    severity: str
    confidence: str
    rate: str
    summary: str
    page: str
