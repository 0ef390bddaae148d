"""One Action run in the runner's environment, against the stand-in GitHub."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hparam_ci.action import OUTPUTS, run
from hparam_ci.inspection import Inspection
from tests.conftest import EXAMPLES, write_csv
from tests.github_api import FakeGitHub, Fault

HEAD = "a" * 40
PULL_REQUEST = {
    "number": 7,
    "pull_request": {
        "number": 7,
        "head": {"sha": HEAD, "ref": "topic", "repo": {"full_name": "octo/sweeps", "owner": {"login": "octo"}}},
        "base": {"ref": "main", "repo": {"full_name": "octo/sweeps"}},
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


def parse_outputs(text: str) -> dict[str, str]:
    """The runner's file format: `name=value`, or a heredoc."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, separator, rest = re.match(r"(.*?)(<<|=)(.*)", line).groups()  # type: ignore[union-attr]
        if separator == "=":
            found[name] = rest
        else:
            value: list[str] = []
            while (following := next(lines)) != rest:
                value.append(following)
            found[name] = "\n".join(value)
    return found


def obeyed(log: str) -> list[str]:
    """The commands that the runner would take from the log."""
    found = []
    for line in log.splitlines():
        if match := re.match(r"\s*::([a-z-]+)", line):
            found.append(match[1])
        found += re.findall(r"##\[", line)
    return found


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    with FakeGitHub(repository="octo/sweeps") as github:
        github.add_pull(number=7, head_sha=HEAD, head_ref="topic", head_repo="octo/sweeps")
        made = Runner(tmp_path, github)
        made.workspace.mkdir()
        yield made


