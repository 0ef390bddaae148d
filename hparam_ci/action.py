"""One Action run, in order: settings, event, inspection, files, log, summary, comment, outputs, exit code.

The verdict stands before anything is published. Publishing can fail in every way without turning it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from hparam_ci import __version__
from hparam_ci._process import single_threaded_algebra
from hparam_ci.config import load_config
from hparam_ci.errors import EXIT_GATE, EXIT_INTERNAL, EXIT_OK, EXIT_USAGE, SettingsError, unknown
from hparam_ci.github.commands import Log, write_outputs, write_summary
from hparam_ci.github.event import Event, resolve
from hparam_ci.inspection import DetectorResult, Inspection, Issue
from hparam_ci.settings import BY_NAME, Settings, build

if TYPE_CHECKING:
    from hparam_ci.github.api import Repository

Environment = Mapping[str, str]

# Names that the runner itself gives a container action, beside the inputs.
RUNNER_INPUTS = frozenset({"args", "entrypoint"})


def main() -> int:
    """The container's entry point."""
    # The runner cancels by SIGINT, then SIGTERM, which Python as process 1 would ignore.
    for cancel in (signal.SIGINT, signal.SIGTERM):
        signal.signal(cancel, lambda number, _: sys.exit(128 + number))
    single_threaded_algebra()
    return run(os.environ, sys.stdout)


def run(env: Environment, stream: TextIO) -> int:
    """One run from the runner's environment; returns the exit code and never raises."""
    log = Log(stream, on_actions=env.get("GITHUB_ACTIONS") == "true", verbose=_verbose(env))
    try:
        log.mask(env.get("INPUT_GITHUB_TOKEN", "").strip())
        root = Path(env.get("GITHUB_WORKSPACE") or ".")
        settings = read_settings(env, root)
        event = resolve(env, _payload(env, log), settings.pr_number)
        event = replace(event, sha=settings.commit or event.sha)
        inspection = _inspect(settings, root, log)
    except SettingsError as error:
        log.error(str(error), title="hparam-inspector")
        return EXIT_USAGE
    except Exception as error:  # noqa: BLE001 - the last line of defence: no verdict, one line, its own exit code
        log.error(f"internal error before a verdict: {type(error).__name__}: {error}", title="hparam-inspector")
        _log_traceback(error, log)
        return EXIT_INTERNAL
    return _publish(_Run(env, log, root, settings, event, inspection))


def _verbose(env: Environment) -> bool:
    return env.get("RUNNER_DEBUG") == "1" or env.get("INPUT_LOG_LEVEL", "").strip() == "debug"


def read_settings(env: Environment, root: Path) -> Settings:
    """Settings from the `INPUT_*` variables and the configuration file.

    Raises:
        SettingsError: an input that does not exist or cannot be used.
    """
    given = {name[6:].lower(): value for name, value in env.items() if name.startswith("INPUT_")}
    for name, value in given.items():
        if value and name not in BY_NAME and name not in RUNNER_INPUTS:
            unknown(name, list(BY_NAME), "inputs")
    config, path = load_config(root, given.get("config", "").strip())
    return build(given, label=lambda name: f"input {name}", config=config, config_path=path)


def _payload(env: Environment, log: Log) -> Mapping[str, Any]:
    path = env.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        payload = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        log.notice(f"the event's payload cannot be read ({type(error).__name__}); going on without it")
        return {}
    return payload if isinstance(payload, dict) else {}


def _inspect(settings: Settings, root: Path, log: Log) -> Inspection:
    from hparam_ci.pipeline import inspect

    with log.group("Sweep files"):
        inspection = inspect(
            settings=settings,
            root=root,
            progress=lambda number, total, path: log.info(f"inspecting {number + 1} of {total}: {path}"),
        )
        for match in inspection.patterns:
            log.info(f"pattern {match.pattern}: {match.matches} file{'s' * (match.matches != 1)}")
        for file in inspection.skipped:
            log.info(f"not inspected: {file.path}: {file.reason}")
    return inspection


