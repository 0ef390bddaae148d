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
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from hparam_ci import __version__
from hparam_ci._process import single_threaded_algebra
from hparam_ci.config import load_config
from hparam_ci.errors import EXIT_GATE, EXIT_INTERNAL, EXIT_OK, EXIT_USAGE, SettingsError, unknown
from hparam_ci.files import whole
from hparam_ci.github.commands import Log, write_outputs, write_summary
from hparam_ci.github.event import Event, resolve
from hparam_ci.inspection import DetectorResult, Inspection, Issue
from hparam_ci.outputs import verdict_outputs
from hparam_ci.review import OFF, Review
from hparam_ci.settings import BY_NAME, Settings, build

if TYPE_CHECKING:
    from hparam_ci.crew.endpoint import Endpoint
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
        for secret in ("INPUT_GITHUB_TOKEN", "INPUT_AI_API_KEY"):
            log.mask(env.get(secret, "").strip())
        root = Path(env.get("GITHUB_WORKSPACE") or ".")
        settings = read_settings(env, root)
        event = resolve(env, _payload(env, log), settings.pr_number)
        event = replace(event, sha=settings.commit or event.sha)
        inspection = _inspect(settings, root, log)
        inspection = _compared(_Run(env, log, root, settings, event, inspection))
        endpoint = _endpoint(settings, event)
    except SettingsError as error:
        log.error(str(error), title="hparam-inspector")
        return EXIT_USAGE
    except Exception as error:  # noqa: BLE001 - the last line of defence: no verdict, one line, its own exit code
        log.error(f"internal error before a verdict: {type(error).__name__}: {error}", title="hparam-inspector")
        _log_traceback(error, log)
        return EXIT_INTERNAL
    run = _Run(env, log, root, settings, event, inspection)
    return _publish(replace(run, review=_reviewed(run, endpoint)))


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
        for file in inspection.skipped[:MOST_SAID]:
            log.info(f"not inspected: {file.path}: {file.reason}")
        if len(inspection.skipped) > MOST_SAID:
            log.info(f"not inspected: {len(inspection.skipped) - MOST_SAID:,} more files; the report lists them")
    return inspection


MOST_SAID = 50
BASELINE_SECONDS = 30


def _compared(run: _Run) -> Inspection:
    """The inspection held against its baseline, where there is one; without one it stands as it is."""
    from hparam_ci.pipeline import against, read_baseline

    settings, inspection = run.settings, run.inspection
    if settings.baseline_file:
        baseline = read_baseline(settings.baseline_file, settings, run.root)
        return against(inspection, baseline, settings.baseline_file, settings)
    if settings.baseline == "off" or not run.event.base_sha or not settings.github_token:
        return inspection
    try:
        fetched = _at_base(run)
    except Exception as error:  # noqa: BLE001 - no baseline, no comparison: the verdict rests on the limits alone
        run.log.notice(f"baseline: {error}. Nothing is compared; reading it needs `permissions: contents: read`.")
        _log_traceback(error, run.log)
        return inspection
    name = " at ".join(filter(None, (run.event.base_ref, run.event.base_sha[:10])))
    return against(inspection, fetched, name, settings) if fetched and fetched.sweeps else inspection


def _at_base(run: _Run) -> Inspection | None:
    """The same files at the base commit, inspected with the same settings; None where there are none."""
    from tempfile import TemporaryDirectory

    from hparam_ci.github.baseline import fetch
    from hparam_ci.pipeline import inspect

    paths = [sweep.path for sweep in run.inspection.sweeps if (run.root / sweep.path).is_file()]
    if not paths:
        return None
    retries = min(1, run.settings.github_retries)
    with TemporaryDirectory() as folder, _connected(run, retries, BASELINE_SECONDS) as client:
        most = run.settings.max_file_size_mb * 1024 * 1024
        found = fetch(client, paths, run.event.base_sha, Path(folder), most)
        run.log.info(f"baseline {run.event.base_sha[:10]}: {len(found)} of {len(paths)} files are there too")
        return inspect(["**/*"], run.settings, root=folder) if found else None


def _endpoint(settings: Settings, event: Event) -> Endpoint | None:
    """The model of a run that may ask one, from the inputs alone: no variable and no file of the job has a say.

    Raises:
        SettingsError: an address that no key may be sent to.
    """
    if settings.ai == "off" or not event.trusted:
        return None
    from hparam_ci.crew.endpoint import endpoint

    return endpoint(settings.ai_model, settings.ai_base_url, settings.ai_api_key)


