"""One Action run, in order: settings, event, inspection, baseline, crew; `publish` has what follows."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TextIO

from hparam_ci._process import set_up
from hparam_ci.config import CONFIG_FILE, PYPROJECT, load_config
from hparam_ci.errors import EXIT_INTERNAL, EXIT_USAGE, SettingsError, unknown
from hparam_ci.github.baseline import fetch
from hparam_ci.github.commands import Log
from hparam_ci.github.event import Event, resolve
from hparam_ci.inspection import Inspection
from hparam_ci.options import BY_NAME
from hparam_ci.outputs import no_verdict
from hparam_ci.publish import Environment, Run, connected, publish, write_run_outputs
from hparam_ci.review import OFF, Review
from hparam_ci.settings import Settings, build

if TYPE_CHECKING:
    from hparam_ci.crew.endpoint import Endpoint
    from hparam_ci.github.api import Repository

# Names that the runner itself gives a container action, beside the inputs.
RUNNER_INPUTS = frozenset({"args", "entrypoint"})


def main() -> int:
    """The container's entry point."""
    # The runner cancels by SIGINT, then SIGTERM, which Python as process 1 would ignore.
    for cancel in (signal.SIGINT, signal.SIGTERM):
        signal.signal(cancel, lambda number, _: sys.exit(128 + number))
    set_up()
    code = run(os.environ, sys.stdout)
    try:
        sys.stdout.flush()
    except OSError:  # else Python would try again at its end, and make an exit code of its own of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def run(env: Environment, stream: TextIO) -> int:
    """One run from the runner's environment; returns the exit code and never raises."""
    log = Log(stream, on_actions=env.get("GITHUB_ACTIONS") == "true", verbose=_verbose(env))
    try:
        for secret in ("INPUT_GITHUB_TOKEN", "INPUT_AI_API_KEY"):
            log.mask(env.get(secret, "").strip())
        root = Path(env.get("GITHUB_WORKSPACE") or ".")
        settings = read_settings(env, root)
        event = resolve(env, _payload(env, log), settings.pr_number)
        if settings.commit:
            event = replace(event, sha=settings.commit, lookup="none" if event.lookup == "by_number" else event.lookup)
        inspection = _inspect(settings, root, log)
        inspection = _compared(Run(env, log, root, settings, event, inspection))
        notes = _notes(Run(env, log, root, settings, event, inspection))
        endpoint = _endpoint(settings, event, env, log)
    except SettingsError as error:
        log.error(str(error), title="hparam-inspector")
        write_run_outputs(env, log, no_verdict())
        return EXIT_USAGE
    except Exception as error:  # noqa: BLE001 - the last line of defence: no verdict, one line, its own exit code
        log.error(f"internal error before a verdict: {type(error).__name__}: {error}", title="hparam-inspector")
        log.traceback(error)
        write_run_outputs(env, log, no_verdict())
        return EXIT_INTERNAL
    run = Run(env, log, root, settings, event, inspection, notes=notes)
    return publish(replace(run, review=_reviewed(run, endpoint)))


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
        caps = f"at most {settings.max_files} files of {settings.max_file_size_mb} MB each"
        log.info(f"looking in {root.resolve()} for {caps}")
        inspection = inspect(
            settings=settings,
            root=root,
            progress=lambda number, total, path: log.info(f"inspecting {number + 1} of {total}: {_sized(root, path)}"),
            side_by_side=True,
        )
        for match in inspection.patterns:
            log.info(f"pattern {match.pattern}: {match.matches} file{'s' * (match.matches != 1)}")
        for file in inspection.skipped[:MOST_SAID]:
            log.info(f"not inspected: {file.path}: {file.reason}")
        if len(inspection.skipped) > MOST_SAID:
            log.info(f"not inspected: {len(inspection.skipped) - MOST_SAID:,} more files; the report lists them")
    return inspection


def _sized(root: Path, path: str) -> str:
    """A path with its size, where it is a file: the last line of a run that was killed for memory says why."""
    file = root / path
    return f"{path} ({file.stat().st_size:,} bytes)" if file.is_file() else path


MOST_SAID = 50
BASELINE_SECONDS = 30
CONFIG_BYTES = 1_000_000
EVERY_FILE = ("*", "*/**/*")  # below hidden folders too


def _compared(run: Run) -> Inspection:
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
        run.log.traceback(error)
        return inspection
    name = " at ".join(filter(None, (run.event.base_ref, run.event.base_sha[:10])))
    return against(inspection, fetched, name, settings) if fetched and fetched.sweeps else inspection


def _at_base(run: Run) -> Inspection | None:
    """The same files at the base commit, inspected with the same settings; None where there are none."""
    from hparam_ci.pipeline import inspect

    paths = [sweep.path for sweep in run.inspection.sweeps if (run.root / sweep.path).is_file()]
    if not paths:
        return None
    with TemporaryDirectory(dir=_temporary(run.env)) as folder, _reading(run) as client:
        most = run.settings.max_file_size_mb * 1024 * 1024
        found = fetch(client, paths, run.event.base_sha, Path(folder), most)
        run.log.info(f"baseline {run.event.base_sha[:10]}: {len(found)} of {len(paths)} files are there too")
        return inspect(EVERY_FILE, run.settings, root=folder) if found else None


def _reading(run: Run) -> AbstractContextManager[Repository]:
    """A client for what is read before the verdict, which waits little."""
    return connected(run, min(1, run.settings.github_retries), BASELINE_SECONDS)


def _notes(run: Run) -> tuple[str, ...]:
    """What people should know of the run besides its result: that the pull request changes its own limits."""
    settings, event = run.settings, run.event
    if not event.base_ref or not settings.github_token or event.event_name == "merge_group":
        return ()
    names = [settings.config] if settings.config else [CONFIG_FILE, PYPROJECT]
    try:
        with TemporaryDirectory(dir=_temporary(run.env)) as folder, _reading(run) as client:
            before = Path(folder)
            fetch(client, names, event.base_sha, before, CONFIG_BYTES)
            if _configured(before, settings.config) == _configured(run.root, settings.config):
                return ()
    except Exception as error:  # noqa: BLE001 - nothing is said where nothing is known
        run.log.info(f"the configuration of {event.base_ref} is not known: {error}")
        return ()
    note = f"the configuration differs from that of {event.base_ref}: check the limits"
    run.log.notice(note)
    return (note,)


def _configured(root: Path, name: str) -> Mapping[str, Any]:
    """The configuration in a folder; none where there is no file."""
    return load_config(root, name)[0] if not name or (root / name).is_file() else {}


def _temporary(env: Environment) -> str | None:
    """The runner's folder for temporary files, where there is one."""
    folder = env.get("RUNNER_TEMP", "")
    return folder if folder and Path(folder).is_dir() else None


def _endpoint(settings: Settings, event: Event, env: Environment, log: Log) -> Endpoint | None:
    """The model of a run that may ask one, from the inputs: no file of the job has a say, and of its variables only
    those of a cloud that the input names.

    Raises:
        SettingsError: an address that no key may be sent to.
    """
    if settings.ai == "off" or not event.trusted:
        return None
    from hparam_ci.crew.endpoint import endpoint
    from hparam_ci.crew.providers import SECRETS

    for secret in SECRETS:
        log.mask(env.get(secret, "").strip())
    return endpoint(settings.ai_model, settings.ai_base_url, settings.ai_api_key, env)


def _reviewed(run: Run, endpoint: Endpoint | None) -> Review:
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
    try:
        from hparam_ci.crew.run import review

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
