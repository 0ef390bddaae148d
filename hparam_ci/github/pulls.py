"""Which open pull request a commit belongs to, for the events whose payload does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hparam_ci.github.api import ApiError

if TYPE_CHECKING:
    from collections.abc import Collection

    from hparam_ci.github.api import PullRequest, Repository
    from hparam_ci.github.event import Event


def find_pull_number(repository: Repository, event: Event) -> int | None:
    """Return the number of the pull request to comment on, or None where there is none.

    A pull request counts only while it is open, belongs to this repository and has the event's commit as its
    head: a number or a branch name is never trusted alone, and a run that a newer push has overtaken stays
    silent. (The number that the event itself names may be closed by now.) Where several match, the oldest is
    chosen, so that opening another moves no comment.

    Raises:
        GitHubError: GitHub could not be asked.
    """
    if event.lookup == "none":
        return event.pr_number
    if event.lookup == "by_number" and event.pr_number is not None:
        return event.pr_number if _is_current(repository, event, event.pr_number) else None
    matching = [pull.number for pull in _candidates(repository, event) if _matches(pull, event)]
    return min(matching, default=None)


def _candidates(repository: Repository, event: Event) -> Collection[PullRequest]:
    try:
        if event.pr_number is not None:
            return [repository.pull(event.pr_number)]
        if event.lookup == "by_head":
            return repository.open_pulls_with_head(event.head_owner, event.head_ref)
        return repository.pulls_with_commit(event.sha)
    except ApiError as error:
        # Both mean "no such thing here": a number that is no pull request, a commit that only a fork has.
        if error.status in {404, 422}:
            return []
        raise


def _is_current(repository: Repository, event: Event, number: int) -> bool:
    """Whether the pull request still has the event's commit; where GitHub does not say, it has."""
    try:
        return repository.pull(number).head_sha == event.sha
    except ApiError:
        return True


def _matches(pull: PullRequest, event: Event) -> bool:
    same_repository = pull.base_repository.lower() == event.repository.lower()
    return pull.is_open and same_repository and pull.head_sha == event.sha
