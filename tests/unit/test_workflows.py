"""Our workflows and the examples: what they may do, what they pin, and what a release makes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FLOWS = sorted([*(ROOT / ".github" / "workflows").glob("*.yml"), *(ROOT / "examples" / "workflows").glob("*.yml")])
NAMES = [path.name for path in FLOWS]


def flow(name: str) -> dict[str, Any]:
    """A workflow as YAML has it."""
    parsed: dict[str, Any] = yaml.safe_load(next(path for path in FLOWS if path.name == name).read_text("utf-8"))
    return parsed


def steps(job: dict[str, Any], word: str) -> list[dict[str, Any]]:
    """The steps of a job whose action or command has the word."""
    return [step for step in job["steps"] if word in step.get("uses", "") + step.get("run", "")]


@pytest.mark.parametrize("path", FLOWS, ids=NAMES)
def test_each_job_has_the_least_permissions_with_the_reason(path: Path) -> None:
    """None at the top; in a job each on a line of its own that says what for."""
    text = path.read_text("utf-8")
    parsed = flow(path.name)
    assert parsed["permissions"] == {}
    granted = [name for job in parsed["jobs"].values() for name in job["permissions"]]
    said = re.findall(r"^ {6}([a-z-]+): (?:read|write) # \S", text, re.MULTILINE)
    assert said == granted
    assert all("timeout-minutes" in job for job in parsed["jobs"].values())


@pytest.mark.parametrize("path", FLOWS, ids=NAMES)
def test_every_action_is_pinned_by_its_commit_with_the_version_beside(path: Path) -> None:
    """All but this one, in the examples: the reader puts the commit there."""
    used = re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8"))
    foreign = [
        (name, rest)
        for name, rest in used
        if not name.startswith(("./", "org/hparam-inspector@", "org/hparam-inspector/gate@"))
    ]
    assert [name for name, rest in foreign if not re.search(r"@[0-9a-f]{40}$", name)] == []
    assert [name for name, rest in foreign if not re.fullmatch(r" # v\d+\.\d+\.\d+", rest)] == []


def test_one_commit_for_each_action_everywhere() -> None:
    text = "\n".join(path.read_text("utf-8") for path in FLOWS)
    pins = set(re.findall(r"uses: ([\w/-]+)@([0-9a-f]{40})", text))
    assert len(pins) == len({name for name, _ in pins})


def test_tests_run_on_every_python_and_the_action_on_our_own_sweeps() -> None:
    assert flow("test.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    jobs = flow("self-inspection.yml")["jobs"]
    own = [step for job in jobs.values() for step in job["steps"] if step.get("uses", "").startswith("./")]
    assert [step["with"]["files"] for step in own] == [
        "examples/healthy_sweep.csv",
        "examples/digits_sweep.csv",
        "examples/healthy_sweep.csv",
        "results/made.csv",
    ]
    assert steps(jobs["train"], "examples/train_digits_sweep.py")


def test_a_release_builds_both_images_for_both_architectures_with_their_papers() -> None:
    jobs = flow("release.yml")["jobs"]
    assert jobs["build"]["strategy"]["matrix"] == {
        "target": ["crew", "gate"],
        "runner": ["ubuntu-24.04", "ubuntu-24.04-arm"],
    }
    [push] = steps(jobs["build"], "docker/build-push-action")
    assert (push["with"]["provenance"], push["with"]["sbom"]) == ("mode=max", True)
    assert "push-by-digest=true" in push["with"]["outputs"]
    attested = [step["with"]["subject-digest"] for step in steps(jobs["release"], "attest-build-provenance")]
    assert attested == [f"${{{{ steps.index.outputs.{target} }}}}" for target in ("crew", "gate")]
    targets = re.findall(r"^FROM \S+ AS (\w+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert {"crew", "gate"} <= set(targets)
    assert targets[-1] == "crew"  # what the runner builds where no image is named


def test_a_release_tags_the_commit_that_names_the_digests() -> None:
    """The tests first, then the images, then the commit, vX.Y.Z on it, and vX moved to it."""
    jobs = flow("release.yml")["jobs"]
    assert steps(jobs["check"], "make test")
    assert (jobs["build"]["needs"], jobs["release"]["needs"]) == ("check", "build")
    [step] = steps(jobs["release"], "docs/generate.py")
    lines = [line.strip() for line in step["run"].splitlines()]
    order = [
        "--image",
        "git commit",
        'git tag "v$VERSION"',
        "git tag --force",
        "git push",
        "git push --force",
        "gh release",
    ]
    places = [next(n for n, line in enumerate(lines) if word in line) for word in order]
    assert places == sorted(places)
    assert "action.yml gate/action.yml" in step["run"]
