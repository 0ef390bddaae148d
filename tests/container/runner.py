"""One container step as GitHub's runner runs it, as far as the container can tell.

Taken from actions/runner (`ContainerActionHandler`, `FileCommandManager`): the names in the environment, the
five mounts, the empty files for outputs and summary, the working directory, the files' owner (1001:118).

Where it differs from the real runner:

* podman in place of docker, and no docker socket among the mounts;
* `--network none` (or `host`, to reach a server on loopback) in place of docker's own bridge;
* in `action.yml`, `${{ github.NAME }}` is the only expression, and `runs.args`, `runs.entrypoint` and
  `runs.env` are refused; an input that `action.yml` does not declare is an error here and a warning there;
* the log is returned as it was written: secrets are not masked and annotations are not mapped to files;
* of the file commands only outputs and summary are read; nothing is handed to a later step;
* the ids of run, job and actor are invented, and the runtime and cache services answer nobody.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from .engine import ROOT, podman, podman_environment

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator, Sequence
    from pathlib import Path

RUNNER_UID, RUNNER_GID = 1001, 118
REPOSITORY = "octo/sweeps"
FILE_COMMANDS = {
    "GITHUB_OUTPUT": "set_output",
    "GITHUB_ENV": "set_env",
    "GITHUB_PATH": "add_path",
    "GITHUB_STATE": "save_state",
    "GITHUB_STEP_SUMMARY": "step_summary",
}
SUMMARY_LIMIT_BYTES = 1_048_576


@dataclass(frozen=True)
class Event:
    """What triggered the workflow: the payload and the GITHUB_* variables that go with it."""

    name: str
    payload: dict[str, Any]
    ref: str
    sha: str
    head_ref: str = ""
    base_ref: str = ""


@dataclass(frozen=True)
class Command:
    """One `::name key=value::message` line of the log, unescaped."""

    name: str
    properties: dict[str, str]
    message: str


@dataclass(frozen=True)
class StepResult:
    """What the step left behind."""

    exit_code: int
    log: str
    outputs: dict[str, str]
    summary: str
    workspace: Path
    seconds: float

    @property
    def commands(self) -> list[Command]:
        """The workflow commands that the runner would carry out."""
        return workflow_commands(self.log)


@dataclass
class RunningStep:
    """A container that was started; `wait` gives its result, and leaving the block ends it in any case."""

    name: str
    process: subprocess.Popen[str]
    files: dict[str, Path]
    workspace: Path
    started: float = field(default_factory=time.monotonic)

    def __enter__(self) -> RunningStep:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            podman("kill", self.name, check=False)
        self.process.communicate()

    def cancel(self, number: signal.Signals) -> None:
        """Signals the engine's client, which passes it on to the container, as the runner does."""
        self.process.send_signal(number)

    def wait(self, timeout: float = 120) -> StepResult:
        """The result; a container that outlives the timeout is killed, and that is an error."""
        try:
            log, _ = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            podman("kill", self.name, check=False)
            log, _ = self.process.communicate()
            raise AssertionError(f"the container still ran after {timeout} s; its log:\n{log}") from None
        summary = self.files["GITHUB_STEP_SUMMARY"].read_bytes()
        assert len(summary) <= SUMMARY_LIMIT_BYTES, "the runner drops a summary of this size"
        return StepResult(
            exit_code=self.process.returncode,
            log=log,
            outputs=parse_file_command(self.files["GITHUB_OUTPUT"].read_text("utf-8")),
            summary=summary.decode("utf-8"),
            workspace=self.workspace,
            seconds=time.monotonic() - self.started,
        )


def push_event(sha: str = "a" * 40, branch: str = "main") -> Event:
    """A push to a branch."""
    ref = f"refs/heads/{branch}"
    payload = {"ref": ref, "before": "0" * 40, "after": sha, "repository": {"full_name": REPOSITORY}}
    return Event("push", payload, ref, sha)


def pull_request_event(number: int, head_sha: str, head_repository: str = REPOSITORY) -> Event:
    """A new commit on a pull request; GITHUB_SHA is the trial merge, not the head."""
    payload = {
        "action": "synchronize",
        "number": number,
        "pull_request": {
            "number": number,
            "head": {"sha": head_sha, "ref": "topic", "repo": {"full_name": head_repository, "fork": False}},
            "base": {"sha": "b" * 40, "ref": "main", "repo": {"full_name": REPOSITORY, "fork": False}},
        },
        "repository": {"full_name": REPOSITORY},
    }
    return Event("pull_request", payload, f"refs/pull/{number}/merge", "c" * 40, head_ref="topic", base_ref="main")


