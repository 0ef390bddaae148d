"""Which commit, which pull request and whether a comment is possible: from the variables and the payload.

Pure: no network, no clock, no file. Facts: docs.github.com, "Events that trigger workflows" and "Webhook
events and payloads", unless a line names another source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from hparam_ci.github import permissions

if TYPE_CHECKING:
    from collections.abc import Callable

Lookup = Literal["none", "by_number", "by_commit", "by_head"]

_NO_COMMIT: Final = "0" * 40
_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_DEPENDABOT: Final = "dependabot[bot]"
_PULL_REQUEST_EVENTS: Final = frozenset(
    {"pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_target"}
)


@dataclass(frozen=True, slots=True)
class Event:
    """What one workflow run is about.

    Attributes:
        event_name: the event that started the run.
        repository: ``owner/name`` of the repository that the workflow belongs to.
        sha: the commit to show: a pull request's head, not its merge commit.
        head_owner: owner of the head branch, where known.
        head_ref: name of the head branch, where known.
        pr_number: the pull request to comment on, or None where there is none or it has to be looked up.
        fork: the code comes from a fork, from a deleted fork or from Dependabot.
        may_comment: False where the token is known to be read-only and where there is no pull request.
        reason: one sentence on what was chosen and why.
        warning: a danger in the workflow that its author should hear about.
        run_url: page of this run; empty outside GitHub.
        api_url: root of the REST API.
        graphql_url: address of the GraphQL API.
        server_url: root of the web pages.
        base_sha: the commit that this one is to be compared with: the base branch's, or the one before the push.
        base_ref: name of the base branch, where there is one.
        lookup: how `hparam_ci.github.pulls` finds or verifies the pull request.
    """

    event_name: str
    repository: str
    sha: str
    head_owner: str
    head_ref: str
    pr_number: int | None
    fork: bool
    may_comment: bool
    reason: str
    warning: str | None
    run_url: str
    api_url: str
    graphql_url: str
    server_url: str
    lookup: Lookup
    base_sha: str = ""
    base_ref: str = ""

    @property
    def trusted(self) -> bool:
        """Whether only people with write access decide what this run sees.

        A ``workflow_run`` counts: the default branch's workflow runs, and the other run's files are data.
        """
        untrusted_trigger = self.event_name in {"pull_request_target", "issue_comment"}
        return not untrusted_trigger and (self.event_name == "workflow_run" or not self.fork)


def resolve(env: Mapping[str, str], payload: Mapping[str, Any], pr_number: int | None = None) -> Event:
    """Work out the event; every event, known or not, ends in an `Event`.

    Args:
        env: the runner's default variables (docs.github.com: "Variables reference").
        payload: the parsed file at ``GITHUB_EVENT_PATH``; may be empty.
        pr_number: an explicit choice, which beats the payload; a ``workflow_run``'s head must match it.
    """
    event = _bare_event(env, payload)
    if event.event_name in _PULL_REQUEST_EVENTS and _at(payload, "pull_request"):
        event = _from_pull_request(event, payload)
    else:
        event = _RESOLVERS.get(event.event_name, _without_pull_request)(event, payload)
    event = _mark_dependabot(event, env, payload)
    if not _REPOSITORY.fullmatch(event.repository):
        return replace(event, may_comment=False, lookup="none", reason="The run names no repository.")
    return event if pr_number is None else _with_explicit_number(event, pr_number)


def _bare_event(env: Mapping[str, str], payload: Mapping[str, Any]) -> Event:
    # `schedule` and `workflow_dispatch` payloads may lack the repository: the variable comes first.
    repository = env.get("GITHUB_REPOSITORY") or _text(payload, "repository", "full_name")
    server_url = (env.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/")
    run_id = env.get("GITHUB_RUN_ID", "")
    return Event(
        event_name=env.get("GITHUB_EVENT_NAME", ""),
        repository=repository,
        sha=env.get("GITHUB_SHA", ""),
        head_owner="",
        head_ref="",
        pr_number=None,
        fork=False,
        may_comment=False,
        reason="",
        warning=None,
        run_url=f"{server_url}/{repository}/actions/runs/{run_id}" if repository and run_id else "",
        api_url=(env.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/"),
        graphql_url=env.get("GITHUB_GRAPHQL_URL") or "https://api.github.com/graphql",
        server_url=server_url,
        lookup="none",
    )


def _from_pull_request(event: Event, payload: Mapping[str, Any]) -> Event:
    head = _at(payload, "pull_request", "head")
    # The head repository is null once a fork is deleted (github/rest-api-description#161).
    head_repository = _text(head, "repo", "full_name")
    fork = head_repository.lower() != event.repository.lower()
    number = _whole(payload, "pull_request", "number")
    read_only = fork and event.event_name != "pull_request_target"
    return replace(
        event,
        sha=_text(head, "sha") or event.sha,
        head_owner=_text(head, "repo", "owner", "login") or _text(head, "user", "login"),
        head_ref=_text(head, "ref"),
        base_sha=_text(payload, "pull_request", "base", "sha"),
        base_ref=_text(payload, "pull_request", "base", "ref"),
        pr_number=number,
        fork=fork,
        may_comment=number is not None and not read_only,
        lookup="none" if number is None or read_only else "by_number",
        reason=permissions.FORK_IS_READ_ONLY if read_only else f"The event names pull request #{number}.",
        warning=permissions.TARGET_WARNING if event.event_name == "pull_request_target" else None,
    )


def _from_push(event: Event, payload: Mapping[str, Any]) -> Event:
    after = _text(payload, "after")
    if payload.get("deleted") is True or after == _NO_COMMIT:
        return replace(event, reason="The push deleted a branch or tag.")
    return replace(
        event,
        sha=after or event.sha,
        head_owner=event.repository.partition("/")[0],
        head_ref=_text(payload, "ref").removeprefix("refs/heads/"),
        base_sha=_text(payload, "before").replace(_NO_COMMIT, ""),
        may_comment=True,
        lookup="by_commit",
        reason="The open pull request whose head is the pushed commit is looked up.",
    )


def _from_workflow_run(event: Event, payload: Mapping[str, Any]) -> Event:
    run = _at(payload, "workflow_run")
    sha = _text(run, "head_sha")
    owner = _text(run, "head_repository", "owner", "login")
    branch = _text(run, "head_branch")
    if not sha:
        return replace(event, reason="The workflow_run payload names no head commit.")
    # `pull_requests` is empty for forks (github/docs#22501), and a deleted fork leaves only the commit.
    lookup: Lookup = "by_head" if owner and branch else "by_commit"
    return replace(
        event,
        sha=sha,
        head_owner=owner,
        head_ref=branch,
        fork=_text(run, "head_repository", "full_name").lower() != event.repository.lower(),
        may_comment=True,
        lookup=lookup,
        reason="The open pull request whose head is the other run's commit is looked up.",
    )


def _from_merge_group(event: Event, payload: Mapping[str, Any]) -> Event:
    # A merge group can hold several pull requests and its payload numbers none.
    return replace(
        event,
        sha=_text(payload, "merge_group", "head_sha") or event.sha,
        base_sha=_text(payload, "merge_group", "base_sha"),
        base_ref=_text(payload, "merge_group", "base_ref").removeprefix("refs/heads/"),
        reason="A merge group names no pull request.",
    )


def _from_issue_comment(event: Event, payload: Mapping[str, Any]) -> Event:
    number = _whole(payload, "issue", "number")
    if number is None or not _at(payload, "issue", "pull_request"):
        return replace(event, reason="The comment is on an issue, not on a pull request.")
    return replace(event, pr_number=number, may_comment=True, reason=f"The comment is on pull request #{number}.")


def _without_pull_request(event: Event, _payload: Mapping[str, Any]) -> Event:
    return replace(event, reason=f"The event {event.event_name or '(none)'!r} names no pull request.")


def _mark_dependabot(event: Event, env: Mapping[str, str], payload: Mapping[str, Any]) -> Event:
    # docs.github.com, "Dependabot on GitHub Actions": the actor decides; the token is read-only *by default*.
    actor = env.get("GITHUB_ACTOR") or _text(payload, "sender", "login")
    if actor != _DEPENDABOT:
        return event
    reason = permissions.DEPENDABOT_IS_READ_ONLY if event.may_comment else event.reason
    return replace(event, fork=True, reason=reason)


def _with_explicit_number(event: Event, number: int) -> Event:
    if event.event_name == "workflow_run" and event.lookup != "none":
        # The number may come out of the other run's artifact, so `hparam_ci.github.pulls` verifies it.
        return replace(event, pr_number=number, reason=f"Pull request #{number} was asked for.")
    read_only = event.fork and event.event_name in _PULL_REQUEST_EVENTS and not event.may_comment
    if read_only:
        return replace(event, pr_number=number)
    reason = f"Pull request #{number} was asked for."
    return replace(event, pr_number=number, may_comment=True, lookup="none", reason=reason)


def _at(payload: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    value: Any = payload
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _text(payload: Mapping[str, Any], *keys: str) -> str:
    value = _at(payload, *keys[:-1]).get(keys[-1])
    return value if isinstance(value, str) else ""


def _whole(payload: Mapping[str, Any], *keys: str) -> int | None:
    value = _at(payload, *keys[:-1]).get(keys[-1])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


_RESOLVERS: Final[dict[str, Callable[[Event, Mapping[str, Any]], Event]]] = {
    "push": _from_push,
    "workflow_run": _from_workflow_run,
    "merge_group": _from_merge_group,
    "issue_comment": _from_issue_comment,
}