def test_a_sick_sweep_is_red_everywhere(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    done = runner.run()
    assert done.code == 1
    assert done.outputs["status"] == "fail"
    assert done.outputs["conclusion"] == "failure"
    assert done.outputs["nan_rate"] == "0.0545"
    assert done.outputs["runs"] == "240"
    assert done.outputs["publish_status"] == "posted"
    assert set(done.outputs) == set(OUTPUTS)
    assert "Divergence rate" in done.summary
    [comment] = runner.github.comments(7)
    assert "Divergence rate" in comment.body
    assert done.outputs["comment_id"] == str(comment.id)
    report, full = runner.workspace / "hparam_report.md", runner.workspace / "hparam_report.json"
    assert "Hyperparameter pathologies" in report.read_text(encoding="utf-8")
    assert Inspection.from_json(full.read_bytes()).verdict == "fail"
    assert {oct(path.stat().st_mode & 0o777) for path in (report, full)} == {"0o644"}


def test_red_turns_green_in_the_same_comment(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    first = runner.run()
    runner.put("healthy_sweep.csv")
    second = runner.run(comment_on="failure")
    assert (first.code, second.code) == (1, 0)
    assert second.outputs["publish_status"] == "updated"
    [comment] = runner.github.comments(7)
    assert "✅" in comment.body
    assert runner.run().outputs["publish_status"] == "unchanged"


def test_a_read_only_token_changes_nothing_but_a_notice(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    done = runner.run(github_token=runner.github.read_only_token)
    assert done.code == 1
    assert done.outputs["publish_status"] == "skipped_read_only"
    assert done.summary
    notices = [line for line in done.log.splitlines() if line.startswith("::notice")]
    assert len(notices) == 1
    assert "pull-requests: write" in notices[0]


@pytest.mark.parametrize("event", ["push", "workflow_dispatch", "schedule", "merge_group", "something_new"])
def test_events_without_a_pull_request_end_well(runner: Runner, event: str) -> None:
    runner.put("healthy_sweep.csv")
    done = runner.run(event, {"ref": "refs/heads/main", "after": "b" * 40})
    assert (done.code, done.outputs["publish_status"]) == (0, "skipped_no_pr")


@pytest.mark.parametrize("payload", ["", "{", "[]", '"x"'])
def test_a_broken_event_is_no_reason_to_stop(runner: Runner, payload: str) -> None:
    runner.put("healthy_sweep.csv")
    assert runner.run(payload=payload).code == 0


@pytest.mark.parametrize("fault", [Fault(status=500, times=None), Fault(drop=True, times=None)])
def test_an_outage_never_turns_the_verdict(runner: Runner, fault: Fault) -> None:
    runner.github.faults.add("*", ".*", fault)
    for example, code in (("healthy_sweep.csv", 0), ("digits_sweep.csv", 1)):
        runner.put(example)
        done = runner.run(publish_timeout_seconds="2")
        assert (done.code, done.outputs["publish_status"]) == (code, "failed")


@pytest.mark.parametrize(
    ("inputs", "words"),
    [({"max_nan_rate": "5"}, "could mean"), ({"fail_onn": "x"}, "did you mean"), ({"files": "../x.csv"}, "../x.csv")],
)
def test_an_input_that_cannot_be_used_is_one_line_and_exit_2(
    runner: Runner, inputs: dict[str, str], words: str
) -> None:
    done = runner.run(**inputs)
    assert done.code == 2
    errors = [line for line in done.log.splitlines() if line.startswith("::error")]
    assert len(errors) == 1
    assert words in errors[0]
    assert "Traceback" not in done.log


def test_an_internal_error_is_exit_3(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("hparam_ci.pipeline.inspect", broken)
    done = runner.run()
    assert done.code == 3
    assert "internal error before a verdict: RuntimeError: boom" in done.log


def test_nothing_to_judge_is_inconclusive(runner: Runner) -> None:
    done = runner.run()
    assert (done.code, done.outputs["status"], done.outputs["nan_rate"]) == (1, "inconclusive", "1.0000")
    assert runner.run(fail_on_empty="false").code == 0


def test_annotations_stand_at_the_sick_rows(runner: Runner) -> None:
    runner.put("sample_results.csv")
    done = runner.run(annotations="error")
    lines = re.findall(r"^::error .*file=results/sweep\.csv,line=(\d+)::", done.log, re.MULTILINE)
    assert {"3", "5"} <= set(lines)
    assert len(re.findall(r"^::error", done.log, re.MULTILINE)) <= 10
    assert not re.findall(r"file=results", runner.run(annotations="off").log)


def test_annotations_are_of_every_kind_the_worst_first_without_notices_and_once_a_row(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    done = runner.run(annotations="warning")
    lines = re.findall(r"^::warning .*file=results/sweep\.csv,line=(\d+)::trial (\w+)", done.log, re.MULTILINE)
    assert len(lines) == len(set(lines)) == 9
    [sweep] = Inspection.from_json((runner.workspace / "hparam_report.json").read_bytes()).sweeps
    worst = {d.code: str(d.issues[0].line) for d in sweep.detectors if d.issues}
    assert [line for line, _ in lines[:3]] == [worst["HP201"], worst["HP104"], worst["HP101"]]
    assert "HP401" not in "".join(re.findall(r"^::warning .*$", done.log, re.MULTILINE))


def test_hostile_cells_and_names_command_nothing(runner: Runner) -> None:
    evil = [
        "::set-output name=status::pass",
        "##[error]x",
        "\x1b[31m",
        "a|b",
        "<img src=x>",
        "@org/team",
        "%0A::error::x",
    ]
    columns = {
        "trial_id": [*evil, "8"],
        "status": ["failed"] * 4 + ["completed"] * 4,
        "##[set-output name=x]lr": list(range(8)),
        "::error::val_loss": ["nan"] * 4 + [0.5] * 4,
    }
    write_csv(runner.workspace / "results" / "##[error]evil.csv", columns)
    done = runner.run()
    assert done.code == 1
    allowed = {"add-mask", "group", "endgroup", "error", "warning", "notice", "debug"}
    commands = obeyed(done.log)
    assert set(commands) <= allowed
    assert done.outputs["status"] == "fail"
    assert "\x1b" not in done.log + done.summary


def test_the_token_is_nowhere(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    done = runner.run()
    written = [path.read_text(encoding="utf-8") for path in runner.workspace.rglob("*") if path.is_file()]
    comments = [comment.body for comment in runner.github.comments(7)]
    log = done.log.replace(f"::add-mask::{runner.github.token}\n", "", 1)
    assert not [
        text for text in [log, done.summary, *done.outputs.values(), *written, *comments] if runner.github.token in text
    ]


def test_files_are_written_through_no_link_and_nowhere_else(runner: Runner, tmp_path: Path) -> None:
    runner.put("healthy_sweep.csv")
    target = tmp_path / "outside"
    target.write_text("untouched")
    (runner.workspace / "hparam_report.md").symlink_to(target)
    done = runner.run()
    assert done.code == 0
    assert target.read_text() == "untouched"
    assert "report_file: hparam_report.md cannot be written" in done.log
    assert (done.outputs["report_file"], done.outputs["json_file"]) == ("", "hparam_report.json")


def test_an_output_file_that_cannot_be_written_is_a_notice(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    runner.env = {"GITHUB_OUTPUT": str(runner.folder / "no" / "such"), "GITHUB_STEP_SUMMARY": "/proc/x"}
    done = runner.run()
    assert done.code == 1
    assert "the outputs cannot be written" in done.log


def test_the_configuration_file_of_the_workspace_is_used(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    (runner.workspace / ".github").mkdir()
    (runner.workspace / ".github" / "hparam-inspector.yml").write_text("fail_on: never\n")
    done = runner.run(fail_on="fail")
    assert (done.code, done.outputs["status"], done.outputs["conclusion"]) == (0, "fail", "success")