def run_step(image: str, workspace: Path, **options: Any) -> StepResult:
    """Starts the step and waits for its end; the options are those of `start_step`."""
    with start_step(image, workspace, **options) as step:
        return step.wait()


def start_step(
    image: str,
    workspace: Path,
    *,
    inputs: dict[str, str] | None = None,
    event: Event | None = None,
    token: str = "ghs_invented",
    api_url: str = "https://api.github.com",
    job_environment: dict[str, str] | None = None,
    network: str = "none",
    options: Sequence[str] = ("--rm",),
) -> RunningStep:
    """Starts the action's container.

    Args:
        image: the built image.
        workspace: the checkout, mounted at /github/workspace.
        inputs: the step's `with:`.
        event: what triggered the workflow; a push if not given.
        token: what `github.token` gives.
        api_url: GITHUB_API_URL.
        job_environment: the job's and the step's `env:`.
        network: podman's network mode.
        options: more options of `podman run`.
    """
    event = event or push_event()
    temporary = workspace.parent / f"_temp.{uuid.uuid4().hex}"
    mounts = {
        temporary: "/github/runner_temp",
        temporary / "_github_home": "/github/home",
        temporary / "_github_workflow": "/github/workflow",
        temporary / "_runner_file_commands": "/github/file_commands",
        workspace: "/github/workspace",
    }
    for folder in mounts:
        folder.mkdir(parents=True, exist_ok=True)
    (temporary / "_github_workflow" / "event.json").write_text(json.dumps(event.payload), encoding="utf-8")
    files = _file_command_files(temporary / "_runner_file_commands")

    github = _github_environment(event, api_url) | {
        name: f"/github/file_commands/{path.name}" for name, path in files.items()
    }
    environment = _input_environment(inputs or {}, github | {"GITHUB_TOKEN": token})
    for name, value in ((job_environment or {}) | github | _runner_environment()).items():
        environment.setdefault(name, value)
    _give_to_runner_user(temporary, workspace)

    name = f"hparam_{uuid.uuid4().hex[:12]}"
    command = ["podman", "run", "--name", name, "--label", "hparam", "--workdir", "/github/workspace", *options]
    command += [part for key in environment for part in ("-e", key)]
    command += ["-e", "HOME=/github/home", "-e", "GITHUB_ACTIONS=true", "-e", "CI=true", "--network", network]
    command += [part for host, inside in mounts.items() for part in ("-v", f"{host}:{inside}")]
    process = subprocess.Popen(
        [*command, image],
        env=podman_environment() | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    return RunningStep(name, process, files, workspace)


def _file_command_files(folder: Path) -> dict[str, Path]:
    suffix = uuid.uuid4()
    files = {name: folder / f"{prefix}_{suffix}" for name, prefix in FILE_COMMANDS.items()}
    for path in files.values():
        path.touch(mode=0o644)
    return files


def _give_to_runner_user(*folders: Path) -> None:
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, RUNNER_UID, RUNNER_GID, follow_symlinks=False)


def declared_action() -> dict[str, Any]:
    """The project's `action.yml`; nothing declared while there is none."""
    path = ROOT / "action.yml"
    return yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}


def _input_environment(given: dict[str, str], github: dict[str, str]) -> dict[str, str]:
    """`INPUT_*` from the defaults of action.yml and the step's `with:`; hyphens stay, spaces become `_`."""
    action = declared_action()
    unsupported = {"args", "entrypoint", "env"} & action.get("runs", {}).keys()
    assert not unsupported, f"runs.{unsupported} of action.yml is not emulated here"
    declared = action.get("inputs", {})
    unknown = given.keys() - declared.keys() if declared else set()
    assert not unknown, f"action.yml has no input {sorted(unknown)}"
    defaults = {name: _evaluated(str(about.get("default", "")), github) for name, about in declared.items()}
    return {f"INPUT_{name.upper().replace(' ', '_')}": value for name, value in (defaults | given).items()}


def _evaluated(text: str, github: dict[str, str]) -> str:
    evaluated = re.sub(r"\$\{\{\s*github\.(\w+)\s*\}\}", lambda found: github[f"GITHUB_{found[1].upper()}"], text)
    assert "${{" not in evaluated, f"an expression that is not emulated here: {evaluated}"
    return evaluated


