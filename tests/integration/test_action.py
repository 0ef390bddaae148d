"""One Action run in the runner's environment, against the stand-in GitHub."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hparam_ci.inspection import DetectorResult, Inspection
from hparam_ci.outputs import OUTPUT_RATES, OUTPUTS
from tests.conftest import EXAMPLES, write_csv
from tests.github_api import Fault
from tests.integration.step import BASE, HEAD, PULL_REQUEST, Runner, obeyed

ENTRY = Path(__file__).parents[2] / "entrypoint.py"

EVENTS = Path(__file__).resolve().parents[1] / "fixtures" / "events"


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
    assert set(done.outputs) == set(OUTPUTS)
    assert (done.outputs["status"], done.outputs["conclusion"]) == ("inconclusive", "failure")
    assert {done.outputs[rate] for rate in OUTPUT_RATES} == {"1.0000"}


def test_an_internal_error_is_exit_3(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("hparam_ci.pipeline.inspect", broken)
    done = runner.run()
    assert done.code == 3
    assert "internal error before a verdict: RuntimeError: boom" in done.log
    assert (done.outputs["status"], done.outputs["nan_rate"], done.outputs["json"]) == ("inconclusive", "1.0000", "{}")


def test_nothing_to_judge_is_inconclusive(runner: Runner) -> None:
    done = runner.run()
    assert (done.code, done.outputs["status"], done.outputs["nan_rate"]) == (1, "inconclusive", "1.0000")
    assert runner.run(fail_on_empty="false").code == 0


OUTCOMES = {
    "within its limits": ("healthy_sweep.csv", {}, (0, 0, 0)),
    "above a warn limit": ("digits_sweep.csv", {"thresholds": "divergence_rate: 10%/90%"}, (0, 1, 0)),
    "above a fail limit": ("digits_sweep.csv", {}, (1, 1, 0)),
    "nothing to judge": ("digits_sweep.csv", {"files": "none/*.csv"}, (1, 1, 0)),
    "a file that cannot be read": ("healthy_sweep.csv", {"files": "results/sweep.csv\nresults/bad.csv"}, (1, 1, 0)),
    "an option that cannot be used": ("healthy_sweep.csv", {"max_nan_rate": "5"}, (2, 2, 2)),
}


@pytest.mark.parametrize("situation", OUTCOMES)
def test_the_exit_code_follows_the_printed_table(runner: Runner, situation: str) -> None:
    example, inputs, codes = OUTCOMES[situation]
    runner.put(example)
    (runner.workspace / "results" / "bad.csv").write_bytes(b"")
    inputs = {"comment_mode": "off", "files": "results/sweep.csv", **inputs}
    assert tuple(runner.run(**inputs, fail_on=fail_on).code for fail_on in ("fail", "warn", "never")) == codes


@pytest.mark.parametrize("example", ["digits_sweep.csv", "healthy_sweep.csv", ""])
def test_numbers_in_outputs_are_fixed_point(runner: Runner, example: str) -> None:
    """A blank, quoted or exponential one would make a workflow's `>` silently false."""
    if example:
        runner.put(example)
    outputs = runner.run(comment_mode="off").outputs
    for name in OUTPUT_RATES:
        assert re.fullmatch(r"[01]\.\d{4}", outputs[name]), name
    for name in ("runs", "affected_runs", "files", "findings"):
        assert re.fullmatch(r"\d+", outputs[name]), name
    assert outputs["truncated"] in ("true", "false")


def test_the_trusted_half_comments_on_the_forks_pull_request(runner: Runner) -> None:
    """By GitHub's own head commit; a pull request that has moved on, and a number of another one, get nothing."""
    payload = json.loads((EVENTS / "workflow_run_fork.json").read_text())
    origin = payload["workflow_run"]
    fork = (origin["head_branch"], origin["head_repository"]["full_name"])
    runner.put("digits_sweep.csv", "untrusted/sweep.csv")
    inputs = {"files": "untrusted/**/*.csv", "fail_on": "never", "comment_key": "sweep"}
    assert runner.run("workflow_run", payload, **inputs).outputs["publish_status"] == "skipped_no_pr"
    runner.github.add_pull(20, origin["head_sha"], *fork)
    wrong = runner.run("workflow_run", payload, **inputs, pr_number="7")
    assert wrong.outputs["publish_status"] == "skipped_no_pr"
    right = runner.run("workflow_run", payload, **inputs)
    assert (right.code, right.outputs["publish_status"], right.outputs["status"]) == (0, "posted", "fail")
    assert (len(runner.github.comments(20)), runner.github.comments(7)) == (1, [])


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


