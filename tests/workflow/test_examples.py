"""The example workflow in a runner (act), with the actions as a release has them, against the stand-in GitHub."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES
from tests.container.engine import ROOT
from tests.github_api import FakeGitHub
from tests.integration.step import HEAD, PULL_REQUEST

pytestmark = pytest.mark.workflow

NEXT_STEP = """\
      - if: ${{ !cancelled() && fromJSON(steps.sweep.outputs.nan_rate) >= 0 }}
        run: echo "NEXT $STATUS $CONCLUSION $PUBLISHED"
        env:
          STATUS: ${{ steps.sweep.outputs.status }}
          CONCLUSION: ${{ steps.sweep.outputs.conclusion }}
          PUBLISHED: ${{ steps.sweep.outputs.publish_status }}
"""


def checkout(folder: Path, example: str, action: str) -> Path:
    """A repository with a sweep and the workflow of examples/, of which a later step reads the outputs."""
    repository = folder / "repository"
    flows = repository / ".github" / "workflows"
    flows.mkdir(parents=True)
    (repository / "sweeps").mkdir()
    shutil.copy(EXAMPLES / example, repository / "sweeps" / "sweep.csv")
    text = (ROOT / "examples" / "workflows" / "sweep-gate.yml").read_text(encoding="utf-8")
    text, changed = re.subn(r"- uses: org/hparam-inspector\S* #.*", f"- uses: {action}\n        id: sweep", text)
    assert changed == 1
    (flows / "sweep-gate.yml").write_text(text + NEXT_STEP, encoding="utf-8")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", repository, *command], check=True)
    return repository


def release(folder: Path, images: dict[str, str]) -> Path:
    """Both actions with published images in the place of the Dockerfile."""
    for file, target in (("action.yml", "crew"), ("gate/action.yml", "gate")):
        text = (ROOT / file).read_text(encoding="utf-8")
        path = folder / "release" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(re.sub(r"^  image: .*$", f"  image: docker://{images[target]}", text, flags=re.MULTILINE))
    return folder / "release"


@pytest.mark.parametrize("action", ["org/hparam-inspector/gate@v1", "org/hparam-inspector@v1"])
@pytest.mark.parametrize(
    ("example", "code", "said"),
    [("digits_sweep.csv", 1, "NEXT fail failure posted"), ("healthy_sweep.csv", 0, "NEXT pass success posted")],
)
def test_the_gate_decides_the_job_and_the_next_step_reads_its_outputs(
    images: dict[str, str], tmp_path: Path, action: str, example: str, code: int, said: str
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(PULL_REQUEST))
    with FakeGitHub(repository="octo/sweeps") as github:
        github.add_pull(number=7, head_sha=HEAD, head_ref="topic", head_repo="octo/sweeps")
        command = ["act", "pull_request", "-e", tmp_path / "event.json", "-P", f"ubuntu-latest={images['runner']}"]
        command += ["--pull=false", "--action-offline-mode", "--no-cache-server", "--rm", "--network", "host"]
        command += ["--container-daemon-socket", "-", "-s", f"GITHUB_TOKEN={github.token}"]
        command += ["--env", f"GITHUB_API_URL={github.url}", "--env", "GITHUB_REPOSITORY=octo/sweeps"]
        command += ["--local-repository", f"org/hparam-inspector@v1={release(tmp_path, images)}"]
        done = subprocess.run(
            command, cwd=checkout(tmp_path, example, action), capture_output=True, text=True, check=False, timeout=300
        )
        log = done.stdout + done.stderr
        assert done.returncode == code, log[-4000:]
        assert said in log
        assert github.token not in log
        [comment] = github.comments(7)
        assert f"Sweep inspection: {'fail' if code else 'pass'}" in comment.body
