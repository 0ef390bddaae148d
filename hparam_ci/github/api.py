"""What this room needs of GitHub: the values, the errors and the one interface that `client` implements.

Nothing here imports an HTTP library, so the rest of the room loads without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

_PRIMARY_LIMIT: Final = "api rate limit exceeded"
_SECONDARY_LIMITS: Final = ("secondary rate limit", "abuse detection")
_NOT_PERMITTED: Final = "resource not accessible"


class GitHubError(Exception):
    """Publishing could not go on; never a reason to change a verdict."""


class DeadlineExceeded(GitHubError):  # noqa: N818 - says what happened
    """The time for publishing is over, or a wait that GitHub asks for would outlast it."""


class ApiError(GitHubError):
    """GitHub answered with an error, or not at all.

    Args:
        message: GitHub's words or the network's, without the token.
        status: the HTTP status; None where there was no answer.
        headers: the answer's headers, names in lower case.
        unanswered: the connection failed or timed out, so a repeat may succeed.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        unanswered: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message.strip().rstrip(".")
        self.status = status
        self.headers = dict(headers or {})
        self.unanswered = unanswered

    def __str__(self) -> str:
        return self.message if self.status is None else f"{self.status}: {self.message}"

    @property
    def rate_limited(self) -> bool:
        """Whether this is a rate limit, which GitHub signals by 403, 429 or a GraphQL error.

        Source: docs.github.com, "Rate limits for the REST API".
        """
        words = self.message.lower()
        named = words.startswith(_PRIMARY_LIMIT) or any(limit in words for limit in _SECONDARY_LIMITS)
        if named or self.status == 429:
            return True
        return self.status == 403 and (
            "retry-after" in self.headers or self.headers.get("x-ratelimit-remaining") == "0"
        )

    @property
    def unconfirmed(self) -> bool:
        """Whether the request may have been carried out all the same."""
        return self.unanswered or (self.status is not None and self.status >= 500)

    @property
    def refused(self) -> bool:
        """Whether the token may not do this; 404 hides what a token may not see."""
        if self.rate_limited:
            return False
        return self.status in {403, 404} or _NOT_PERMITTED in self.message.lower()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request; ``handle`` belongs to the client that made it."""

    id: int
    node_id: str
    body: str
    url: str
    handle: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as far as finding it needs; ``base_repository`` is ``owner/name``."""

    number: int
    head_sha: str
    base_repository: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark on one line of a file, as a check run shows it."""

    path: str
    line: int
    level: Literal["failure", "warning", "notice"]
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """A finished check run: ``summary`` is Markdown of at most 65,535 bytes; ``key`` tells it from others."""

    name: str
    sha: str
    conclusion: Literal["success", "failure", "neutral"]
    title: str
    summary: str
    key: str
    annotations: Sequence[Annotation] = ()


class Repository(Protocol):
    """One repository at GitHub. Every method raises `GitHubError` and nothing else."""

    def comments(self, number: int) -> list[Comment]:
        """Return all comments of a pull request, oldest first."""

    def own_visible(self, comments: Sequence[Comment]) -> list[Comment]:
        """Keep the comments that this token's user wrote and that are not minimised."""

    def create_comment(self, number: int, body: str, *, find: Callable[[], Comment | None]) -> Comment:
        """Post a comment; after an unconfirmed attempt ``find`` tells whether it is there already."""

    def edit_comment(self, comment: Comment, body: str) -> Comment:
        """Replace a comment's text."""

    def delete_comment(self, comment: Comment) -> None:
        """Delete a comment."""

    def minimise_comment(self, comment: Comment) -> None:
        """Fold a comment away as outdated."""

    def pull(self, number: int) -> PullRequest:
        """Return one pull request."""

    def pulls_with_commit(self, sha: str) -> Collection[PullRequest]:
        """Return the pull requests that a commit belongs to."""

    def create_check(self, check: Check) -> str:
        """Publish a check run with all its annotations; returns its page."""

    def file(self, path: str, ref: str, most: int) -> bytes | None:
        """Return a file as it is at a commit; None where there is none, or it has more than ``most`` bytes."""

    def open_pulls_with_head(self, owner: str, branch: str) -> Collection[PullRequest]:
        """Return the open pull requests from one branch."""