def _log_traceback(error: BaseException, log: Log) -> None:
    import traceback

    for line in "".join(traceback.format_exception(error)).splitlines():
        log.debug(line)


# --- what follows from the inspection -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    env: Environment
    log: Log
    root: Path
    settings: Settings
    event: Event
    inspection: Inspection


def _publish(run: _Run) -> int:
    """Everything that follows from the verdict; whatever fails here is said and leaves the exit code alone."""
    gate = run.inspection.gate
    outputs = _verdict_outputs(run.inspection)
    steps: tuple[Callable[[_Run], Mapping[str, str]], ...] = (_log_verdict, _write_files, _write_summary, _comment)
    for step in steps:
        try:
            outputs |= step(run)
        except Exception as error:  # noqa: BLE001 - publishing never turns a verdict
            run.log.notice(f"{step.__name__.strip('_').replace('_', ' ')} failed: {type(error).__name__}: {error}")
            _log_traceback(error, run.log)
    if path := run.env.get("GITHUB_OUTPUT"):
        try:
            write_outputs(path, outputs)
        except OSError as error:
            run.log.notice(f"the outputs cannot be written: {error}")
    run.log.finish()
    return EXIT_GATE if gate.fails_run else EXIT_OK


def _verdict_outputs(inspection: Inspection) -> dict[str, str]:
    from hparam_ci.report.reduced import fit_json

    text, truncated = fit_json(inspection)
    return {
        "status": inspection.verdict,
        "conclusion": "failure" if inspection.gate.fails_run else "success",
        "runs": str(inspection.trials),
        "affected_runs": str(inspection.affected),
        "files": str(len(inspection.sweeps)),
        "findings": str(inspection.issues),
        **{rate: worst_rate(inspection, rate) for rate in OUTPUT_RATES},
        "json": text,
        "json_file": "",
        "report_file": "",
        "comment_id": "",
        "comment_url": "",
        "publish_status": "failed",
        "truncated": "true" if truncated else "false",
    }


ANNOTATIONS = 9
OUTPUT_RATES = ("nan_rate", "failed_rate", "divergence_rate", "overfitting_rate", "short_run_rate")

# Every output of action.yml, with what it says.
OUTPUTS = {
    "status": "The verdict: pass, warn, fail or inconclusive (whatever fail_on says).",
    "conclusion": "What the step did: success or failure.",
    "runs": "Number of trials in all sweeps.",
    "affected_runs": "Trials with at least one issue of severity warning or error.",
    "files": "Number of sweeps inspected.",
    "findings": "Number of issues.",
    "nan_rate": "NaN or Inf rate of the worst sweep, as 0.0750; 1.0000 where it could not be measured.",
    "failed_rate": "The same for failed trials.",
    "divergence_rate": "The same for diverged trials.",
    "overfitting_rate": "The same for overfitting trials.",
    "short_run_rate": "The same for short runs.",
    "json": "The result as JSON of at most 200,000 characters; json_file has all of it.",
    "json_file": "Path of the full JSON in the workspace.",
    "report_file": "Path of the full report in the workspace.",
    "comment_id": "Id of the comment; empty if there is none.",
    "comment_url": "Address of the comment; empty if there is none.",
    "publish_status": "posted, updated, unchanged, skipped_no_pr, skipped_read_only, skipped_off or failed.",
    "truncated": "Whether the json output leaves something out: true or false.",
}


def worst_rate(inspection: Inspection, rate: str) -> str:
    """The highest share among the sweeps with four decimals; 1.0000 where no sweep could be measured."""
    shares = [seen.count.share for sweep in inspection.sweeps for seen in sweep.rates if seen.rate == rate]
    known = [share for share in shares if share is not None]
    return f"{max(known):.4f}" if known else "1.0000"


def _log_verdict(run: _Run) -> dict[str, str]:
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


