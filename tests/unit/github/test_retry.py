"""What is asked again, after which wait, and when it stops; no test waits for real."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from hparam_ci.github.api import ApiError, DeadlineExceeded
from hparam_ci.github.retry import Deadline, Retry

NOW = 1_770_000_000.0


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def deadline(self, seconds: float = 1_000.0) -> Deadline:
        return Deadline(seconds, monotonic=lambda: self.time, sleep=self.sleep)

    def retry(self, retries: int = 5, seconds: float = 1_000.0) -> Retry:
        return Retry(retries, self.deadline(seconds), now=lambda: NOW + self.time)


class Server:
    """Answers with one outcome after the other and counts the requests."""

    def __init__(self, outcomes: Iterable[ApiError | str]) -> None:
        self._outcomes = iter(outcomes)
        self.requests = 0

    def __call__(self) -> str:
        self.requests += 1
        outcome = next(self._outcomes)
        if isinstance(outcome, ApiError):
            raise outcome
        return outcome


def answer(status: int, message: str = "", **headers: str) -> ApiError:
    return ApiError(message, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


SILENCE = ApiError("no answer", unanswered=True)


@pytest.mark.parametrize(
    "error",
    [
        answer(500),
        answer(502),
        answer(503),
        SILENCE,
        answer(429),
        answer(403, "You have exceeded a secondary rate limit. Please wait a few minutes"),
        answer(403, "You have triggered an abuse detection mechanism."),
        answer(403, "API rate limit exceeded for installation ID 1."),
        answer(400, "API rate limit exceeded for installation ID 1."),
        answer(403, retry_after="1"),
        answer(403, x_ratelimit_remaining="0"),
    ],
)
def test_repeats(error: ApiError) -> None:
    server = Server([error, "done"])
    assert Clock().retry().call(server) == "done"


@pytest.mark.parametrize(
    "error",
    [
        answer(400, "Problems parsing JSON"),
        answer(401, "Bad credentials"),
        answer(403, "Resource not accessible by integration", x_ratelimit_remaining="4999"),
        answer(404, "Not Found"),
        answer(422, "Body is too long (maximum is 65536 characters)"),
        ApiError("unexpected answer"),
    ],
)
def test_does_not_repeat(error: ApiError) -> None:
    server = Server([error])
    with pytest.raises(ApiError) as raised:
        Clock().retry().call(server)
    assert raised.value is error
    assert server.requests == 1


@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (1, 2), (4, 5)])
def test_gives_up_after_so_many(retries: int, requests: int) -> None:
    server = Server([answer(502)] * 9)
    with pytest.raises(ApiError, match="502"):
        Clock().retry(retries).call(server)
    assert server.requests == requests


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (answer(429, retry_after="7"), 7.0),
        (answer(503, retry_after="0"), 0.0),
        (answer(503, retry_after=format_datetime(datetime.fromtimestamp(NOW + 9, UTC))), 9.0),
        (answer(503, retry_after=format_datetime(datetime.fromtimestamp(NOW - 9, UTC))), 0.0),
        (answer(503, retry_after="soon"), 1.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 40)), 41.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) - 40)), 1.0),
        (answer(403, x_ratelimit_remaining="0", x_ratelimit_reset="soon"), 60.0),
        (answer(403, "You have exceeded a secondary rate limit.", x_ratelimit_remaining="12"), 60.0),
        (answer(502), 1.0),
        (SILENCE, 1.0),
    ],
)
def test_waits_as_github_asks(error: ApiError, wait: float) -> None:
    clock = Clock()
    clock.retry().call(Server([error, "done"]))
    assert clock.slept == [wait]


def test_waits_grow() -> None:
    clock = Clock()
    clock.retry(7).call(Server([*[answer(502)] * 7, "done"]))
    assert clock.slept == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_secondary_limit_waits_grow() -> None:
    clock = Clock()
    clock.retry().call(Server([*[answer(429)] * 3, "done"]))
    assert clock.slept == [60.0, 120.0, 240.0]


def test_a_wait_past_the_deadline_is_not_begun() -> None:
    clock = Clock()
    far = answer(403, "API rate limit exceeded", x_ratelimit_reset=str(int(NOW) + 600))
    server = Server([far, "too late"])
    with pytest.raises(DeadlineExceeded, match=r"a wait of 601 s would outlast the 120 s"):
        clock.retry(seconds=120.0).call(server)
    assert (clock.slept, server.requests) == ([], 1)


def test_nothing_is_begun_after_the_deadline() -> None:
    clock = Clock()
    retry = clock.retry(seconds=120.0)
    clock.time = 120.0
    server = Server(["too late"])
    with pytest.raises(DeadlineExceeded, match="120 s that publishing may take are over"):
        retry.call(server)
    assert server.requests == 0


def test_the_deadline_spans_requests() -> None:
    clock = Clock()
    retry = clock.retry(seconds=10.0)
    retry.call(Server([answer(429, retry_after="6"), "done"]))
    with pytest.raises(DeadlineExceeded):
        retry.call(Server([answer(429, retry_after="6"), "too late"]))


def test_waits_are_reported() -> None:
    clock, said = Clock(), list[str]()
    retry = Retry(5, clock.deadline(), now=lambda: NOW, report=said.append)
    retry.call(Server([answer(429), answer(502, "Bad gateway"), "done"]))
    assert said == [
        "GitHub's rate limit is reached: going on in 60 s.",
        "GitHub failed (502: Bad gateway): going on in 2 s.",
    ]


class TestCreate:
    @staticmethod
    def finder(*found: str | None) -> tuple[Callable[[], str | None], list[str | None]]:
        looked: list[str | None] = []
        answers = iter(found)

        def find() -> str | None:
            looked.append(next(answers))
            return looked[-1]

        return find, looked

    @pytest.mark.parametrize("error", [answer(502), SILENCE])
    def test_looks_before_it_repeats(self, error: ApiError) -> None:
        find, looked = self.finder("made")
        server = Server([error, "twice"])
        assert Clock().retry().create(server, find=find) == "made"
        assert (server.requests, looked) == (1, ["made"])

    def test_repeats_what_is_not_there(self) -> None:
        find, looked = self.finder(None, None)
        server = Server([answer(502), answer(500), "made"])
        assert Clock().retry().create(server, find=find) == "made"
        assert (server.requests, looked) == (3, [None, None])

    def test_a_rate_limit_means_it_was_not_made(self) -> None:
        find, looked = self.finder()
        assert Clock().retry().create(Server([answer(429), "made"]), find=find) == "made"
        assert looked == []

    def test_looks_after_the_last_attempt_too(self) -> None:
        find, _ = self.finder("made")
        assert Clock().retry(0).create(Server([answer(502)]), find=find) == "made"

    def test_gives_up_when_it_is_never_there(self) -> None:
        find, looked = self.finder(None, None)
        with pytest.raises(ApiError, match="502"):
            Clock().retry(1).create(Server([answer(502)] * 2), find=find)
        assert looked == [None, None]

    def test_an_error_while_looking_ends_it(self) -> None:
        def find() -> str | None:
            raise answer(401, "Bad credentials")

        server = Server([answer(502), "twice"])
        with pytest.raises(ApiError, match="401"):
            Clock().retry().create(server, find=find)
        assert server.requests == 1
