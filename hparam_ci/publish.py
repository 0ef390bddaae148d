"""What follows from a verdict: annotations, files, the job summary, comment, check run, outputs, exit code.

The verdict stands before anything here begins. Publishing can fail in every way without turning it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hparam_ci import __version__
from hparam_ci.errors import EXIT_GATE, EXIT_OK
from hparam_ci.files import whole
from hparam_ci.github.commands import Log, write_outputs, write_summary
from hparam_ci.github.event import Event
from hparam_ci.inspection import DetectorResult, Inspection, Issue
from hparam_ci.outputs import no_verdict, verdict_outputs
from hparam_ci.review import OFF, Review
from hparam_ci.settings import Settings

if TYPE_CHECKING:
    from hparam_ci.github.api import Annotation, Repository

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as far as it has come: what it was given, what it found, what the crew says of it."""

    env: Environment
    log: Log
    root: Path
    settings: Settings
    event: Event
    inspection: Inspection
    review: Review = OFF
    notes: tuple[str, ...] = ()  # what the footer of every report says besides


def publish(run: Run) -> int:
    """Everything that follows from the verdict; whatever fails here is said and leaves the exit code alone."""
    gate = run.inspection.gate
    decided = {"status": gate.verdict, "conclusion": "failure" if gate.fails_run else "success"}
    outputs = no_verdict() | decided | {"ai_status": run.review.status}
    steps: tuple[Callable[[Run], Mapping[str, str]], ...] = (
        _outputs,
        _log_verdict,
        _write_files,
        _write_summary,
        _publish_all,
    )
    for step in steps:
        try:
            outputs |= step(run)
        except Exception as error:  # noqa: BLE001 - publishing never turns a verdict
            run.log.notice(f"{step.__name__.strip('_').replace('_', ' ')} failed: {type(error).__name__}: {error}")
            run.log.traceback(error)
    write_run_outputs(run.env, run.log, outputs)
    run.log.finish()
    return EXIT_GATE if gate.fails_run else EXIT_OK


def write_run_outputs(env: Environment, log: Log, outputs: Mapping[str, str]) -> None:
    """Write the step's outputs; where they cannot be written, that is said."""
    if path := env.get("GITHUB_OUTPUT"):
        try:
            write_outputs(path, outputs)
        except (OSError, ValueError) as error:
            log.notice(f"the outputs cannot be written: {error}")


def _outputs(run: Run) -> dict[str, str]:
    return verdict_outputs(run.inspection)


ANNOTATIONS = 9
MOST_ANNOTATIONS = 500


def _log_verdict(run: Run) -> dict[str, str]:
    inspection, log = run.inspection, run.log
    with log.group("Limits"):
        for limit in inspection.gate.limits:
            log.info(f"{limit.result}: {limit.reason}")
    if run.event.warning:
        log.warning(run.event.warning)
    _annotate(run)
    message = ". ".join([f"verdict: {inspection.verdict}", *inspection.gate.reasons[:5]])
    if inspection.gate.fails_run:
        log.error(message, title=inspection.title)
    elif inspection.verdict != "pass":
        log.warning(message, title=inspection.title)
    else:
        log.info(message)
    return {}


def _annotate(run: Run) -> None:
    """Annotations at sick rows, at most 9, because the verdict needs one of the 10: errors before warnings, the worst
    row of each kind before the second worst of any, and no row twice."""
    from hparam_ci.report.words import evidence

    if run.settings.annotations == "off":
        return
    annotate = {"error": run.log.error, "warning": run.log.warning, "notice": run.log.notice}[run.settings.annotations]
    for path, detector, issue in _sick_rows(run.inspection)[:ANNOTATIONS]:
        annotate(
            f"trial {issue.trial}: {evidence(issue)}",
            title=f"{detector.title} ({detector.code})",
            file=path,
            line=issue.line,
        )


def _sick_rows(inspection: Inspection) -> list[tuple[str, DetectorResult, Issue]]:
    """One issue a sick row, with its sweep's path: errors first, the worst of each kind first, no notices."""
    from hparam_ci.report.words import flagged

    found = [
        (detector.severity != "error", place, sweep.path, detector, issue)
        for sweep in inspection.sweeps
        for detector in flagged(sweep)
        if detector.severity != "notice"
        for place, issue in enumerate(detector.issues)
    ]
    rows: dict[tuple[str, int], tuple[str, DetectorResult, Issue]] = {}
    for _, _, path, detector, issue in sorted(found, key=lambda item: item[:2]):
        rows.setdefault((path, issue.line), (path, detector, issue))
    return list(rows.values())


def _write_files(run: Run) -> dict[str, str]:
    from hparam_ci.report.forms import FILES, as_bytes

    written = {}
    for name, form in FILES.items():
        path = getattr(run.settings, name)
        if not path:
            continue
        try:
            write_inside(run.root, path, as_bytes(run.inspection, form, run.review))
            written[name] = path
        except OSError as error:
            run.log.notice(f"{name}: {path} cannot be written: {error.strerror or error}")
    return written


