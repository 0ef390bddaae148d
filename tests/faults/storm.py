"""One seeded run of the action against a GitHub and a model that misbehave at random, and what must hold after it.

    python -m tests.faults.storm --runs 1000 [--first 0]

GitHub is the stand-in of `tests/github_api`, over a real socket. Waits are real but shortened: the second between two
writes and the pauses of a retry are made a hundredth, and the deadline of publishing is three seconds.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hparam_ci import action
from hparam_ci.github.comments import marker
from hparam_ci.github.retry import Retry
from hparam_ci.inspection import Inspection
from tests.conftest import EXAMPLES
from tests.github_api import Comment, FakeGitHub, Fault, primary_limit, secondary_limit
from tests.github_api.faults import Faults
from tests.outputs import parse_outputs

HEAD, BASE = "a" * 40, "c" * 40
DEADLINE = 3
LONGEST = 45.0
"""Seconds after which a run counts as hung: the deadline, one request under way, and a busy machine."""
OTHER_SCHEMAS = (
    [],
    {},
    None,
    {"id": "x"},
    [{"id": None, "body": 7}],
    {"message": 3},
    "<html>",
    [[]],
    0,
    {"data": None},
)
PATHS = (".*", r"/comments$", r"/issues/comments/", r"/graphql$", r"/check-runs", r"/contents/", r"/pulls")
EXAMPLE = {"digits_sweep.csv": 1, "healthy_sweep.csv": 0}


@dataclass
class Outcome:
    """What one run did, and the faultless run after it."""

    seed: int
    code: int
    expected: int
    status: str
    posted: int
    seconds: float
    log: str
    code_after: int
    visible_after: int
    log_after: str


def faults(rng: random.Random) -> list[tuple[str, str, Fault]]:
    """Up to six faults, each for one or a few requests or for good."""
    found = []
    for _ in range(rng.randint(1, 6)):
        times = rng.choice((1, 1, 1, 2, 3, None))
        after = rng.random() < 0.4
        kind = rng.randrange(7)
        if kind == 0:
            fault = Fault(status=rng.choice((401, 403, 404, 409, 422, 500, 502, 503, 504)), after=after, times=times)
        elif kind == 1:
            fault = secondary_limit(rng.choice((0, 1, 900, None)), rng.choice((403, 429)), times)
        elif kind == 2:
            fault = primary_limit(rng.choice((-10, 0, 3600)), times)
        elif kind == 3:
            fault = Fault(drop=True, after=after, times=times)
        elif kind == 4:
            fault = Fault(status=200, body=rng.choice(OTHER_SCHEMAS), after=after, times=times)
        elif kind == 5:
            fault = Fault(delay=rng.choice((0.05, 0.2, 1.2)), times=1)
        else:
            fault = Fault(status=rng.choice((200, 201, 500)), body='{"id": 1, "node_i', after=after, times=times)
        found.append((rng.choice(("*", "*", "GET", "POST", "PATCH")), rng.choice(PATHS), fault))
    return found


def run(seed: int) -> Outcome:
    """One pull request and two runs of the action: one with the faults, and one after they are over."""
    rng = random.Random(seed)
    example = rng.choice(list(EXAMPLE))
    mode = rng.choice(("update", "update", "update", "recreate", "hide"))
    with TemporaryDirectory() as folder, FakeGitHub(repository="octo/sweeps") as github:
        github.add_pull(number=7, head_sha=HEAD, head_ref="topic", head_repo="octo/sweeps")
        work = Path(folder)
        (work / "workspace").mkdir()
        (work / "workspace" / "sweep.csv").write_bytes((EXAMPLES / example).read_bytes())
        if rng.random() < 0.5:
            github.add_comment(7, f"{marker('ci')}\nan older text", author=github.login)
        for _ in range(rng.randint(0, 3)):
            github.add_comment(7, "talk", author="someone")
        for method, path, fault in faults(rng):
            github.faults.add(method, path, fault)
        before, started = len(ours(github)), time.monotonic()
        code, log, outputs = acted(work, github, mode, retries=rng.choice(("0", "1", "5")), check=rng.random() < 0.5)
        seconds = time.monotonic() - started
        posted = len(ours(github)) - before
        github.faults = Faults()
        again, more, _ = acted(work, github, mode, retries="0", check=False)
        visible = [comment for comment in ours(github) if not comment.minimized]
        return Outcome(seed, code, EXAMPLE[example], outputs.get("publish_status", ""), posted, seconds, log,
                       again, len(visible), more)  # fmt: skip


def ours(github: FakeGitHub) -> list[Comment]:
    """The comments of the action."""
    return [comment for comment in github.comments(7) if marker("ci") in comment.body]


def acted(work: Path, github: FakeGitHub, mode: str, *, retries: str, check: bool) -> tuple[int, str, dict[str, str]]:
    """Exit code, log and outputs of one run."""
    files = {name: work / name for name in ("output", "summary", "event")}
    for name in ("output", "summary"):
        files[name].write_text("")
    repo = {"full_name": "octo/sweeps", "owner": {"login": "octo"}}
    head = {"sha": HEAD, "ref": "topic", "repo": repo}
    pull = {"number": 7, "head": head, "base": {"ref": "main", "sha": BASE, "repo": repo}, "user": {"login": "octo"}}
    files["event"].write_text(json.dumps({"number": 7, "pull_request": pull, "repository": repo}))
    env = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(files["event"]),
        "GITHUB_WORKSPACE": str(work / "workspace"),
        "GITHUB_REPOSITORY": "octo/sweeps",
        "GITHUB_SHA": "b" * 40,
        "GITHUB_API_URL": github.url,
        "GITHUB_GRAPHQL_URL": github.graphql_url,
        "GITHUB_OUTPUT": str(files["output"]),
        "GITHUB_STEP_SUMMARY": str(files["summary"]),
        "INPUT_GITHUB_TOKEN": github.token,
        "INPUT_COMMENT_KEY": "ci",
        "INPUT_COMMENT_MODE": mode,
        "INPUT_CHECK_RUN": "true" if check else "false",
        "INPUT_GITHUB_RETRIES": retries,
        "INPUT_PUBLISH_TIMEOUT_SECONDS": str(DEADLINE),
    }
    log = io.StringIO()
    with hurried():
        code = action.run(env, log)
    return code, log.getvalue(), parse_outputs(files["output"].read_text(encoding="utf-8"))


class hurried:  # noqa: N801
    """Pauses are a hundredth of what they are in earnest; one inspection of each file is enough for all runs."""

    kept: dict[bytes, Inspection] = {}  # noqa: RUF012

    def __enter__(self) -> None:
        from hparam_ci import pipeline
        from hparam_ci.github import client

        inspect, pause = pipeline.inspect, Retry._pause

        def once(*args: object, root: Path | str = ".", **others: object) -> Inspection:
            content = (Path(root) / "sweep.csv").read_bytes()
            if content not in self.kept:
                self.kept[content] = inspect(*args, root=root, **others)  # type: ignore[arg-type]
            return self.kept[content]

        def shorter(retry: Retry, error: object, attempt: int) -> float:
            return pause(retry, error, attempt) / 100  # type: ignore[arg-type]

        connect = client.connect
        self._patches = [
            patch.object(pipeline, "inspect", once),
            patch.object(Retry, "_pause", shorter),
            patch.object(client, "connect", lambda *a, **k: connect(*a, seconds_between_writes=0.0, **k)),
            patch.object(client, "_REQUEST_TIMEOUT", 1),
            patch.object(action, "BASELINE_SECONDS", DEADLINE),
        ]
        for one in self._patches:
            one.start()

    def __exit__(self, *_: object) -> None:
        for one in self._patches:
            one.stop()


def broken(outcome: Outcome) -> str:
    """What does not hold of a run; empty where all does."""
    wrong = []
    if outcome.code != outcome.expected:
        wrong.append(f"exit code {outcome.code}, the gate's is {outcome.expected}")
    if outcome.posted > 1:
        wrong.append(f"{outcome.posted} comments posted")
    if (outcome.code_after, outcome.visible_after) != (outcome.expected, 1):
        wrong.append(f"afterwards exit code {outcome.code_after} and {outcome.visible_after} visible comments")
    if outcome.seconds > LONGEST:
        wrong.append(f"{outcome.seconds:.0f} s")
    said = [line for line in (outcome.log + outcome.log_after).split("\n") if not line.startswith("::debug::")]
    if any("Traceback" in line or "internal error" in line for line in said):
        wrong.append("a traceback or an internal error outside the debug log")
    if not outcome.status:
        wrong.append("no outputs")
    return "; ".join(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    asked = parser.parse_args()
    statuses: Counter[str] = Counter()
    failed, slowest = 0, 0.0
    for seed in range(asked.first, asked.first + asked.runs):
        outcome = run(seed)
        statuses[outcome.status] += 1
        slowest = max(slowest, outcome.seconds)
        if wrong := broken(outcome):
            failed += 1
            print(f"seed {seed}: {wrong}\n{outcome.log[-1500:]}", flush=True)
    said = ", ".join(f"{number} {status or 'none'}" for status, number in statuses.most_common())
    print(f"{asked.runs} runs, {failed} broken; comment: {said}; slowest {slowest:.1f} s, deadline {DEADLINE} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
