"""A server on 127.0.0.1 that plays GitHub's API for one repository.

    with FakeGitHub(repository="octo/sweeps") as gh:
        gh.add_pull(7, head_sha="a" * 40)
        gh.faults.add("POST", r"/issues/7/comments$", Fault(status=502, after=True))
        ...  # point GITHUB_API_URL at gh.url
        assert [comment.author for comment in gh.comments(7)] == [gh.login]

A referee (referee.py) holds each REST request and answer against GitHub's OpenAPI description, and each
GraphQL document against its schema. Leaving the block raises AssertionError if it found anything. The referee
cannot see headers, permissions, rate limits, redirects, paging links and most size limits, since the
description is silent on them. Those are rules of our own, written after GitHub's documentation: routes.py has
the limits and `_refusal` here has the permissions.
"""

import json
import re
import ssl
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Event, Lock
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import graph, referee, rest, routes
from .faults import Fault, Faults
from .referee import Complaint, Waiver
from .rest import Answer, error_body
from .server import Server
from .state import CheckRun, Comment, Pull, State

SAME_REPOSITORY = "the repository itself"


@dataclass
class Request:
    """A line of the journal. `status` is what the client was told, 0 if it was told nothing."""

    method: str
    path: str
    body: Any
    status: int = 0
    query: dict[str, str] = field(default_factory=dict)


