"""The edge to GitHub: PyGithub behind `hparam_ci.github.api.Repository`.

PyGithub's own retry is off: it repeats a POST after 5xx, leaves PATCH and most 429 out, and may sleep for an
hour (PyGithub: ``GithubRetry``). `hparam_ci.github.retry` decides instead, from the parsed answer.
"""

from __future__ import annotations

import base64
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

import requests
from github import Auth, Github, GithubException

from hparam_ci.github.api import Annotation, ApiError, Check, Comment, GitHubError, PullRequest
from hparam_ci.github.retry import Deadline, Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from github.CheckRun import CheckRun
    from github.IssueComment import IssueComment
    from github.PullRequest import PullRequest as GithubPullRequest

S = TypeVar("S")
T = TypeVar("T")

# docs.github.com, "Using pagination in the REST API" and "Node limits" of the GraphQL API: 100 a page.
_PAGE: Final = 100
# docs.github.com, "Create a check run": "limits the number of annotations to a maximum of 50 per API request".
_ANNOTATIONS: Final = 50
_REQUEST_TIMEOUT: Final = 15
_LONGEST_WORDS: Final = 400
# docs.github.com, "Best practices for using the REST API": a second between requests that write.
_SECONDS_BETWEEN_WRITES: Final = 1.0

# `viewerDidAuthor` holds for every kind of token; `GET /user` is 403 for the workflow's own.
_OWN_COMMENTS: Final = """
query OwnComments($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on IssueComment {
      viewerDidAuthor
      isMinimized
    }
  }
}
"""


class Client:
    """One repository through PyGithub; implements `hparam_ci.github.api.Repository`.

    Args:
        github: the PyGithub client, lazy, so that reaching an object costs no request.
        repository: ``owner/name``.
        retry: what to repeat and when to stop.
        secret: the token, which no error may carry.
    """

    def __init__(self, github: Github, repository: str, retry: Retry, *, secret: str) -> None:
        self._github = github
        self._repository = github.get_repo(repository)
        self._retry = retry
        self._secret = secret

    def __repr__(self) -> str:
        return f"Client({self._repository.url.removeprefix('/repos/')!r})"

    def close(self) -> None:
        """Close the connections."""
        self._github.close()

    def comments(self, number: int) -> list[Comment]:
        """Return all comments of a pull request, oldest first."""
        pages = self._repository.get_issue(number).get_comments()
        return self._all(pages, _comment)

    def own_visible(self, comments: Sequence[Comment]) -> list[Comment]:
        """Keep the comments that this token's user wrote and that are not minimised."""
        kept: list[Comment] = []
        for start in range(0, len(comments), _PAGE):
            batch = comments[start : start + _PAGE]
            kept += self._call(partial(self._own_visible, batch))
        return kept

    def create_comment(self, number: int, body: str, *, find: Callable[[], Comment | None]) -> Comment:
        """Post a comment; after an unconfirmed attempt ``find`` tells whether it is there already."""
        issue = self._repository.get_issue(number)

        def post() -> Comment:
            with self._translated():
                return _comment(issue.create_comment(body))

        return self._retry.create(post, find=find)

    def edit_comment(self, comment: Comment, body: str) -> Comment:
        """Replace a comment's text."""
        handle = _handle(comment)
        self._call(lambda: handle.edit(body))
        return _comment(handle)

    def delete_comment(self, comment: Comment) -> None:
        """Delete a comment; one that is gone already counts as deleted."""
        try:
            self._call(_handle(comment).delete)
        except ApiError as error:
            if error.status != 404:
                raise

    def minimise_comment(self, comment: Comment) -> None:
        """Fold a comment away as outdated."""
        self._call(_handle(comment).minimize)

    def pull(self, number: int) -> PullRequest:
        """Return one pull request."""
        return self._call(lambda: _pull(self._repository.get_pull(number)))

    def pulls_with_commit(self, sha: str) -> list[PullRequest]:
        """Return the pull requests that a commit belongs to."""
        return self._all(self._repository.get_commit(sha).get_pulls(), _pull)

    def open_pulls_with_head(self, owner: str, branch: str) -> list[PullRequest]:
        """Return the open pull requests from one branch."""
        return self._all(self._repository.get_pulls(state="open", head=f"{owner}:{branch}"), _pull)

    def create_check(self, check: Check) -> str:
        """Publish a check run with all its annotations; returns its page."""
        batches = [check.annotations[i : i + _ANNOTATIONS] for i in range(0, len(check.annotations), _ANNOTATIONS)]
        handle = self._retry.create(
            partial(self._post_check, check, batches[0] if batches else []), find=partial(self._find_check, check)
        )
        for batch in batches[1:]:
            self._call(partial(handle.edit, output=_output(check, batch)))
        return handle.html_url or ""

    def _post_check(self, check: Check, annotations: Sequence[Annotation]) -> CheckRun:
        with self._translated():
            return self._repository.create_check_run(
                check.name,
                check.sha,
                external_id=check.key,
                status="completed",
                conclusion=check.conclusion,
                output=_output(check, annotations),
            )

    def _find_check(self, check: Check) -> CheckRun | None:
        """The check run, where an attempt that went unanswered made it after all."""
        commit = self._repository.get_commit(check.sha)
        runs = self._all(commit.get_check_runs(check_name=check.name), lambda run: run)
        return next((run for run in runs if run.external_id == check.key), None)

    def file(self, path: str, ref: str, most: int) -> bytes | None:
        """Return a file as it is at a commit; None where there is none, or it has more than ``most`` bytes."""
        try:
            return self._call(partial(self._file, path, ref, most))
        except ApiError as error:
            if error.status == 404 and not error.rate_limited:
                return None
            raise

    def _file(self, path: str, ref: str, most: int) -> bytes | None:
        found = self._repository.get_contents(path, ref)
        if isinstance(found, list) or found.type != "file" or found.size > most:
            return None
        # docs.github.com, "Get repository content": from 1 to 100 MB the answer holds no content.
        if found.encoding == "none":
            return base64.b64decode(self._repository.get_git_blob(found.sha).content)
        return found.decoded_content

    def _own_visible(self, comments: Sequence[Comment]) -> list[Comment]:
        requester = self._repository.requester
        query = {"query": _OWN_COMMENTS, "variables": {"ids": [comment.node_id for comment in comments]}}
        _headers, answer = requester.requestJsonAndCheck("POST", requester.graphql_url, input=query)
        nodes = (answer.get("data") or {}).get("nodes")
        # A comment that has just been deleted is a null among the nodes plus an error beside them.
        if nodes is None:
            raise ApiError(_words(answer) or "GraphQL answered without data", status=200)
        return [
            comment
            for comment, node in zip(comments, nodes, strict=True)
            if node and node["viewerDidAuthor"] is True and node["isMinimized"] is False
        ]

    def _all(self, pages: Iterable[T], convert: Callable[[T], S]) -> list[S]:
        # A repeated call goes on at the page that failed: the PyGithub list keeps those it has.
        def fetch() -> list[S]:
            items: list[S] = []
            for item in pages:
                items.append(convert(item))
                self._retry.deadline.check()
            return items

        return self._call(fetch)

    def _call(self, request: Callable[[], T]) -> T:
        def translated() -> T:
            with self._translated():
                return request()

        return self._retry.call(translated)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except GitHubError:
            raise
        except GithubException as error:
            headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
            words = self._scrub(_words(error.data) or error.message or "no message")
            raise ApiError(words, status=error.status, headers=headers) from None
        except requests.exceptions.SSLError as error:
            raise ApiError(self._scrub(f"{error} (GitHub Enterprise Server: set ca_bundle)")) from None
        except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
            host = self._repository.requester.hostname
            raise ApiError(f"no answer from {host} ({type(error).__name__})", unanswered=True) from None
        except Exception as error:  # noqa: BLE001 - PyGithub asserts on answers that it does not expect
            raise ApiError(self._scrub(f"unexpected answer ({type(error).__name__}: {error})")) from None

    def _scrub(self, text: str) -> str:
        return text.replace(self._secret, "***")[:_LONGEST_WORDS]


