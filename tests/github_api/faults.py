"""Scripted trouble: what the stand-in does instead of, or after, the right thing."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One kind of trouble.

    `status` None leaves the answer alone, so that `Fault(delay=2)` is only slow. With `after` the work is
    done first: a comment is stored and the client is told 502. `drop` closes the connection without an
    answer. `times` None means every time. A `body` that is no text or bytes is sent as JSON.
    """

    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False
    delay: float = 0.0
    drop: bool = False
    times: int | None = 1

    @property
    def lets_work_happen(self) -> bool:
        return self.after or (self.status is None and not self.drop)


def secondary_limit(retry_after: int | None = 1, status: int = 403, times: int | None = 1) -> Fault:
    """GitHub's limit on bursts of writes, answered with 403 or 429, not always with Retry-After."""
    # https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(status=status, body={"message": message}, headers=headers, times=times)


def primary_limit(reset_in: int, times: int | None = 1) -> Fault:
    """The hourly limit is used up; `reset_in` seconds from now there is more."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + reset_in)}
    body = {"message": "API rate limit exceeded for installation ID 1."}
    return Fault(status=403, body=body, headers=headers, times=times)


@dataclass
class _Planned:
    method: str
    path: re.Pattern[str]
    fault: Fault
    met: int = 0

    @property
    def is_used_up(self) -> bool:
        return self.fault.times is not None and self.met >= self.fault.times


class Faults:
    """The faults still to come, in the order in which they were added."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = Lock()

    def add(self, method: str, path: str, fault: Fault) -> None:
        """Meet the next requests of `method` ("*" for any) whose path, without query, matches the regex."""
        with self._lock:
            self._planned.append(_Planned(method.upper(), re.compile(path), fault))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, used up by one."""
        with self._lock:
            for planned in self._planned:
                fits = planned.method in {"*", method} and planned.path.search(path)
                if fits and not planned.is_used_up:
                    planned.met += 1
                    return planned.fault
        return None

    @property
    def pending(self) -> list[Fault]:
        """Faults that were not met as often as planned, or not once where they are for good.

        A test that leaves one behind did not test what it says.
        """
        return [planned.fault for planned in self._planned if planned.met < (planned.fault.times or 1)]
