"""The image, built once for all tests of this folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .engine import EngineUnavailableError, Image, prepare_image

if TYPE_CHECKING:
    from pathlib import Path

BUILT = pytest.StashKey[Image]()


@pytest.fixture(scope="session")
def image(pytestconfig: pytest.Config) -> Image:
    """The built image; without a container engine CI fails, and any other machine skips and says why."""
    built = _prepared("crew")
    pytestconfig.stash[BUILT] = built
    return built


@pytest.fixture(scope="session")
def gate() -> Image:
    """The image without the packages of a language model."""
    return _prepared("gate")


def _prepared(target: str) -> Image:
    try:
        return prepare_image(target)
    except EngineUnavailableError as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no container engine: {reason}", pytrace=False)
        pytest.skip(f"no container engine: {reason}")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty checkout."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says which Python the image of this run holds, and what building it took."""
    if built := config.stash.get(BUILT, None):
        how = "from the cache" if built.cached else f"in {built.build_seconds:.0f} s"
        terminalreporter.write_line(f"container image {built.reference}, built {how}, {built.python}")
