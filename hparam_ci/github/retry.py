"""When to ask GitHub again, how long to wait before, and when to stop."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, TypeVar

from hparam_ci.github.api import ApiError, DeadlineExceeded

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
# docs.github.com, "Rate limits for the REST API": without a header, at least a minute, then longer each time.
_SECONDARY_LIMIT_PAUSE: Final = 60.0


class Deadline:
    """The total time that publishing may take, waits included.

    A request that is under way when the time is over ends by its own timeout; none is begun after.

    Args:
        seconds: the total, from now on.
        monotonic: the clock, in seconds.
        sleep: how to wait.
    """

    def __init__(
        self,
        seconds: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.seconds = seconds
        self._monotonic = monotonic
        self._sleep = sleep
        self._end = monotonic() + seconds

    def check(self) -> None:
        """Raise `DeadlineExceeded` where the time is over."""
        if not self.allows(0.0):
            raise DeadlineExceeded(f"the {self.seconds:g} s that publishing may take are over")

    def allows(self, seconds: float) -> bool:
        """Return whether a wait would end in time."""
        return self._monotonic() + seconds < self._end

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._sleep(seconds)


class Retry:
    """Repeats what may be repeated: any verb after a rate limit, idempotent ones also after 5xx and silence.

    A request that is not idempotent is repeated after 5xx or silence only once its ``find`` has looked and
    found nothing: GitHub may have carried it out before the answer was lost.

    Args:
        retries: repeats of one request, at most.
        deadline: the total time.
        now: the wall clock, seconds since the epoch; limits reset at a point in time.
        report: is told about each wait in one sentence.
    """

    def __init__(
        self,
        retries: int,
        deadline: Deadline,
        *,
        now: Callable[[], float] = time.time,
        report: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.retries = retries
        self.deadline = deadline
        self._now = now
        self._report = report

    def call(self, request: Callable[[], T]) -> T:
        """Carry out an idempotent request.

        Raises:
            ApiError: the last error, once there is nothing left to try.
            DeadlineExceeded: the time is over or a wait would outlast it.
        """
        return self._repeat(request, None)

    def create(self, request: Callable[[], T], *, find: Callable[[], T | None]) -> T:
        """Carry out a request that must not happen twice; ``find`` looks for what it made.

        Raises:
            ApiError: the last error, once there is nothing left to try.
            DeadlineExceeded: the time is over or a wait would outlast it.
        """
        return self._repeat(request, find)

    def _repeat(self, request: Callable[[], T], find: Callable[[], T | None] | None) -> T:
        attempt = 0
        while True:
            self.deadline.check()
            try:
                return request()
            except ApiError as error:
                look = find if error.unconfirmed else None
                last = attempt >= self.retries
                if not (error.rate_limited or error.unconfirmed) or (last and look is None):
                    raise
                self._wait(error, attempt)
                made = look() if look else None
                if made is not None:
                    return made
                if last:
                    raise
            attempt += 1

    def _wait(self, error: ApiError, attempt: int) -> None:
        seconds = self._pause(error, attempt)
        why = "GitHub's rate limit is reached" if error.rate_limited else f"GitHub failed ({error})"
        if not self.deadline.allows(seconds):
            raise DeadlineExceeded(
                f"{why}, and a wait of {seconds:.0f} s would outlast the {self.deadline.seconds:g} s "
                "that publishing may take"
            )
        self._report(f"{why}: going on in {seconds:.0f} s.")
        self.deadline.sleep(seconds)

    def _pause(self, error: ApiError, attempt: int) -> float:
        # The order of docs.github.com, "Rate limits for the REST API": Retry-After, the reset, a minute.
        asked = self._retry_after(error)
        if asked is not None:
            return asked
        if not error.rate_limited:
            return min(_FIRST_PAUSE * 2.0**attempt, _LONGEST_PAUSE)
        reset = error.headers.get("x-ratelimit-reset", "")
        if error.headers.get("x-ratelimit-remaining", "0") == "0" and reset.isdecimal():
            return max(int(reset) - self._now(), 0.0) + 1.0
        return _SECONDARY_LIMIT_PAUSE * 2.0**attempt

    def _retry_after(self, error: ApiError) -> float | None:
        value = error.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value)
        try:
            return max(parsedate_to_datetime(value).timestamp() - self._now(), 0.0)
        except ValueError:
            return None
