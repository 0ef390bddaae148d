"""Every payload, through real files and through the mouth of a model, renders as text in every sink."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hparam_ci.action import run
from hparam_ci.inspection import Inspection
from hparam_ci.outputs import OUTPUTS
from hparam_ci.pipeline import inspect
from hparam_ci.settings import Settings
from tests.attack import corpus
from tests.attack.hostile import poisoned_inspection
from tests.attack.sinks import SINKS, Sink, hidden, is_a_log, is_markdown_of_ours
from tests.conftest import EXAMPLES
from tests.github_api import FakeGitHub
from tests.outputs import parse_outputs

HEAD = "a" * 40
# Facts are gathered from an Inspection of ours, where a number stands as a text: only real files can fill them.
ANY = [sink for sink in SINKS if sink.name != "prompt"]
# The others have every text of the result, whole or line by line.
BOUNDED = [sink for sink in SINKS if sink.name not in ("json", "spreadsheet", "log")]
named = pytest.mark.parametrize("sink", SINKS, ids=lambda sink: sink.name)


@pytest.fixture(scope="module", params=corpus.PAYLOADS, ids=range(len(corpus.PAYLOADS)))
def attack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Inspection]:
    """A payload, the folder with its files, and what is found in them."""
    folder = tmp_path_factory.mktemp("attack")
    corpus.sweep(folder, request.param)
    found = inspect(["**/*.csv", "**/*.json"], Settings(show_params=True), root=folder)
    assert len(found.sweeps) + len(found.skipped) >= 2
    assert not [file for file in found.skipped if "internal error" in file.reason]
    return request.param, folder, found


@named
def test_what_comes_out_renders_as_text(attack: tuple[str, Path, Inspection], sink: Sink) -> None:
    text, _, found = attack
    path = found.sweeps[0].path if found.sweeps else ""
    sink.holds(sink.made(found, corpus.review(text, path)))


def test_an_action_run_obeys_nothing_and_publishes_text(attack: tuple[str, Path, Inspection]) -> None:
    _, folder, found = attack
    with FakeGitHub(repository="octo/sweeps") as github:
        github.add_pull(number=7, head_sha=HEAD, head_ref="topic", head_repo="octo/sweeps")
        code, log, outputs, summary = action(folder, github)
        [comment] = github.comments(7)
        [check] = github.check_runs()
    assert code == int(found.gate.fails_run)
    assert outputs["status"] == found.verdict
    assert set(outputs) == set(OUTPUTS)
    is_a_log(log)
    is_markdown_of_ours(summary)
    is_markdown_of_ours(comment.body.split("\n", 1)[1])
    is_markdown_of_ours(check.summary or "")
    for annotation in check.annotations:
        assert hidden(annotation["title"] + annotation["message"]) == set()


def action(workspace: Path, github: FakeGitHub) -> tuple[int, str, dict[str, str], str]:
    """Exit code, log, outputs and summary of an action run with every sink on."""
    files = {name: workspace.parent / f"{workspace.name}.{name}" for name in ("output", "summary", "event")}
    head = {"sha": HEAD, "ref": "topic", "repo": {"full_name": "octo/sweeps", "owner": {"login": "octo"}}}
    base = {"ref": "main", "sha": "c" * 40, "repo": {"full_name": "octo/sweeps"}}
    pull = {"number": 7, "head": head, "base": base, "user": {"login": "octo"}}
    for name in ("output", "summary"):
        files[name].write_text("")
    files["event"].write_text(
        json.dumps({"number": 7, "pull_request": pull, "repository": {"full_name": "octo/sweeps"}})
    )
    env = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(files["event"]),
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_REPOSITORY": "octo/sweeps",
        "GITHUB_SHA": "b" * 40,
        "GITHUB_API_URL": github.url,
        "GITHUB_GRAPHQL_URL": github.graphql_url,
        "GITHUB_OUTPUT": str(files["output"]),
        "GITHUB_STEP_SUMMARY": str(files["summary"]),
        "INPUT_GITHUB_TOKEN": github.token,
        "INPUT_FILES": "**/*.csv\n**/*.json",
        "INPUT_CHECK_RUN": "true",
        "INPUT_BASELINE": "off",
        "INPUT_COMMENT_KEY": "--> <script>",
        "INPUT_JSON_FILE": "",
        "INPUT_REPORT_FILE": "",
        "INPUT_SHOW_PARAMS": "true",
        "INPUT_GITHUB_RETRIES": "0",
        "INPUT_LOG_LEVEL": "debug",
    }
    log = io.StringIO()
    code = run(env, log)
    outputs = parse_outputs(files["output"].read_bytes().decode())
    return code, log.getvalue(), outputs, files["summary"].read_text(encoding="utf-8")


# --- any text -------------------------------------------------------------------------------------

PIECES = ("::error::", "##[error]", "<b>", "-->", "`", "|", "\n", "\r", "@a", "#1", "://a", "](", "\x1b[1m", "=1", "\\")
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=10).map("".join)


@cache
def sick() -> Inspection:
    return inspect(["sample_results.csv"], Settings(show_params=True), root=EXAMPLES)


@pytest.mark.parametrize("sink", ANY, ids=lambda sink: sink.name)
@given(text=texts)
@settings(max_examples=12, deadline=None)
def test_any_text_renders_as_text(sink: Sink, text: str) -> None:
    sink.holds(sink.made(poisoned_inspection(sick(), text), corpus.review(text, text)))


@pytest.mark.parametrize("sign", ["x", "|", "\x00", "<", "\n", "é"])
@pytest.mark.parametrize("sink", BOUNDED, ids=lambda sink: sink.name)
def test_ten_megabytes_in_a_text_are_cut(sink: Sink, sign: str) -> None:
    text = sign * 10_000_000
    [one] = sick().sweeps
    replaced = msgspec.structs.replace
    detectors = tuple(
        replaced(d, issues=tuple(replaced(issue, trial=text, message=text) for issue in d.issues[:1]))
        for d in one.detectors
    )
    huge = replaced(sick(), title=text, sweeps=(replaced(one, detectors=detectors, notes=(text,)),))
    made = sink.made(huge, corpus.review(text, one.path))
    assert len(made) < 1_100_000
    sink.holds(made)
