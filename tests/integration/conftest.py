"""A step on the pull request of a stand-in GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.github_api import FakeGitHub
from tests.integration.step import HEAD, Runner


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    with FakeGitHub(repository="octo/sweeps") as github:
        github.add_pull(number=7, head_sha=HEAD, head_ref="topic", head_repo="octo/sweeps")
        made = Runner(tmp_path, github)
        made.workspace.mkdir()
        yield made
