"""The action from start to end, in its image, as a workflow's step runs it."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import stat
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.github_api.fake import FakeGitHub

from .engine import podman
from .runner import pull_request_event, run_step, start_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .engine import Image
    from .runner import RunningStep, StepResult

    Run = Callable[..., StepResult]

pytestmark = pytest.mark.container

INPUTS = {"files": "results/**/*.csv"}
PULL_REQUEST = pull_request_event(7, head_sha="a" * 40)
PASS, GATE, USAGE = 0, 1, 2


def sweep(trials: int, sick: int) -> str:
    """A sweep as CSV; the sick trials, those with the highest learning rates, have a NaN validation loss."""
    rows = ["trial_id,status,lr,batch_size,train_loss,val_loss,epochs,runtime_sec"]
    for number in range(trials):
        is_sick = number >= trials - sick
        loss = "NaN" if is_sick else f"{0.40 + 0.01 * (number % 3):.2f}"
        rate = 0.001 * (number + 1) * (50 if is_sick else 1)
        rows.append(f"{number},completed,{rate:.4f},{32 * (1 + number % 2)},0.35,{loss},20,{300 + number}")
    return "\n".join(rows) + "\n"


def put_sweep(workspace: Path, *, sick: int, trials: int = 12) -> None:
    path = workspace / "results" / "nightly" / "sweep.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sweep(trials, sick))


def messages(result: StepResult, level: str) -> list[str]:
    return [command.message for command in result.commands if command.name == level]


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with FakeGitHub(repository="octo/sweeps") as server:
        server.add_pull(number=7, head_sha="a" * 40, head_ref="topic", head_repo="octo/sweeps")
        yield server


@pytest.fixture
def run(image: Image, workspace: Path, github: FakeGitHub) -> Run:
    """Runs the step on the pull request of the local GitHub."""
    options = {"event": PULL_REQUEST, "api_url": github.url, "token": github.token, "network": "host"}
    return partial(run_step, image.reference, workspace, inputs=INPUTS, **options)


def test_a_sick_sweep_fails_the_step(run: Run, workspace: Path) -> None:
    put_sweep(workspace, sick=5)
    result = run()
    assert result.exit_code == GATE, result.log
    assert result.outputs["status"] == "fail"
    assert result.outputs["nan_rate"] == "0.4167"
    assert "fail" in result.summary.lower()
    assert (workspace / "hparam_report.md").read_text().strip()
    assert json.loads((workspace / "hparam_report.json").read_text())


def test_a_healthy_sweep_passes(run: Run, workspace: Path) -> None:
    put_sweep(workspace, sick=0)
    result = run()
    assert result.exit_code == PASS, result.log
    assert result.outputs["status"] == "pass"
    assert result.outputs["nan_rate"] == "0.0000"
    assert messages(result, "error") == []


def test_no_file_is_no_pass(run: Run) -> None:
    result = run()
    assert result.exit_code == GATE, result.log
    assert result.outputs["status"] == "inconclusive"


def test_a_limit_that_cannot_be_read_is_named_in_one_line(run: Run, workspace: Path) -> None:
    put_sweep(workspace, sick=5)
    result = run(inputs=INPUTS | {"max_nan_rate": "5"})
    assert result.exit_code == USAGE, result.log
    [message] = messages(result, "error")
    assert "max_nan_rate" in message
    assert "5%" in message
    assert "Traceback" not in result.log


def test_the_reports_can_be_read_by_the_next_step(run: Run, workspace: Path) -> None:
    """They belong to root, and the runner's own user uploads them."""
    put_sweep(workspace, sick=5)
    run()
    for name in ("hparam_report.md", "hparam_report.json"):
        assert stat.S_IMODE((workspace / name).stat().st_mode) == 0o644