def write_inside(root: Path, name: str, content: bytes) -> None:
    """Write a file below the workspace, whole, through no link, readable by the steps that follow (mode 0644).

    Raises:
        OSError: it leads out of the workspace, or cannot be written.
    """
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(root.resolve()):
        raise OSError("it leads out of the workspace")
    if path.is_symlink():
        raise OSError("it is a symbolic link")
    with whole(path, 0o644) as file:
        file.write(content)


def _write_summary(run: Run) -> dict[str, str]:
    from hparam_ci.report.render import summary

    if run.settings.job_summary and (path := run.env.get("GITHUB_STEP_SUMMARY")):
        write_summary(path, summary(run.inspection, footer=_footer(run), review=run.review).text)
    return {}


def _footer(run: Run) -> str:
    parts = [f"hparam-inspector {__version__}"]
    if run.event.sha:
        parts.append(f"commit {run.event.sha[:10]}")
    if run.settings.report_file:
        parts.append(f"full report: {run.settings.report_file} in the workspace")
    return " · ".join([*parts, *run.notes])


def _publish_all(run: Run) -> dict[str, str]:
    """The comment and, where it was asked for, the check run, through one client and within one deadline."""
    with _client(run) as client:
        published = _comment(run, client)
        return published | (_check(run, client) if run.settings.check_run else {})


def _key(run: Run) -> str:
    return run.settings.comment_key or f"{run.env.get('GITHUB_WORKFLOW', '')}/{run.env.get('GITHUB_JOB', '')}"


def _check(run: Run, client: Repository | None) -> dict[str, str]:
    from hparam_ci.github.checks import publish_check
    from hparam_ci.report.render import check
    from hparam_ci.report.sanitize import check_text

    verdict, gate = run.inspection.verdict, run.inspection.gate
    publication = publish_check(
        client,
        run.event,
        name=check_text(f"{run.settings.title} ({_key(run)})"),
        title=f"{verdict}: {run.inspection.affected} of {run.inspection.trials} trials affected",
        summary=check(run.inspection, footer=_footer(run), review=run.review).text,
        conclusion="failure" if gate.fails_run else "success" if verdict == "pass" else "neutral",
        key=check_text(_key(run)) + f"#{run.env.get('GITHUB_RUN_ID', '')}.{run.env.get('GITHUB_RUN_ATTEMPT', '')}",
        annotations=_annotations(run.inspection),
    )
    if publication.message:
        run.log.notice(f"check run: {publication.message}")
    return {"check_url": publication.url}


# docs.github.com, "Create a check run": the largest title of an annotation.
ANNOTATION_TITLE = 255


def _annotations(inspection: Inspection) -> list[Annotation]:
    """The check run's annotations, worst first."""
    from hparam_ci.github.api import Annotation
    from hparam_ci.report.sanitize import check_text, plain_text
    from hparam_ci.report.words import evidence

    return [
        Annotation(
            check_text(path),
            issue.line,
            "failure" if d.severity == "error" else "warning",
            check_text(plain_text(f"{d.title} ({d.code})"))[:ANNOTATION_TITLE],
            check_text(plain_text(f"trial {issue.trial}: {evidence(issue)}")),
        )
        for path, d, issue in _sick_rows(inspection)[:MOST_ANNOTATIONS]
    ]


def _comment(run: Run, client: Repository | None) -> dict[str, str]:
    from hparam_ci.github.comments import marker, publish_comment
    from hparam_ci.report.render import comment

    key = _key(run)
    rendered = comment(run.inspection, footer=_footer(run), review=run.review)
    publication = publish_comment(
        client,
        run.event,
        f"{marker(key)}\n{rendered.text}",
        key=key,
        mode=run.settings.comment_mode,
        on=run.settings.comment_on,
        has_findings=run.inspection.issues > 0,
        failed=run.inspection.verdict in ("fail", "inconclusive"),
        changed=run.inspection.comparison.changed if run.inspection.comparison else None,
    )
    say = run.log.notice if publication.status in ("failed", "skipped_read_only") else run.log.info
    say(f"comment: {publication.status}" + (f". {publication.message}" if publication.message else ""))
    published = {
        "publish_status": publication.status,
        "comment_id": str(publication.comment_id or ""),
        "comment_url": publication.comment_url or "",
    }
    return published | ({"truncated": "true"} if rendered.truncated else {})


@contextmanager
def _client(run: Run) -> Iterator[Repository | None]:
    """The GitHub client, or None where this run may not or shall not publish: then PyGithub is not even imported."""
    wanted = run.settings.comment_mode != "off" and run.event.may_comment
    if not (wanted or (run.settings.check_run and run.settings.github_token and not run.event.fork)):
        yield None
        return
    with connected(run, run.settings.github_retries, run.settings.publish_timeout_seconds) as client:
        yield client


@contextmanager
def connected(run: Run, retries: int, seconds: float) -> Iterator[Repository]:
    """A client of the run's repository, for at most so many seconds; closed at the end.

    Raises:
        GitHubError: the token, the address or the CA bundle cannot be used.
    """
    from hparam_ci.github.client import connect

    client = connect(
        run.event.api_url,
        run.settings.github_token,
        run.event.repository,
        ca_bundle=str(run.root / run.settings.ca_bundle) if run.settings.ca_bundle else None,
        retries=retries,
        publish_timeout_seconds=seconds,
        report=run.log.info,
    )
    with closing(client):
        yield client
