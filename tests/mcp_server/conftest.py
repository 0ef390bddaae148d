"""The server, really run, and driven by the SDK's own client: version 2 in .venv, version 1 in .crew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES

HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(
                pytest.mark.filterwarnings("default")
            )  # the SDK and what it loads warn of their own affairs


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with two sweeps."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    for name in ("digits_sweep.csv", "healthy_sweep.csv"):
        (folder / name).write_bytes((EXAMPLES / name).read_bytes())
    return folder
