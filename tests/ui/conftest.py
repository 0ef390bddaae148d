"""What people look at, in a real browser and a real notebook kernel. Runs where the extra `ui` is installed."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .browser import ARGUMENTS, NoBrowserError, find_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.ui)
            item.add_marker(pytest.mark.filterwarnings("default"))  # Streamlit and Jupyter warn of their own affairs


def pytest_configure(config: pytest.Config) -> None:
    if "not ui" not in (config.getoption("markexpr") or "") and importlib.util.find_spec("streamlit") is None:
        raise pytest.UsageError('tests/ui needs the extra ui: run `make ui-test`, or leave it out with -m "not ui"')


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one CI fails, and any other machine skips and says why."""
    try:
        path = find_browser()
    except NoBrowserError as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go: to be looked at."""
    folder = Path(os.environ.get("SCREENSHOTS") or HERE.parents[1] / ".ui" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
