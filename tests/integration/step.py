"""One step as GitHub's runner gives it to the action, run in this process: workspace, files, variables, payload."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from hparam_ci.action import run
from tests.conftest import EXAMPLES
from tests.github_api import FakeGitHub
from tests.outputs import parse_outputs

HEAD = "a" * 40
BASE = "c" * 40
PULL_REQUEST = {
    "number": 7,
    "pull_request": {
        "number": 7,
        "head": {"sha": HEAD, "ref": "topic", "repo": {"full_name": "octo/sweeps", "owner": {"login": "octo"}}},
        "base": {"ref": "main", "sha": BASE, "repo": {"full_name": "octo/sweeps"}},
        "user": {"login": "octo"},
    },
    "repository": {"full_name": "octo/sweeps"},
}


@dataclass
class Done:
    code: int
    log: str
    outputs: dict[str, str]
    summary: str


@dataclass
class Runner:
    """What the runner gives a step: workspace, files and variables."""

    folder: Path
    github: FakeGitHub
    env: dict[str, str] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def run(self, event: str = "pull_request", payload: object = PULL_REQUEST, **inputs: str) -> Done:
        files = {name: self.folder / name for name in ("output", "summary", "event.json")}
        for name in ("output", "summary"):
            files[name].write_text("")
        files["event.json"].write_text(payload if isinstance(payload, str) else json.dumps(payload))
        env = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(files["event.json"]),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_REPOSITORY": "octo/sweeps",
            "GITHUB_SHA": "b" * 40,
            "GITHUB_API_URL": self.github.url,
            "GITHUB_GRAPHQL_URL": self.github.graphql_url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "GITHUB_WORKFLOW": "ci",
            "GITHUB_JOB": "sweep",
            "INPUT_GITHUB_TOKEN": self.github.token,
            "INPUT_FILES": "results/**/*.csv",
            "INPUT_GITHUB_RETRIES": "0",
        }
        env |= self.env | {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        log = io.StringIO()
        code = run(env, log)
        outputs = parse_outputs(files["output"].read_text())
        return Done(code, log.getvalue(), outputs, files["summary"].read_text())

    def put(self, example: str, name: str = "results/sweep.csv") -> None:
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((EXAMPLES / example).read_bytes())


def obeyed(log: str) -> list[str]:
    """The commands that the runner would take from the log."""
    found = []
    for line in log.splitlines():
        if match := re.match(r"\s*::([a-z-]+)", line):
            found.append(match[1])
        found += re.findall(r"##\[", line)
    return found
