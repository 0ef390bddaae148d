"""The token and the key are in no text, no file, no argument and no environment; no socket leads anywhere else.

What the crew's own process does with the key and the network is watched in tests/crew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hparam_ci.crew import run as crew_run
from hparam_ci.crew.endpoint import Endpoint
from hparam_ci.github.commands import Log
from hparam_ci.pipeline import inspect
from hparam_ci.settings import Settings
from tests.attack.test_sinks import HEAD
from tests.conftest import EXAMPLES
from tests.github_api import FakeGitHub, Fault

TOKEN, KEY, OTHER = "ghs_Tok3nThatNobodyMaySee", "sk-K3yThatNobodyMaySee", "s3cret-of-the-job"

# Runs before the command: every socket that is opened or bound and every process that is started goes to the log.
WATCH = """
import os, sys
seen = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def note(event, args):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        os.write(seen, f"{event} {args[1:] if event == 'socket.connect' else args}\\n".encode())
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork"):
        os.write(seen, f"{event} {args}\\n".encode())
sys.addaudithook(note)
"""


def watched(folder: Path, code: str, env: dict[str, str]) -> tuple[subprocess.CompletedProcess[str], str]:
    """A run of Python with its sockets and processes watched, and what was seen."""
    seen = folder / "seen"
    done = subprocess.run(
        [sys.executable, "-I", "-c", WATCH + code, str(seen)],
        cwd=folder,
        env={"PATH": os.environ["PATH"]} | env,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done, seen.read_text()


@pytest.mark.parametrize(
    "arguments",
    [["inspect", "x.csv"], ["causes", "x.csv"], ["inspect", "x.csv", "--format", "md"], ["rules"], ["next", "x.csv"]],
    ids=" ".join,
)
def test_a_command_opens_no_socket_and_starts_no_process(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "x.csv").write_bytes((EXAMPLES / "digits_sweep.csv").read_bytes())
    code = f"from hparam_ci.cli import main; sys.exit(main({arguments!r}))"
    done, seen = watched(tmp_path, code, {"HTTPS_PROXY": "http://proxy.example:3128"})
    assert done.returncode in (0, 1), done.stderr
    assert seen == ""


def test_an_action_run_connects_to_the_configured_server_alone_and_shows_the_token_to_nobody(tmp_path: Path) -> None:
    with FakeGitHub(repository="octo/sweeps") as github:
        github.token = TOKEN
        github.add_pull(number=7, head_sha=HEAD, head_ref="topic", head_repo="octo/sweeps")
        github.faults.add("GET", r"/comments$", Fault(status=500, body={"message": f"bad {TOKEN}"}, times=1))
        done, seen = watched(tmp_path, ACTION, environment(tmp_path, github))
        assert [comment.body for comment in github.comments(7)]
        bodies = json.dumps([request.body for request in github.journal], default=str)
        paths = " ".join(request.path + str(request.query) for request in github.journal)
    assert done.returncode == 1, done.stdout[-3000:]
    port = github.url.rpartition(":")[2]
    # urllib3 finds out by a bind, without a peer, whether the machine has IPv6.
    lines = [line for line in seen.splitlines() if not (line.startswith("socket.bind") and "('::1', 0)" in line)]
    connected = [line for line in lines if not line.startswith("socket.getaddrinfo")]
    assert connected
    assert {line for line in connected if f"('127.0.0.1', {port})" not in line} == set()
    assert all("'127.0.0.1'" in line for line in lines)
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file() and path.name != "event"]
    log = done.stdout.replace(f"::add-mask::{TOKEN}\n", "").replace(f"::add-mask::{KEY}\n", "")
    for text in (log, done.stderr, bodies, paths, *written):
        assert not [secret for secret in (TOKEN, KEY, OTHER) if secret in text]
    assert done.stdout.index("::add-mask::") == 0


ACTION = "from hparam_ci.action import main; sys.exit(main())"


def environment(folder: Path, github: FakeGitHub, **more: str) -> dict[str, str]:
    work = folder / "work"
    work.mkdir()
    (work / "results.csv").write_bytes((EXAMPLES / "digits_sweep.csv").read_bytes())
    repo = {"full_name": "octo/sweeps", "owner": {"login": "octo"}}
    head = {"sha": HEAD, "ref": "topic", "repo": repo}
    pull = {"number": 7, "head": head, "base": {"ref": "main", "sha": "c" * 40, "repo": repo}, "user": {"login": "o"}}
    (folder / "event").write_text(json.dumps({"number": 7, "pull_request": pull, "repository": repo}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(folder / "event"),
        "GITHUB_WORKSPACE": str(work),
        "GITHUB_REPOSITORY": "octo/sweeps",
        "GITHUB_SHA": "b" * 40,
        "GITHUB_API_URL": github.url,
        "GITHUB_GRAPHQL_URL": github.graphql_url,
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "INPUT_GITHUB_TOKEN": TOKEN,
        "INPUT_AI_API_KEY": KEY,
        "INPUT_CHECK_RUN": "true",
        "INPUT_SARIF_FILE": "x.sarif",
        "INPUT_JUNIT_FILE": "x.xml",
        "INPUT_LOG_LEVEL": "debug",
        "AWS_SECRET_ACCESS_KEY": OTHER,
        **more,
    }


def test_settings_and_errors_do_not_show_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(github_token=TOKEN, ai_api_key=KEY)
    endpoint = Endpoint("m", "openai/m", "https://models.example/v1", KEY, choosing=False)
    for text in (repr(settings), str(settings), repr(endpoint), f"{settings} {endpoint}"):
        assert TOKEN not in text
        assert KEY not in text
    Log(sys.stdout, on_actions=True).mask(f"{KEY}\nsecond line")
    assert capsys.readouterr().out == f"::add-mask::{KEY}\n::add-mask::second line\n"


def test_the_crew_process_gets_the_key_by_its_standard_input_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[tuple[list[str], dict[str, Any]]] = []
    popen = subprocess.Popen

    def recorded(arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append((arguments, options))
        return popen(arguments, **options)

    monkeypatch.setattr(crew_run.subprocess, "Popen", recorded)
    monkeypatch.setattr(crew_run, "installed", lambda: True)
    env = dict(os.environ) | {
        "INPUT_GITHUB_TOKEN": TOKEN,
        "INPUT_AI_API_KEY": KEY,
        "GITHUB_TOKEN": TOKEN,
        "ACTIONS_RUNTIME_TOKEN": OTHER,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": OTHER,
        "AWS_SECRET_ACCESS_KEY": OTHER,
        "OPENAI_API_KEY": OTHER,
        "PYTHONPATH": str(tmp_path),
    }
    endpoint = Endpoint("m", "openai/m", "http://127.0.0.1:9/v1", KEY, choosing=False)
    said: list[str] = []
    found = inspect(["sample_results.csv"], root=EXAMPLES)
    done = crew_run.review(found, endpoint, seconds=20, env=env, log=said.append)
    [(arguments, options)] = started
    given = options["env"]
    assert done.status in ("failed", "timeout")
    assert set(given) <= {*crew_run.PASSED, "HOME", "TMPDIR"}
    assert "-I" in arguments
    assert given["HOME"] != os.environ.get("HOME")
    for text in (*arguments, *given.values(), *said, repr(done)):
        assert not [secret for secret in (TOKEN, KEY, OTHER) if secret in text]