def _github_environment(event: Event, api_url: str) -> dict[str, str]:
    owner, _ = REPOSITORY.split("/")
    return {
        "GITHUB_ACTION": "__octo_hparam-inspector",
        "GITHUB_ACTION_PATH": "/home/runner/work/_actions/octo/hparam-inspector/v1",
        "GITHUB_ACTION_REF": "v1",
        "GITHUB_ACTION_REPOSITORY": "octo/hparam-inspector",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_ACTOR_ID": "583231",
        "GITHUB_API_URL": api_url,
        "GITHUB_BASE_REF": event.base_ref,
        "GITHUB_EVENT_NAME": event.name,
        "GITHUB_EVENT_PATH": "/github/workflow/event.json",
        "GITHUB_GRAPHQL_URL": f"{api_url}/graphql",
        "GITHUB_HEAD_REF": event.head_ref,
        "GITHUB_JOB": "inspect",
        "GITHUB_REF": event.ref,
        "GITHUB_REF_NAME": event.ref.split("/", 2)[2],
        "GITHUB_REF_PROTECTED": "false",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_REPOSITORY_ID": "1296269",
        "GITHUB_REPOSITORY_OWNER": owner,
        "GITHUB_REPOSITORY_OWNER_ID": "9919",
        "GITHUB_RETENTION_DAYS": "90",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "1658821493",
        "GITHUB_RUN_NUMBER": "42",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": event.sha,
        "GITHUB_TRIGGERING_ACTOR": "octocat",
        "GITHUB_WORKFLOW": "sweeps",
        "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/sweeps.yml@{event.ref}",
        "GITHUB_WORKFLOW_SHA": event.sha,
        "GITHUB_WORKSPACE": "/github/workspace",
    }


def _runner_environment() -> dict[str, str]:
    return {
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64",
        "RUNNER_NAME": "GitHub Actions 7",
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_TEMP": "/github/runner_temp",
        "RUNNER_TOOL_CACHE": "/opt/hostedtoolcache",
        "RUNNER_WORKSPACE": "/home/runner/work/sweeps",
        "ACTIONS_RUNTIME_URL": "http://127.0.0.1:9/",
        "ACTIONS_RUNTIME_TOKEN": "invented-runtime-token",
        "ACTIONS_CACHE_URL": "http://127.0.0.1:9/",
        "ACTIONS_RESULTS_URL": "http://127.0.0.1:9/",
    }


def parse_file_command(text: str) -> dict[str, str]:
    """`NAME=VALUE` lines and `NAME<<DELIMITER` blocks, read as the runner reads them.

    Raises:
        ValueError: a line that is neither, no name, no delimiter, or one that never comes.
    """
    values: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, mark, rest = re.match(r"(.*?)(=|<<|$)(.*)", line, re.DOTALL).groups()
        if not mark or not name or (mark == "<<" and not rest):
            raise ValueError(f"invalid format {line!r}")
        values[name] = rest if mark == "=" else "\n".join(_until(rest, lines))
    return values


def _until(delimiter: str, lines: Iterator[str]) -> list[str]:
    block = []
    for line in lines:
        if line == delimiter:
            return block
        block.append(line)
    raise ValueError(f"matching delimiter not found {delimiter!r}")


def workflow_commands(log: str) -> list[Command]:
    """The commands in a log, less those between `::stop-commands::TOKEN` and `::TOKEN::`."""
    commands, stopped_by = [], None
    for line in log.splitlines():
        found = re.match(r"\s*::(?P<name>[^\s:]+)(?: (?P<properties>.*?))?::(?P<message>.*)", line)
        if stopped_by is not None:
            stopped_by = None if line.strip() == f"::{stopped_by}::" else stopped_by
        elif found and found["name"] == "stop-commands":
            stopped_by = found["message"].strip()
        elif found:
            pairs = (pair.split("=", 1) for pair in (found["properties"] or "").split(",") if "=" in pair)
            properties = {key.strip(): _unescaped(value, {"%3A": ":", "%2C": ","}) for key, value in pairs}
            commands.append(Command(found["name"], properties, _unescaped(found["message"], {})))
    return commands


def _unescaped(text: str, more: dict[str, str]) -> str:
    for code, character in ({"%0D": "\r", "%0A": "\n"} | more | {"%25": "%"}).items():
        text = text.replace(code, character)
    return text
