"""What a job comes to: the pipeline, the commands' lists and the reports, put together. Runs in the worker alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import singledispatch
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hparam_ci.config import load_config
from hparam_ci.errors import UserError, nearest
from hparam_ci.inspection import Inspection, Skipped
from hparam_ci.mcp_server import jobs
from hparam_ci.paths import literal
from hparam_ci.review import OFF, Review
from hparam_ci.settings import Settings, build

if TYPE_CHECKING:
    from hparam_ci.detectors.detector import Detector
    from hparam_ci.detectors.run import IssueTable
    from hparam_ci.sources.discovery import Discovery

Say = Callable[[str], None]
MOST_FILES = 10_000


def answer(job: jobs.AnyJob, say: Say) -> Any:
    """The result of a job.

    Args:
        job: what to do.
        say: hears how far it is.

    Raises:
        UserError: what the caller can mend.
    """
    return _answer(job, say)


@singledispatch
def _answer(job: Any, say: Say) -> Any:
    raise TypeError(f"no job of the server: {type(job).__name__}")


@_answer.register
def _(job: jobs.Inspect, say: Say) -> jobs.Inspected:
    from hparam_ci.report.render import report

    settings = _settings(job)
    inspection = _inspected(job.path, job, settings, say)
    review = _reviewed(inspection, settings, say) if job.crew else OFF
    return jobs.Inspected(inspection=inspection, report=report(inspection, review=review))


@_answer.register
def _(job: jobs.Compare, say: Say) -> jobs.Inspected:
    from hparam_ci.pipeline import against, read_baseline
    from hparam_ci.report.render import report

    settings = _settings(job)
    inspection = _inspected(job.path, job, settings, say)
    say(f"reading {job.baseline}")
    baseline = read_baseline(_literal(job.baseline, Path(job.root)), settings, job.root)
    compared = against(inspection, baseline, job.baseline, settings)
    return jobs.Inspected(inspection=compared, report=report(compared))


@_answer.register
def _(job: jobs.ListIssues, say: Say) -> jobs.Issues:
    from hparam_ci.commands.issues import rows, total, unseen

    say(f"inspecting {job.path}")
    tables = _detected(job)
    wanted = _wanted(job.only)
    listed = chain.from_iterable(
        (_issue(table.sweep.table.path, row) for row in rows(table, _of(table, wanted))) for table in tables
    )
    return jobs.Issues(
        total=sum(total(table, _of(table, wanted)) for table in tables),
        digest=hashlib.sha256("".join(table.sweep.table.sha256 for table in tables).encode()).hexdigest(),
        issues=tuple(islice(listed, job.offset, job.offset + job.limit)),
        not_checked=tuple(dict.fromkeys(line for table in tables for line in unseen(table, _of(table, wanted)))),
    )


@_answer.register
def _(job: jobs.ListSweeps, say: Say) -> jobs.Found:
    from hparam_ci.sources.stores import claims

    say(f"looking below {job.root}")
    root = Path(job.root)
    found = _discovered(job.path, root, _settings(job), MOST_FILES)
    sweeps = []
    for file in found.files:
        path = root / file
        size = None if path.is_dir() else path.stat().st_size
        sweeps.append(jobs.SweepFile(path=file.as_posix(), kind=claims(path) or "table", bytes=size))
    return jobs.Found(sweeps=tuple(sweeps), skipped=_skipped(found))


@_answer.register
def _(job: jobs.Explain, say: Say) -> jobs.DetectorPage:
    from hparam_ci.detectors._pages import index, page
    from hparam_ci.detectors.registry import all_detectors, find_detector

    if not job.rule:
        names = ("code", "name", "title", "severity", "confidence", "rate", "summary")
        return jobs.DetectorPage(page=index(), **dict.fromkeys(names, ""))
    detector = find_detector(job.rule)
    if detector is None:
        near = nearest(job.rule, [name for d in all_detectors() for name in (d.name, d.code)])
        hint = f"did you mean {near}?" if near else "the resource hparam://detectors lists all."
        raise UserError(f"there is no detector {job.rule[:80]!r}; {hint}")
    return jobs.DetectorPage(
        code=detector.code,
        name=detector.name,
        title=detector.title,
        severity=detector.severity,
        confidence=detector.confidence,
        rate=detector.rate,
        summary=detector.summary,
        page=page(detector),
    )


# --- what they share ------------------------------------------------------------------------------


def _settings(job: jobs.Job) -> Settings:
    config, place = load_config(Path(job.root), job.config)
    return build({}, label=str, config=config, config_path=place)


def _literal(path: str, root: Path) -> str:
    """A path that exists as a pattern that means nothing else."""
    return literal(path) if (root / path).exists() else path


def _inspected(path: str, job: jobs.Job, settings: Settings, say: Say) -> Inspection:
    from hparam_ci.pipeline import inspect

    def progress(number: int, total: int, name: str) -> None:
        say(f"inspecting {name}" + (f" ({number + 1} of {total})" if total > 1 else ""))

    inspection = inspect([_literal(path, Path(job.root))], settings, root=job.root, progress=progress)
    if not inspection.sweeps:
        why = f" ({inspection.skipped[0].reason})" if inspection.skipped else ""
        raise UserError(f"{path}: no sweep was found there{why}. Name a table with one row a trial, or a store.")
    return inspection


def _reviewed(inspection: Inspection, settings: Settings, say: Say) -> Review:
    """What the crew says where a key stands in the environment; no file of the workspace has a say in where it goes."""
    from hparam_ci.commands.review import asked
    from hparam_ci.crew.endpoint import endpoint, from_environment

    found = endpoint(*from_environment(settings.ai_model, settings.ai_base_url, os.environ, None), os.environ)
    if found is None:
        return OFF
    say(f"asking {found.name}")
    return asked(inspection, found, settings, say)


def _discovered(path: str, root: Path, settings: Settings, most: int) -> Discovery:
    from hparam_ci.sources.discovery import find
    from hparam_ci.sources.open import is_store

    most_bytes = settings.max_file_size_mb * 1024 * 1024
    return find([_literal(path, root)], root, max_files=most, max_file_bytes=most_bytes, is_store=is_store)


def _skipped(found: Discovery) -> tuple[Skipped, ...]:
    return tuple(Skipped(path=one.path, reason=one.reason, kind=one.kind) for one in found.skipped)


def _detected(job: jobs.ListIssues) -> list[IssueTable]:
    """The sweeps at the path and what the detectors saw in them.

    Raises:
        UserError: there is none.
    """
    from hparam_ci.detectors.run import detect
    from hparam_ci.selection import selection_for
    from hparam_ci.sources.read import read_sweeps, why_no_sweep

    settings, root = _settings(job), Path(job.root)
    found = _discovered(job.path, root, settings, settings.max_files)
    sweeps = [sweep for file in found.files for sweep in read_sweeps(file, root, settings.columns)]
    reasons = [*(why_no_sweep(sweep) for sweep in sweeps), *(one.reason for one in found.skipped)]
    tables = [
        detect(sweep, selection_for(sweep.table.path, settings.detectors))
        for sweep in sweeps
        if not why_no_sweep(sweep)
    ]
    if not tables:
        why = f" ({reasons[0]})" if reasons else ""
        raise UserError(f"{job.path}: no sweep was found there{why}. Name a table with one row a trial, or a store.")
    return tables


def _wanted(only: str) -> str:
    """The text that says which detectors are meant, checked.

    Raises:
        UserError: it names none.
    """
    from hparam_ci.detectors.registry import all_detectors
    from hparam_ci.selection import SEVERITIES

    wanted = only.strip().lower()
    known = [*SEVERITIES, *(d.name for d in all_detectors())]
    if wanted not in known and not any(d.code.lower().startswith(wanted) for d in all_detectors()):
        near = nearest(wanted, [*known, *(d.code for d in all_detectors())])
        hint = f"did you mean {near}?" if near else "name a code, the beginning of one, a detector or a severity."
        raise UserError(f"there is no detector {only[:80]!r}; {hint}")
    return wanted


def _of(table: IssueTable, wanted: str) -> Callable[[Detector], bool]:
    return lambda d: d.code.lower().startswith(wanted) or wanted in (d.name, table.severity(d))


def _issue(sweep: str, row: Any) -> jobs.IssueRow:
    return jobs.IssueRow(
        sweep=sweep,
        trial=row.trial_id if row.line is not None else None,
        line=row.line,
        code=row.code,
        name=row.name,
        severity=row.severity,
        column=row.column,
        value=row.value,
        limit=row.limit,
        message=row.message,
    )