def _reviewed(run: _Run, endpoint: Endpoint | None) -> Review:
    """What the crew says of the inspection. The verdict stands; whatever goes wrong here is a status and a notice."""
    settings, log = run.settings, run.log
    if settings.ai == "off" or run.event.event_name == "merge_group":
        return OFF
    if not run.event.trusted:
        return Review("skipped_untrusted", "the event is not trusted with a key")
    if endpoint is None:
        say = log.warning if settings.ai == "require" else log.info
        say("ai: no key in ai_api_key; the report is written by rule")
        return Review("skipped_no_key", "no key in ai_api_key")
    from hparam_ci.crew.run import review

    try:
        with log.group(f"Crew: {endpoint.name}"):
            folder = _folder_inside(run.root, settings.ai_cache) if settings.ai_cache else None
            seconds = settings.ai_timeout_seconds
            said = review(run.inspection, endpoint, seconds=seconds, folder=folder, env=run.env, log=log.info)
    except Exception as error:  # noqa: BLE001 - the crew never turns a verdict
        said = Review("failed", f"internal error: {type(error).__name__}", endpoint.name)
    if said.status in ("failed", "timeout"):
        log.notice(f"ai: {said.status}: {said.reason}; the report is written by rule where the model failed")
    return said


def _folder_inside(root: Path, name: str) -> Path | None:
    """The folder below the workspace, or None where a link leads out of it."""
    folder = root / name
    return folder if folder.resolve().is_relative_to(root.resolve()) else None


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
    review: Review = OFF


def _publish(run: _Run) -> int:
    """Everything that follows from the verdict; whatever fails here is said and leaves the exit code alone."""
    gate = run.inspection.gate
    outputs = verdict_outputs(run.inspection) | {"ai_status": run.review.status}
    steps: tuple[Callable[[_Run], Mapping[str, str]], ...] = (_log_verdict, _write_files, _write_summary, _publish_all)
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


ANNOTATIONS = 9
MOST_ANNOTATIONS = 500


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


def _write_files(run: _Run) -> dict[str, str]:
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


def _write_summary(run: _Run) -> dict[str, str]:
    from hparam_ci.report.render import summary

    if run.settings.job_summary and (path := run.env.get("GITHUB_STEP_SUMMARY")):
        write_summary(path, summary(run.inspection, footer=_footer(run), review=run.review).text)
    return {}


def _footer(run: _Run) -> str:
    parts = [f"hparam-inspector {__version__}"]
    if run.event.sha:
        parts.append(f"commit {run.event.sha[:10]}")
    if run.settings.report_file:
        parts.append(f"full report: {run.settings.report_file} in the workspace")
    return " · ".join(parts)


def _publish_all(run: _Run) -> dict[str, str]:
    """The comment and, where it was asked for, the check run, through one client and within one deadline."""
    with _client(run) as client:
        published = _comment(run, client)
        return published | (_check(run, client) if run.settings.check_run else {})


def _key(run: _Run) -> str:
    return run.settings.comment_key or f"{run.env.get('GITHUB_WORKFLOW', '')}/{run.env.get('GITHUB_JOB', '')}"


def _check(run: _Run, client: Repository | None) -> dict[str, str]:
    from hparam_ci.github.api import Annotation
    from hparam_ci.github.checks import publish_check
    from hparam_ci.report.render import check
    from hparam_ci.report.sanitize import plain_text
    from hparam_ci.report.words import evidence

    verdict, gate = run.inspection.verdict, run.inspection.gate
    publication = publish_check(
        client,
        run.event,
        name=f"{run.settings.title} ({_key(run)})",
        title=f"{verdict}: {run.inspection.affected} of {run.inspection.trials} trials affected",
        summary=check(run.inspection, footer=_footer(run), review=run.review).text,
        conclusion="failure" if gate.fails_run else "success" if verdict == "pass" else "neutral",
        key=f"{_key(run)}#{run.env.get('GITHUB_RUN_ID', '')}.{run.env.get('GITHUB_RUN_ATTEMPT', '')}",
        annotations=[
            Annotation(
                path,
                issue.line,
                "failure" if d.severity == "error" else "warning",
                plain_text(f"{d.title} ({d.code})"),
                plain_text(f"trial {issue.trial}: {evidence(issue)}"),
            )
            for path, d, issue in _sick_rows(run.inspection)[:MOST_ANNOTATIONS]
        ],
    )
    if publication.message:
        run.log.notice(f"check run: {publication.message}")
    return {"check_url": publication.url}


def _comment(run: _Run, client: Repository | None) -> dict[str, str]:
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
def _client(run: _Run) -> Iterator[Repository | None]:
    """The GitHub client, or None where this run may not or shall not publish: then PyGithub is not even imported."""
    wanted = run.settings.comment_mode != "off" and run.event.may_comment
    if not (wanted or (run.settings.check_run and run.settings.github_token and not run.event.fork)):
        yield None
        return
    with _connected(run, run.settings.github_retries, run.settings.publish_timeout_seconds) as client:
        yield client


@contextmanager
def _connected(run: _Run, retries: int, seconds: float) -> Iterator[Repository]:
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