def test_nothing_is_written_outside_the_places_named(image: Image, workspace: Path, github: FakeGitHub) -> None:
    """With everything on: baseline, comment, check run, all files. Inside the container only mounts have changed."""
    put_sweep(workspace, sick=5)
    github.add_file("results/nightly/sweep.csv", sweep(12, 0).encode(), "b" * 40)
    named = {
        "json_file": "out/r.json",
        "report_file": "out/r.md",
        "sarif_file": "out/r.sarif",
        "junit_file": "out/r.xml",
    }
    options = {"event": PULL_REQUEST, "api_url": github.url, "token": github.token, "network": "host", "options": ()}
    step = start_step(image.reference, workspace, inputs=INPUTS | named | {"check_run": "true"}, **options)
    with step:
        result = step.wait()
    try:
        changed = {line.split()[1] for line in podman("diff", step.name).stdout.splitlines()}
    finally:
        podman("rm", step.name)
    assert "Against main" in result.summary, result.log
    assert {path for path in changed if not path.startswith("/github")} <= {"/etc", "/run", "/run/.containerenv"}
    files = {path.relative_to(workspace).as_posix() for path in workspace.rglob("*") if path.is_file()}
    assert files == {"results/nightly/sweep.csv", *named.values()}
    assert {stat.S_IMODE((workspace / name).stat().st_mode) for name in named.values()} == {0o644}
    temporary = step.files["GITHUB_OUTPUT"].parents[1]
    left = {path.relative_to(temporary).as_posix() for path in temporary.rglob("*") if path.is_file()}
    names = {f"_runner_file_commands/{path.name}" for path in step.files.values()}
    assert left == names | {"_github_workflow/event.json"}
    assert [step.files[name].read_text() for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE")] == ["", "", ""]


def test_an_enterprise_server_with_a_certificate_of_its_own(image: Image, workspace: Path) -> None:
    company = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    company.issue_cert("127.0.0.1").configure_cert(context)
    put_sweep(workspace, sick=5)
    company.cert_pem.write_to_path(workspace / "company.pem")
    with FakeGitHub(repository="octo/sweeps", enterprise=context) as server:
        server.add_pull(number=7, head_sha="a" * 40, head_ref="topic", head_repo="octo/sweeps")
        options = {"event": PULL_REQUEST, "api_url": server.url, "token": server.token, "network": "host"}
        with_bundle = INPUTS | {"ca_bundle": "company.pem"}
        done = run_step(image.reference, workspace, inputs=with_bundle, **options)
        assert done.outputs["publish_status"] == "posted", done.log
        refused = run_step(image.reference, workspace, inputs=INPUTS, **options)
        assert (refused.exit_code, refused.outputs["publish_status"]) == (GATE, "failed"), refused.log
        assert len(server.comments(7)) == 1


def test_one_comment_that_follows_the_sweep(run: Run, workspace: Path, github: FakeGitHub) -> None:
    put_sweep(workspace, sick=5)
    first = run()
    assert first.exit_code == GATE, first.log
    [posted] = github.comments(7)

    put_sweep(workspace, sick=0)
    second = run()
    assert second.exit_code == PASS, second.log
    [edited] = github.comments(7)
    assert edited.id == posted.id
    assert edited.body != posted.body


def test_the_token_stays_in(run: Run, workspace: Path, github: FakeGitHub) -> None:
    put_sweep(workspace, sick=5)
    result = run(inputs=INPUTS | {"log_level": "debug"})
    files = [path.read_text() for path in workspace.rglob("*") if path.is_file()]
    [comment] = github.comments(7)
    log = result.log.replace(f"::add-mask::{github.token}\n", "", 1)
    for text in (log, result.summary, comment.body, *result.outputs.values(), *files):
        assert github.token not in text


def test_a_cell_gives_the_runner_no_command(run: Run, workspace: Path) -> None:
    hostile = "::error title=planted::planted"
    put_sweep(workspace, sick=5)
    path = workspace / "results" / f"{hostile.replace(' ', '%0A')}.csv"
    path.write_text(sweep(12, 5).replace("\n11,", f'\n"{hostile}",').replace("batch_size", f'"{hostile}"'))
    result = run(inputs=INPUTS | {"show_params": "true", "log_level": "debug"})
    assert result.exit_code == GATE, result.log
    assert result.outputs["files"] == "2"
    planted = [c for c in result.commands if c.properties.get("title") == "planted" or c.message == "planted"]
    assert planted == [], result.log


@pytest.mark.parametrize(("sick", "exit_code"), [(5, GATE), (0, PASS)])
def test_a_read_only_token_leaves_the_verdict(
    run: Run, workspace: Path, github: FakeGitHub, sick: int, exit_code: int
) -> None:
    put_sweep(workspace, sick=sick)
    result = run(token=github.read_only_token)
    assert result.exit_code == exit_code, result.log
    assert messages(result, "notice"), result.log
    assert github.comments(7) == []


@pytest.mark.parametrize(("sick", "exit_code"), [(5, GATE), (0, PASS)])
def test_a_github_out_of_reach_leaves_the_verdict(run: Run, workspace: Path, sick: int, exit_code: int) -> None:
    put_sweep(workspace, sick=sick)
    result = run(network="none", inputs=INPUTS | {"github_retries": "0"})
    assert result.exit_code == exit_code, result.log
    assert result.outputs["publish_status"] == "failed"
    assert messages(result, "notice"), result.log


def test_a_push_without_comment_needs_no_network(image: Image, workspace: Path) -> None:
    put_sweep(workspace, sick=0)
    result = run_step(image.reference, workspace, inputs=INPUTS | {"comment_mode": "off"}, network="none")
    assert result.exit_code == PASS, result.log
    assert [command for command in result.commands if command.name in ("notice", "warning", "error")] == []


def test_modules_of_the_workspace_stay_out(run: Run, workspace: Path) -> None:
    """A pull request's own files, and a job's PYTHONPATH, must not become our code."""
    put_sweep(workspace, sick=0)
    planted = 'open("/github/workspace/planted", "w").close()\n'
    for name in ("sitecustomize", "json", "pandas", "yaml", "hparam_ci"):
        (workspace / f"{name}.py").write_text(planted)
    result = run(job_environment={"PYTHONPATH": "/github/workspace", "PYTHONHOME": "/nowhere"})
    assert result.exit_code == PASS, result.log
    assert not (workspace / "planted").exists()


def first_connection(server: socket.socket, step: RunningStep) -> socket.socket:
    """Waits for the step to ask the server; a step that ends before is an error."""
    while step.process.poll() is None:
        with suppress(TimeoutError):
            return server.accept()[0]
    raise AssertionError(f"the step asked nothing of the server:\n{step.wait().log}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_cancelled_run_ends_at_once(image: Image, workspace: Path, number: signal.Signals) -> None:
    """The runner sends SIGINT, SIGTERM 7.5 s later, then kills; here the step waits for a silent server."""
    put_sweep(workspace, sick=5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.2)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        pull_request = {"event": PULL_REQUEST, "api_url": url, "network": "host"}
        step = start_step(image.reference, workspace, inputs=INPUTS, **pull_request)
        with step, first_connection(silent, step):
            step.cancel(number)
            result = step.wait(timeout=7)
    assert result.exit_code not in (PASS, 137), result.log
    assert "Traceback" not in result.log