@pytest.mark.parametrize(
    "broken",
    [
        "hparam_ci.publish.verdict_outputs",
        "hparam_ci.publish.write_outputs",
        "hparam_ci.publish.write_summary",
        "hparam_ci.publish.write_inside",
        "hparam_ci.report.words.evidence",
        "hparam_ci.report.forms.as_bytes",
        "hparam_ci.report.render.summary",
        "hparam_ci.report.render.comment",
        "hparam_ci.github.comments.publish_comment",
        "hparam_ci.github.client.connect",
    ],
)
@pytest.mark.parametrize(("example", "code"), [("digits_sweep.csv", 1), ("healthy_sweep.csv", 0)])
def test_whatever_breaks_after_the_verdict_is_said_and_the_gate_has_the_exit_code(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, broken: str, example: str, code: int
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ValueError("boom")

    runner.put(example)
    monkeypatch.setattr(broken, breaks)
    done = runner.run()
    assert done.code == code
    if (broken, code) != ("hparam_ci.report.words.evidence", 0):  # a healthy sweep has no row to annotate
        assert re.search("::notice::.*boom", done.log)
    if broken != "hparam_ci.publish.write_outputs":
        assert done.outputs["status"] == ("fail" if code else "pass")
        assert done.outputs["conclusion"] == ("failure" if code else "success")


@pytest.mark.parametrize(("example", "code"), [("digits_sweep.csv", 1), ("healthy_sweep.csv", 0)])
def test_a_log_that_cannot_be_written_turns_nothing(runner: Runner, example: str, code: int) -> None:
    runner.put(example)
    env = {"GITHUB_WORKSPACE": str(runner.workspace), "INPUT_FILES": "results/*.csv", "PATH": os.defpath}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, ENTRY], env=env, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (code, b"")
    assert (runner.workspace / "hparam_report.json").is_file()


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


CONFIG = ".github/hparam-inspector.yml"


@pytest.mark.parametrize("place", [CONFIG, "pyproject.toml", "gate/own.yml"])
def test_a_pull_request_that_changes_its_own_limits_is_told_so(runner: Runner, place: str) -> None:
    """In the comment, the summary and the log; limits that only look different are the same."""
    table = "[tool.hparam-inspector]\n" if place.endswith(".toml") else ""
    strict, loose, other = (
        f'{table}max_nan_rate {"=" if table else ":"} "{rate}"{tail}\n'
        for rate, tail in (("1%", ""), ("90%", ""), ("1%", " # the same"))
    )
    runner.put("healthy_sweep.csv")
    path = runner.workspace / place
    path.parent.mkdir(exist_ok=True)
    runner.github.add_file(place, strict.encode(), BASE)
    inputs = {"config": place} if place.startswith("gate") else {}
    for text, told in ((strict, False), (other, False), (loose, True), (None, True)):
        path.unlink() if text is None else path.write_text(text)
        done = runner.run(**({} if text is None else inputs))
        if text is None and inputs:
            continue  # a configuration that is named and absent is an error, and one that is not named is another one
        said = "differs from that of main: check the limits"
        [comment] = runner.github.comments(7)
        assert [said in sink for sink in (comment.body, done.summary, done.log)] == [told] * 3


def test_a_configuration_that_cannot_be_compared_is_no_reason_to_stop(runner: Runner) -> None:
    runner.put("healthy_sweep.csv")
    runner.github.faults.add("GET", "/contents/.github", Fault(status=500, times=None))
    done = runner.run()
    assert (done.code, done.outputs["publish_status"]) == (0, "posted")


def test_the_log_says_where_it_looked_and_how_large_the_files_are(runner: Runner) -> None:
    runner.put("healthy_sweep.csv")
    log = runner.run(comment_mode="off").log
    size = (runner.workspace / "results" / "sweep.csv").stat().st_size
    assert f"looking in {runner.workspace.resolve()} for at most 50 files of 50 MB each" in log
    assert f"inspecting 1 of 1: results/sweep.csv ({size:,} bytes)" in log
    assert "pattern results/**/*.csv: 1 file" in log


# --- against the base branch ------------------------------------------------------------------------


def test_the_sweep_of_the_base_branch_is_the_baseline(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    runner.github.add_file("results/sweep.csv", (EXAMPLES / "healthy_sweep.csv").read_bytes(), BASE)
    done = runner.run(max_divergence_rate="off")
    assert done.code == 0
    assert "Against main at cccccccccc" in done.summary
    assert runner.run(max_divergence_rate="off", fail_on_regression="true").code == 1
    assert runner.run(max_divergence_rate="off", fail_on_new_causes="true").code == 1
    assert "Against" not in runner.run(baseline="off").summary


@pytest.mark.parametrize(
    "name",
    ["results/größe 日本.csv", "results/50% of #1?.csv", "results/[a]+{b}&c.csv", "runs/.h/s.csv", ".h/s.csv", "s.csv"],
)
def test_a_path_is_found_on_the_base_branch_whatever_it_is_called(runner: Runner, name: str) -> None:
    runner.put("healthy_sweep.csv", name)
    runner.github.add_file(name, (EXAMPLES / "healthy_sweep.csv").read_bytes(), BASE)
    done = runner.run(files=(Path(name).parent / "*.csv").as_posix())
    assert "Against main at cccccccccc: the files are the same." in done.summary


def test_a_large_file_of_the_base_branch_is_read_too(runner: Runner) -> None:
    runner.put("healthy_sweep.csv")
    large = (EXAMPLES / "healthy_sweep.csv").read_text().rstrip("\n") + "\n" * 1_100_000
    runner.github.add_file("results/sweep.csv", large.encode(), BASE)
    assert "Against main at cccccccccc: nothing changed." in runner.run().summary


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500, times=None), Fault(status=403), Fault(drop=True, times=None)],
    ids=["500", "403", "drop"],
)
def test_without_the_baseline_the_limits_decide(runner: Runner, fault: Fault) -> None:
    runner.put("healthy_sweep.csv")
    runner.github.add_file("results/sweep.csv", b"x", BASE)
    runner.github.faults.add("GET", "/contents/", fault)
    done = runner.run(fail_on_regression="true")
    assert done.code == 0
    assert "baseline: " in done.log
    assert "Against" not in done.summary


