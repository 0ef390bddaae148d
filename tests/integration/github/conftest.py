"""A stand-in GitHub, and a client for it whose waits take no time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from hparam_ci.github.client import Client, connect
from hparam_ci.github.event import Event, resolve
from hparam_ci.github.retry import Deadline
from tests.github_api import FakeGitHub

HEAD = "a" * 40


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(seconds, monotonic=lambda: self.time, sleep=self.sleep)


@pytest.fixture
def gh() -> Iterator[FakeGitHub]:
    with FakeGitHub(repository="octo/sweeps") as server:
        server.add_pull(number=7, head_sha=HEAD, head_ref="topic")
        yield server
        assert server.faults.pending == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


Connect = Callable[..., Client]


@pytest.fixture
def connected(gh: FakeGitHub, clock: Clock) -> Iterator[Connect]:
    clients: list[Client] = []

    def make(token: str | None = None, retries: int = 5, seconds: float = 120.0, url: str = "") -> Client:
        client = connect(
            url or gh.url,
            gh.token if token is None else token,
            gh.repository,
            retries=retries,
            deadline=clock.deadline(seconds),
            seconds_between_writes=0,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(connected: Connect) -> Client:
    return connected()


@pytest.fixture
def event() -> Event:
    """A pull request from the repository itself."""
    head = {"sha": HEAD, "ref": "topic", "repo": {"full_name": "octo/sweeps", "owner": {"login": "octo"}}}
    env = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "octo/sweeps"}
    return resolve(env, {"pull_request": {"number": 7, "head": head}})