def _annotate(run: _Run) -> None:
    """Annotations at sick rows, at most 9, because the verdict needs one of the 10: errors before warnings, the worst
    row of each kind before the second worst of any, and no row twice."""
    from hparam_ci.report.words import evidence, flagged

    if run.settings.annotations == "off":
        return
    annotate = {"error": run.log.error, "warning": run.log.warning, "notice": run.log.notice}[run.settings.annotations]
    found = [
        (detector.severity != "error", place, sweep.path, detector, issue)
        for sweep in run.inspection.sweeps
        for detector in flagged(sweep)
        if detector.severity != "notice"
        for place, issue in enumerate(detector.issues)
    ]
    rows: dict[tuple[str, int], tuple[DetectorResult, Issue]] = {}
    for _, _, path, detector, issue in sorted(found, key=lambda item: item[:2]):
        rows.setdefault((path, issue.line), (detector, issue))
    for (path, line), (detector, issue) in islice(rows.items(), ANNOTATIONS):
        annotate(
            f"trial {issue.trial}: {evidence(issue)}",
            title=f"{detector.title} ({detector.code})",
            file=path,
            line=line,
        )


def _write_files(run: _Run) -> dict[str, str]:
    from hparam_ci.report.render import report

    settings, written = run.settings, {}
    for name, path, content in (
        ("json_file", settings.json_file, run.inspection.to_json),
        ("report_file", settings.report_file, lambda: report(run.inspection).encode()),
    ):
        if not path:
            continue
        try:
            write_inside(run.root, path, content())
            written[name] = path
        except OSError as error:
            run.log.notice(f"{name}: {path} cannot be written: {error.strerror or error}")
    return written


def write_inside(root: Path, name: str, content: bytes) -> None:
    """Write a file below the workspace, through no symbolic link, readable by the steps that follow (mode 0644).

    Raises:
        OSError: it leads out of the workspace, or cannot be written.
    """
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(root.resolve()):
        raise OSError("it leads out of the workspace")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o644)
        file.write(content)


def _write_summary(run: _Run) -> dict[str, str]:
    from hparam_ci.report.render import summary

    if run.settings.job_summary and (path := run.env.get("GITHUB_STEP_SUMMARY")):
        write_summary(path, summary(run.inspection, footer=_footer(run)).text)
    return {}


def _footer(run: _Run) -> str:
    parts = [f"hparam-inspector {__version__}"]
    if run.event.sha:
        parts.append(f"commit {run.event.sha[:10]}")
    if run.settings.report_file:
        parts.append(f"full report: {run.settings.report_file} in the workspace")
    return " · ".join(parts)


def _comment(run: _Run) -> dict[str, str]:
    from hparam_ci.github.comments import marker, publish_comment
    from hparam_ci.report.render import comment

    key = run.settings.comment_key or f"{run.env.get('GITHUB_WORKFLOW', '')}/{run.env.get('GITHUB_JOB', '')}"
    rendered = comment(run.inspection, footer=_footer(run))
    with _client(run) as client:
        publication = publish_comment(
            client,
            run.event,
            f"{marker(key)}\n{rendered.text}",
            key=key,
            mode=run.settings.comment_mode,
            on=run.settings.comment_on,
            has_findings=run.inspection.issues > 0,
            failed=run.inspection.verdict in ("fail", "inconclusive"),
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
def _client(run: _Run) -> Iterator[Repository | None]:
    """The GitHub client, or None where this run may not or shall not comment: then PyGithub is not even imported."""
    if run.settings.comment_mode == "off" or not run.event.may_comment:
        yield None
        return
    from hparam_ci.github.client import connect

    client = connect(
        run.event.api_url,
        run.settings.github_token,
        run.event.repository,
        ca_bundle=str(run.root / run.settings.ca_bundle) if run.settings.ca_bundle else None,
        retries=run.settings.github_retries,
        publish_timeout_seconds=run.settings.publish_timeout_seconds,
        report=run.log.info,
    )
    with closing(client):
        yield client
