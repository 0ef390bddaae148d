"""What every REST operation needs: finding it by its path, its arguments, its answer, refusals and paging."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import unquote, urlencode

from .git_payloads import GitPayloads
from .payloads import Json, Payloads
from .referee import Operation
from .state import CheckRun, Comment, Pull, State

Item = TypeVar("Item")

NOT_ALLOWED = "Resource not accessible by integration"

# Parameters that may hold slashes.
DEEP = {"path", "ref", "commit_sha", "basehead", "tree_sha"}


@dataclass(frozen=True)
class Answer:
    """What goes back; a body of bytes is sent as it is, any other as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """GitHub's answer to what it will not do."""

    def __init__(self, status: int, message: str = "", errors: Sequence[Json] = ()) -> None:
        super().__init__(message)
        self.answer = Answer(status, error_body(status, message, errors))


def error_body(status: int, message: str = "", errors: Sequence[Json] = ()) -> Json:
    """An error in GitHub's words."""
    text = message or HTTPStatus(status).phrase
    body = {"message": text, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return body | ({"errors": list(errors)} if errors else {})


@dataclass(frozen=True)
class Call:
    """A request, taken apart."""

    names: dict[str, str]
    query: dict[str, str]
    body: Any
    path: str
    accept: str = ""

    def number(self, name: str) -> int:
        if not self.names[name].isdigit():
            raise RefusedError(404)
        return int(self.names[name])


@dataclass(frozen=True)
class Api:
    """What an operation works with. `login` is the token's owner, `used` its requests so far."""

    url: str
    state: State
    login: str
    used: int = 0

    @property
    def json(self) -> Payloads:
        return Payloads(self.url, self.state)

    @property
    def git(self) -> GitPayloads:
        return GitPayloads(self.url, self.state)

    def pull(self, number: int) -> Pull:
        return found(self.state.pulls.get(number))

    def comment(self, call: Call) -> Comment:
        return found(self.state.comments.get(call.number("comment_id")))

    def check_run(self, call: Call) -> CheckRun:
        return found(self.state.check_runs.get(call.number("check_run_id")))

    def commit(self, ref: str) -> str:
        return found(self.state.resolve(ref))


Handler = Callable[[Api, Call], Answer]
ROUTES: list[tuple[Operation, re.Pattern[str], Handler]] = []


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """Serve that operation of the description."""

    def add(handler: Handler) -> Handler:
        parts = re.split(r"\{(\w+)\}", template)
        regex = "".join(_regex(part, is_name=bool(index % 2)) for index, part in enumerate(parts))
        ROUTES.append((Operation(method, template), re.compile(regex), handler))
        # The longest template first: /commits/{ref}/check-runs before /commits/{ref}.
        ROUTES.sort(key=lambda entry: -len(entry[0].template))
        return handler

    return add


def find(method: str, path: str) -> tuple[Operation, dict[str, str], Handler] | None:
    """Which operation a path asks for, and the names in it."""
    for operation, regex, handler in ROUTES:
        match = regex.fullmatch(path)
        if operation.method == method and match:
            return operation, {name: unquote(value) for name, value in match.groupdict().items()}, handler
    return None


def _regex(part: str, *, is_name: bool) -> str:
    if not is_name:
        return re.escape(part)
    return f"(?P<{part}>.*)" if part in DEEP else f"(?P<{part}>[^/]+)"


def found(thing: Item | None) -> Item:
    """The thing itself; 404 if it is None."""
    if thing is None:
        raise RefusedError(404)
    return thing


def page_of(api: Api, call: Call, items: Sequence[Item]) -> tuple[list[Item], dict[str, str]]:
    """One page of a list, and the Link header that leads to the others."""
    size = min(100, max(1, _integer(call.query.get("per_page"), 30)))
    page = max(1, _integer(call.query.get("page"), 1))
    last = max(1, -(-len(items) // size))
    before = {"prev": page - 1, "first": 1} if page > 1 else {}
    behind = {"next": page + 1, "last": last} if page < last else {}
    targets = {relation: str(number) for relation, number in (before | behind).items()}
    links = [
        f'<{api.url}{call.path}?{urlencode(call.query | {"page": number})}>; rel="{relation}"'
        for relation, number in targets.items()
    ]
    return list(items[(page - 1) * size : page * size]), {"Link": ", ".join(links)} if links else {}


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default
