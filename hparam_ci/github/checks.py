"""The opt-in check run: annotations at every listed row, beyond the ten that log commands may have.

Off by default, because GitHub files a check run under a workflow of its own choice (EnricoMi/publish-unit-test-result-
action#12). Publishing never turns a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hparam_ci.github import permissions
from hparam_ci.github.api import ApiError, Check, GitHubError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hparam_ci.github.api import Annotation, Repository
    from hparam_ci.github.event import Event


@dataclass(frozen=True, slots=True)
class CheckPublication:
    """The page of the check run, empty if there is none, and one sentence where people should know more."""

    url: str = ""
    message: str = ""


def publish_check(
    repository: Repository | None,
    event: Event,
    *,
    name: str,
    title: str,
    summary: str,
    conclusion: Literal["success", "failure", "neutral"],
    key: str,
    annotations: Sequence[Annotation],
) -> CheckPublication:
    """Publish a finished check run at the event's commit.

    Args:
        repository: where to publish; None where the token is known to be read-only.
        event: what the run is about.
        name: what the check is called.
        title: one line on the result.
        summary: Markdown of at most 65,535 bytes.
        conclusion: what it says.
        key: tells this run's check from those of others.
        annotations: remarks on lines, worst first; they are sent 50 a request.
    """
    if repository is None or not event.sha:
        return CheckPublication(message="not published: the token is read-only here, or there is no commit")
    check = Check(name, event.sha, conclusion, title, summary, key, annotations)
    try:
        return CheckPublication(repository.create_check(check))
    except ApiError as error:
        said = permissions.check_refused(error.status, error.message) if error.refused else str(error)
        return CheckPublication(message=said)
    except GitHubError as error:
        return CheckPublication(message=str(error))
