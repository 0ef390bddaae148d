"""The sticky comment: one per key on a pull request, found again by a hidden marker and by its author.

Publishing never turns a verdict: whatever GitHub answers, `publish_comment` returns a `Publication`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hparam_ci.github import permissions
from hparam_ci.github.api import ApiError, GitHubError
from hparam_ci.github.pulls import find_pull_number

if TYPE_CHECKING:
    from hparam_ci.github.api import Comment, Repository
    from hparam_ci.github.event import Event

Mode = Literal["update", "recreate", "hide", "off"]
On = Literal["always", "findings", "changes", "failure"]
Status = Literal["posted", "updated", "unchanged", "skipped_no_pr", "skipped_read_only", "skipped_off", "failed"]


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of the comment.

    Attributes:
        status: one word for the ``publish_status`` output.
        comment_id: id of the comment that shows the result now, or None.
        comment_url: its page, or None.
        message: one sentence for a notice where people should know more.
    """

    status: Status
    comment_id: int | None = None
    comment_url: str | None = None
    message: str | None = None


def marker(key: str) -> str:
    """Return the hidden line that identifies the comment of one key.

    The key is URL-safe base64, so it cannot end the HTML comment or look like another key.
    """
    encoded = base64.urlsafe_b64encode(key.encode("utf-8", "surrogatepass")).decode("ascii")
    return f"<!-- hparam-inspector:{encoded} -->"


def publish_comment(
    repository: Repository | None,
    event: Event,
    body: str,
    *,
    key: str,
    mode: Mode = "update",
    on: On = "always",
    has_findings: bool,
    failed: bool,
    changed: bool | None = None,
) -> Publication:
    """Bring the comment up to date.

    A comment that exists is refreshed whatever ``on`` says, so that red can turn green.

    Args:
        repository: where to publish; see `hparam_ci.github.client.connect`. None will do where nothing is sent:
            with ``mode`` off, or an event that may not comment.
        event: what the run is about.
        body: the Markdown, with ``marker(key)`` on a line of its own.
        key: identity of the comment among others of this action.
        mode: ``update`` edits in place; ``recreate`` posts anew and deletes the old one; ``hide`` posts anew
            and minimises the old one as outdated; ``off`` does nothing.
        on: when to post a first comment.
        has_findings: the report has findings.
        failed: the verdict is a failure.
        changed: the findings differ from the baseline's; with no baseline (None) any finding is a change.

    Raises:
        ValueError: the body lacks the marker; without it the next run would post a second comment.
    """
    if not _carries(body, marker(key)):
        raise ValueError("the comment's body lacks its marker line")
    if mode == "off":
        return Publication("skipped_off")
    if not event.may_comment or repository is None:
        status: Status = "skipped_no_pr" if event.pr_number is None else "skipped_read_only"
        return Publication(status, message=event.reason)
    wanted = _wanted(on, has_findings=has_findings, failed=failed, changed=changed)
    try:
        number = find_pull_number(repository, event)
        if number is None:
            return Publication("skipped_no_pr", message=_no_pull_request(event))
        return _Sticky(repository, number, body, marker(key)).publish(mode, wanted=wanted)
    except ApiError as error:
        return _not_published(error)
    except GitHubError as error:
        return Publication("failed", message=f"The comment was not published: {error}.")


class _Sticky:
    """One run's work on the comment of one key."""

    def __init__(self, repository: Repository, number: int, body: str, marker_line: str) -> None:
        self._repository = repository
        self._number = number
        self._body = body
        self._marker = marker_line

    def publish(self, mode: Mode, *, wanted: bool) -> Publication:
        own = self._own()
        if not own:
            return self._post("posted", earlier=own) if wanted else Publication("skipped_off")
        # Only runs that raced each other leave more than one; the newest stays.
        *stale, current = own
        if not stale and _same_text(current.body, self._body):
            return Publication("unchanged", current.id, current.url)
        if mode == "update":
            return self._edit(current, earlier=own, stale=stale)
        posted = self._post("posted", earlier=own)
        return self._retire(posted, own, delete=mode == "recreate")

    def _own(self) -> list[Comment]:
        marked = [c for c in self._repository.comments(self._number) if _carries(c.body, self._marker)]
        return self._repository.own_visible(marked) if marked else []

    def _post(self, status: Status, *, earlier: list[Comment], message: str | None = None) -> Publication:
        known = {comment.id for comment in earlier}

        def find() -> Comment | None:
            new = [comment for comment in self._own() if comment.id not in known]
            return new[-1] if new else None

        comment = self._repository.create_comment(self._number, self._body, find=find)
        return Publication(status, comment.id, comment.url, message)

    def _edit(self, current: Comment, *, earlier: list[Comment], stale: list[Comment]) -> Publication:
        try:
            if not _same_text(current.body, self._body):
                current = self._repository.edit_comment(current, self._body)
        except ApiError as error:
            if error.rate_limited or error.status not in {403, 404, 422}:
                raise
            message = f"The earlier comment could not be edited ({error}), so a new one was posted."
            return self._post("posted", earlier=earlier, message=message)
        return self._retire(Publication("updated", current.id, current.url), stale, delete=False)

    def _retire(self, publication: Publication, old: list[Comment], *, delete: bool) -> Publication:
        """Remove what the new comment replaces; where that fails, the result is published all the same."""
        try:
            for comment in old:
                if delete:
                    self._repository.delete_comment(comment)
                else:
                    self._repository.minimise_comment(comment)
        except GitHubError as error:
            verb = "deleted" if delete else "hidden"
            message = f"An earlier comment could not be {verb}: {error}."
            return Publication(publication.status, publication.comment_id, publication.comment_url, message)
        return publication


def _wanted(on: On, *, has_findings: bool, failed: bool, changed: bool | None) -> bool:
    match on:
        case "always":
            return True
        case "findings":
            return has_findings
        case "changes":
            return has_findings if changed is None else changed
        case "failure":
            return failed


def _carries(body: str, marker_line: str) -> bool:
    # On a line of its own: a reply that quotes the comment has "> " before it.
    return any(line.strip() == marker_line for line in body.splitlines())


def _same_text(one: str, other: str) -> bool:
    return one.replace("\r\n", "\n").rstrip() == other.replace("\r\n", "\n").rstrip()


def _no_pull_request(event: Event) -> str:
    if event.lookup == "by_number":
        return (
            f"Pull request #{event.pr_number} has moved on from {event.sha[:12]}: the run of its newest commit reports."
        )
    return f"No open pull request of {event.repository} has the head commit {event.sha[:12]}."


def _not_published(error: ApiError) -> Publication:
    if error.refused:
        return Publication("skipped_read_only", message=permissions.comment_refused(error.status, error.message))
    return Publication("failed", message=f"The comment was not published: {error}.")