def connect(
    api_url: str,
    token: str,
    repository: str,
    *,
    ca_bundle: str | None = None,
    retries: int = 5,
    deadline: Deadline | None = None,
    publish_timeout_seconds: float = 120.0,
    seconds_between_writes: float = _SECONDS_BETWEEN_WRITES,
    report: Callable[[str], None] = lambda _message: None,
) -> Client:
    """Build the client; nothing is sent yet, but the time for publishing starts.

    Args:
        api_url: ``GITHUB_API_URL``; GitHub Enterprise Server's ends in ``/api/v3``.
        token: the workflow's token or another one.
        repository: ``owner/name``.
        ca_bundle: path of the certificates to trust.
        retries: repeats of one request, at most.
        deadline: the total time, where it has started already.
        publish_timeout_seconds: the total time, where ``deadline`` is not given.
        seconds_between_writes: pause between two requests that write.
        report: is told about each wait in one sentence.

    Raises:
        ApiError: there is no usable token, the address is not one, or ``ca_bundle`` is not a file.
    """
    token = token.strip()
    if not token:
        raise ApiError("the github_token input is empty")
    if not (token.isascii() and token.isprintable()):
        raise ApiError("the github_token input holds characters that no token has")
    if not api_url.startswith(("https://", "http://")):
        raise ApiError("GITHUB_API_URL is not an http(s) address")
    if ca_bundle and not Path(ca_bundle).is_file():
        raise ApiError("the ca_bundle input names no file")
    deadline = deadline or Deadline(publish_timeout_seconds)
    github = Github(
        base_url=api_url,
        auth=Auth.Token(token),
        timeout=max(1, min(_REQUEST_TIMEOUT, int(deadline.seconds))),
        user_agent="hparam-inspector",
        per_page=_PAGE,
        verify=ca_bundle or True,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=seconds_between_writes,
        lazy=True,
    )
    return Client(github, repository, Retry(retries, deadline, report=report), secret=token)


def _output(check: Check, annotations: Sequence[Annotation]) -> dict[str, str | list[dict[str, str | int]]]:
    return {
        "title": check.title,
        "summary": check.summary,
        "annotations": [
            {
                "path": one.path,
                "start_line": one.line,
                "end_line": one.line,
                "annotation_level": one.level,
                "title": one.title,
                "message": one.message,
            }
            for one in annotations
        ],
    }


def _comment(handle: IssueComment) -> Comment:
    if not handle.id or not handle.node_id:
        raise ApiError("GitHub's answer is not a comment")
    return Comment(handle.id, handle.node_id, handle.body or "", handle.html_url or "", handle)


def _handle(comment: Comment) -> IssueComment:
    return cast("IssueComment", comment.handle)


def _pull(pull: GithubPullRequest) -> PullRequest:
    return PullRequest(pull.number, pull.head.sha, pull.base.repo.full_name, pull.state == "open")


def _words(answer: object) -> str:
    """Join GitHub's message with its list of errors (docs.github.com: "Troubleshooting the REST API")."""
    if not isinstance(answer, dict):
        return ""
    errors = answer.get("errors")
    listed = errors if isinstance(errors, list) else []
    details = [error.get("message") if isinstance(error, dict) else error for error in listed]
    words = [answer.get("message"), *details]
    return "; ".join(word for word in words if isinstance(word, str) and word)
