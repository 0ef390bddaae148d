"""The crew for real: CrewAI and LiteLLM against a server on this machine. Runs where the extra `crew` is installed."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CONNECTIONS: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.crew)
            item.add_marker(pytest.mark.filterwarnings("default"))  # CrewAI and what it loads warn of their own affairs


def pytest_configure(config: pytest.Config) -> None:
    if "not crew" not in (config.getoption("markexpr") or "") and importlib.util.find_spec("crewai") is None:
        raise pytest.UsageError('tests/crew needs the extra crew: run `make crew`, or leave it out with -m "not crew"')
    sys.addaudithook(_note)


def _note(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect" and isinstance(args[1], tuple):
        CONNECTIONS.append(str(args[1][0]))
    elif event == "socket.getaddrinfo" and args[0] is not None:
        CONNECTIONS.append(args[0].decode() if isinstance(args[0], bytes) else str(args[0]))


@pytest.fixture
def connections() -> Iterator[list[str]]:
    """The hosts that this process looked up or connected to during the test."""
    CONNECTIONS.clear()
    yield CONNECTIONS
    CONNECTIONS.clear()


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own, as the worker has."""
    folder = tmp_path_factory.mktemp("home")
    os.environ["HOME"] = str(folder)
    return folder