def test_a_fork_is_compared_too(runner: Runner) -> None:
    runner.put("healthy_sweep.csv")
    runner.github.add_file("results/sweep.csv", (EXAMPLES / "healthy_sweep.csv").read_bytes(), BASE)
    fork = json.loads(json.dumps(PULL_REQUEST))
    fork["pull_request"]["head"]["repo"]["full_name"] = "stranger/sweeps"
    done = runner.run(payload=fork)
    assert "Against main at cccccccccc: the files are the same." in done.summary
    assert done.outputs["publish_status"] == "skipped_read_only"


def test_a_named_file_is_the_baseline(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    runner.put("healthy_sweep.csv", "earlier/sweep.csv")
    assert "Against earlier/sweep.csv" in runner.run(baseline_file="earlier/sweep.csv").summary
    assert runner.run(baseline_file="earlier/none.csv").code == 2


# --- the check run, SARIF and JUnit -----------------------------------------------------------------


def sick_detectors(runner: Runner) -> list[DetectorResult]:
    """Those whose issues are errors or warnings, in the result that the run wrote."""
    [sweep] = Inspection.from_json((runner.workspace / "hparam_report.json").read_bytes()).sweeps
    return [d for d in sweep.detectors if d.severity != "notice"]


def test_the_check_run_annotates_every_listed_row(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    done = runner.run(check_run="true", comment_mode="off")
    [check] = runner.github.check_runs()
    assert (check.conclusion, check.head_sha, check.status) == ("failure", HEAD, "completed")
    assert "Divergence rate" in (check.summary or "")
    assert check.annotations[0] | {"title": "", "message": ""} == {
        "path": "results/sweep.csv",
        "start_line": 154,
        "end_line": 154,
        "annotation_level": "failure",
        "title": "",
        "message": "",
    }
    listed = {issue.line for d in sick_detectors(runner) for issue in d.issues}
    assert {one["start_line"] for one in check.annotations} == listed
    assert done.outputs["check_url"].endswith(str(check.id))
    assert done.outputs["publish_status"] == "skipped_off"
    runner.put("healthy_sweep.csv")
    runner.run(check_run="true")
    assert [one.conclusion for one in runner.github.check_runs()] == ["failure", "success"]


def test_more_than_fifty_annotations_take_several_requests(runner: Runner) -> None:
    for number in range(4):
        runner.put("digits_sweep.csv", f"results/{number}.csv")
    runner.run(check_run="true", fail_on="never")
    [check] = runner.github.check_runs()
    assert len(check.annotations) > 150
    assert check.conclusion == "neutral"
    assert sum(r.method == "PATCH" and "/check-runs/" in r.path for r in runner.github.journal) >= 3


def test_a_check_run_that_was_made_but_not_confirmed_is_not_made_again(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    runner.github.faults.add("POST", r"/check-runs$", Fault(status=502, after=True))
    done = runner.run(check_run="true", github_retries="2")
    assert len(runner.github.check_runs()) == 1
    assert done.outputs["check_url"]


def test_a_token_that_may_not_write_checks_is_a_notice(runner: Runner) -> None:
    runner.put("healthy_sweep.csv")
    runner.github.faults.add("POST", r"/check-runs$", Fault(status=403, body={"message": "Resource not accessible"}))
    done = runner.run(check_run="true")
    assert done.code == 0
    assert "checks: write" in done.log
    assert done.outputs["publish_status"] == "posted"


def test_files_for_code_scanning_and_test_reporters(runner: Runner) -> None:
    runner.put("digits_sweep.csv")
    done = runner.run(sarif_file="out/sweep.sarif", junit_file="out/sweep.xml", html_file="out/report.html")
    assert (done.outputs["sarif_file"], done.outputs["junit_file"]) == ("out/sweep.sarif", "out/sweep.xml")
    assert done.outputs["html_file"] == "out/report.html"
    assert (runner.workspace / "out" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((runner.workspace / "out/sweep.sarif").read_text())["version"] == "2.1.0"
    assert (runner.workspace / "out/sweep.xml").read_text().startswith("<?xml")