class FakeGitHub:
    """The server, the knobs that set its scene, and what it has seen; a context manager.

    With a TLS context it is a GitHub Enterprise Server, whose API is below /api.

    `login` owns both tokens. One that does not end with "[bot]" stands for a personal token, which may ask
    GET /user who it is.
    """

    def __init__(
        self,
        repository: str = "octo/sweeps",
        *,
        login: str = "github-actions[bot]",
        default_branch: str = "main",
        waivers: Iterable[Waiver] = (),
        enterprise: ssl.SSLContext | None = None,
    ) -> None:
        self.repository = repository
        self.login = login
        self.token = "ghs_may_write"
        self.read_only_token = "ghs_may_read"
        self.faults = Faults()
        self.journal: list[Request] = []
        self.violations: list[str] = []
        self.waived: list[tuple[str, str]] = []
        self._enterprise = enterprise
        self._waivers = (*referee.WAIVERS, *waivers)
        self._state = State(repository, default_branch)
        self._lock = Lock()
        self._leaving = Event()
        self._server: Server

    @property
    def url(self) -> str:
        """What belongs in GITHUB_API_URL."""
        return self._root + ("/api/v3" if self._enterprise else "")

    @property
    def graphql_url(self) -> str:
        return self._root + ("/api/graphql" if self._enterprise else "/graphql")

    @property
    def _root(self) -> str:
        return f"{'https' if self._enterprise else 'http'}://127.0.0.1:{self._server.server_port}"

    def add_pull(
        self,
        number: int,
        head_sha: str,
        head_ref: str = "topic",
        head_repo: str | None = SAME_REPOSITORY,
        *,
        base_ref: str = "main",
        state: str = "open",
        author: str = "someone",
        title: str = "A new sweep",
    ) -> Pull:
        """A pull request from the repository itself or from a fork; `head_repo` None is a deleted fork.

        Its head has the files of its base, and on top of them those that `add_file` puts on `head_sha` or, in
        the repository itself, on `head_ref`.
        """
        with self._lock:
            return self._state.add_pull(
                number,
                head_sha=head_sha,
                head_ref=head_ref,
                head_repo=self.repository if head_repo == SAME_REPOSITORY else head_repo,
                base_ref=base_ref,
                state=state,
                author=author,
                title=title,
            )

    def add_comment(
        self, number: int, body: str, author: str | None = "someone", node_id: str | None = None
    ) -> Comment:
        """A comment that is there already; `author` None is a deleted account."""
        with self._lock:
            return self._state.add_comment(number, body, author, node_id)

    def add_file(self, path: str, data: bytes | None, ref: str = "main") -> None:
        """A file on a branch or a commit; None removes what the commit has from its base."""
        with self._lock:
            self._state.files.put(path, data, ref)

    def comments(self, number: int) -> list[Comment]:
        """The comments of a pull request as they are now, oldest first."""
        with self._lock:
            return self._state.comments_of(number)

    def labels(self, number: int) -> list[str]:
        with self._lock:
            return list(self._state.pulls[number].labels)

    def check_runs(self) -> list[CheckRun]:
        """Every check run, oldest first."""
        with self._lock:
            return list(self._state.check_runs.values())

    def __enter__(self) -> "FakeGitHub":
        self._server = Server(self._respond, self.violations.append, self._enterprise)
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._server.stop()
        report = "\n  ".join(["not GitHub's API as it is described:", *self.violations])
        if self.violations and error is None:
            raise AssertionError(report)
        if self.violations and error is not None:
            error.add_note(report)

    def _respond(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> Answer | None:
        address = urlsplit(target)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        request = Request(method, self._below_root(address.path), _parsed(raw), query=query)
        fault = self.faults.take(method, request.path) or Fault()
        with self._lock:
            self.journal.append(request)
            answer = self._answer(request, headers, do_it=fault.lets_work_happen)
        if fault.delay:
            self._leaving.wait(fault.delay)
        if fault.drop:
            return None
        if fault.status is not None:
            answer = Answer(fault.status, error_body(fault.status) if fault.body is None else fault.body)
        request.status = answer.status
        return Answer(answer.status, answer.body, self._headers(answer, fault))

    def _below_root(self, path: str) -> str:
        """The path as on github.com; what is not below an Enterprise Server's API stays as it is, and finds nothing."""
        if not self._enterprise:
            return path
        return "/graphql" if path == "/api/graphql" else path.removeprefix("/api/v3")

    def _answer(self, request: Request, headers: dict[str, str], *, do_it: bool) -> Answer:
        """Judge a request and, if `do_it`, do what it asks."""
        try:
            if request.path == "/graphql":
                return self._answer_graphql(request, headers, do_it=do_it)
            return self._answer_rest(request, headers, do_it=do_it)
        except Exception:  # noqa: BLE001 (a bug in the stand-in must reach the test and not end in this thread)
            where = f"{request.method} {request.path}"
            self.violations.append(f"{where}: the stand-in broke\n{traceback.format_exc()}")
            return Answer(500, error_body(500))

    def _answer_rest(self, request: Request, headers: dict[str, str], *, do_it: bool) -> Answer:
        match = rest.find(request.method, request.path)
        if match is None:
            self.violations.append(f"{request.method} {request.path}: no such operation in the description")
            return Answer(404, error_body(404))
        operation, names, handler = match
        unfit = self._unfit(request, operation)
        refusal = self._refusal(request, headers, names) or unfit
        if not do_it:
            return Answer(500)
        api = rest.Api(self.url, self._state, self.login, used=len(self.journal))
        accept = headers.get("accept", "")
        call = rest.Call(names, request.query, request.body, request.path, accept)
        answer = refusal or _attempt(handler, api, call)
        if not isinstance(answer.body, bytes):
            self._judge(referee.check_answer(operation, answer.status, answer.body))
        return answer

    def _answer_graphql(self, request: Request, headers: dict[str, str], *, do_it: bool) -> Answer:
        prefix = "POST /graphql request"
        self._judge(Complaint(f"{prefix}: {text}") for text in graph.complaints_about(request.body))
        token = _token(headers)
        if token not in {self.token, self.read_only_token}:
            return Answer(401, error_body(401, "Bad credentials"))
        if not do_it:
            return Answer(500)
        view = graph.Graph(self._state, self.login, may_write=token == self.token)
        body, complaints = graph.execute(view, request.body)
        self._judge(Complaint(f"{prefix}: {text}") for text in complaints)
        return Answer(body=body)

    def _unfit(self, request: Request, operation: referee.Operation) -> Answer | None:
        """GitHub's answer to a body that is not as described."""
        if isinstance(request.body, bytes):
            self.violations.append(f"{operation} request: : not JSON")
            return Answer(400, error_body(400, "Problems parsing JSON"))
        problems = self._judge(referee.check_request(operation, request.query, request.body))
        if problems:
            return Answer(422, error_body(422, f"Invalid request.\n\n{problems}"))
        return None

    def _refusal(self, request: Request, headers: dict[str, str], names: dict[str, str]) -> Answer | None:
        """What the description does not tell: who may do what, and which repository there is."""
        token = _token(headers)
        writes = request.method != "GET"
        if token not in {None, self.token, self.read_only_token}:
            return Answer(401, error_body(401, "Bad credentials"))
        if token is None and (writes or request.path == "/user"):
            return Answer(401, error_body(401, "Requires authentication"))
        if names and not self._exists(names, request.path):
            return Answer(404, error_body(404))
        if writes and token == self.read_only_token:
            return Answer(403, error_body(403, rest.NOT_ALLOWED))
        return None

    def _exists(self, names: dict[str, str], path: str) -> bool:
        """The repository itself; of forks only that they are there."""
        name = f"{names['owner']}/{names['repo']}"
        forks = {pull.head_repo for pull in self._state.pulls.values()}
        return name.lower() == self.repository.lower() or (name in forks and path == f"/repos/{name}")

    def _judge(self, complaints: Iterable[Complaint]) -> str:
        """Note what is not waived, and say in GitHub's words what makes a request unfit."""
        refused = []
        for complaint in complaints:
            waivers = (waiver for waiver in self._waivers if re.search(waiver.pattern, complaint.text))
            waiver = next(waivers, None)
            if waiver is not None:
                self.waived.append((complaint.text, waiver.reason))
                continue
            if not complaint.is_limit:
                self.violations.append(complaint.text)
            refused.append(complaint.github_says)
        return "\n".join(filter(None, refused))

    def _headers(self, answer: Answer, fault: Fault) -> dict[str, str]:
        """The rate limit's headers, then the answer's own, then what the fault says; names in lower case."""
        used = len(self.journal)
        limits = {
            "x-ratelimit-limit": str(routes.REQUESTS_AN_HOUR),
            "x-ratelimit-remaining": str(max(1, routes.REQUESTS_AN_HOUR - used)),
            "x-ratelimit-used": str(used),
            "x-ratelimit-reset": str(routes.rate_reset()),
            "x-ratelimit-resource": "core",
        }
        own = {name.lower(): value for name, value in [*answer.headers.items(), *fault.headers.items()]}
        return limits | own


def _attempt(handler: rest.Handler, api: rest.Api, call: rest.Call) -> Answer:
    try:
        return handler(api, call)
    except rest.RefusedError as refused:
        return refused.answer


def _token(headers: dict[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() in {"bearer", "token"} else None


def _parsed(raw: bytes) -> Any:
    """A body's JSON, or its bytes where they are none."""
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw
