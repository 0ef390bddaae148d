"""GraphQL, as far as a commenter needs it: who wrote a comment, is it folded away, fold it away.

Documents are validated and executed by graphql-core against `graphql-subset.graphql`.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    build_schema,
    graphql_sync,
    parse,
    validate,
)

from .payloads import SITE, number_of
from .rest import NOT_ALLOWED
from .state import Comment, Pull, State

SCHEMA = Path(__file__).with_name("graphql-subset.graphql")
Node = dict[str, Any]
# For a page as for a list of ids; https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits
GREATEST_COUNT = 100


class RefusedFieldError(Exception):
    """GitHub's answer to a part of a document that it will not do."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@functools.cache
def _schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text(encoding="utf-8"))


def complaints_about(body: Any) -> list[str]:
    """What the referee has against a document, before it runs."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return ["no query in the body"]
    unknown = [f"{key}: unknown key" for key in body if key not in {"query", "variables", "operationName"}]
    try:
        return unknown + [error.message for error in validate(_schema(), parse(body["query"]))]
    except GraphQLSyntaxError as error:
        return [*unknown, error.message]


def execute(graph: "Graph", body: Any) -> tuple[Node, list[str]]:
    """GitHub's answer to a document, and what only running it shows, such as a wrong variable."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return {"errors": [{"message": "A query attribute must be specified and must be a string."}]}, []
    result = graphql_sync(_schema(), body["query"], graph.root(), variable_values=body.get("variables"))
    if not result.errors:
        return {"data": result.data}, []
    answer: Node = {"errors": [_error(error) for error in result.errors]}
    if result.data is not None or all(error.path for error in result.errors):
        answer["data"] = result.data
    faulty = [error for error in result.errors if not isinstance(error.original_error, RefusedFieldError)]
    return answer, [error.message for error in faulty]


def _error(error: GraphQLError) -> Node:
    """GitHub puts the type beside the message."""
    formatted: Node = dict(error.formatted)
    if isinstance(error.original_error, RefusedFieldError):
        formatted["type"] = error.original_error.kind
    return formatted


class Graph:
    """The state as seen by one token."""

    def __init__(self, state: State, login: str, *, may_write: bool) -> None:
        self._state = state
        self._login = login
        self._may_write = may_write

    def root(self) -> Node:
        return {
            "viewer": self._actor(self._login, "User"),
            "node": lambda _, id: self._node(id),  # noqa: A006 (GitHub's name)
            "nodes": self._nodes,
            "repository": self._repository,
            "minimizeComment": functools.partial(self._fold, "minimizedComment"),
            "unminimizeComment": functools.partial(self._fold, "unminimizedComment"),
        }

    def _fold(self, field: str, _: Any, input: Node) -> Node:  # noqa: A002 (GitHub's name)
        if not self._may_write:
            raise RefusedFieldError("FORBIDDEN", NOT_ALLOWED)
        reason = input.get("classifier")
        comment = self._state.minimize(self._comment(input["subjectId"]), reason and reason.lower().replace("_", "-"))
        return {"clientMutationId": input.get("clientMutationId"), field: self._comment_node(comment)}

    def _node(self, node_id: str) -> Node:
        return self._comment_node(self._comment(node_id))

    def _nodes(self, _: Any, ids: list[str]) -> list[Node | RefusedFieldError]:
        if len(ids) > GREATEST_COUNT:
            message = f"You may not provide more than {GREATEST_COUNT} node ids; you provided {len(ids)}."
            raise RefusedFieldError("ARGUMENT_LIMIT", message)
        return [self._node_or_error(node_id) for node_id in ids]

    def _node_or_error(self, node_id: str) -> Node | RefusedFieldError:
        """One unknown id in a list does not spoil the others."""
        try:
            return self._node(node_id)
        except RefusedFieldError as refused:
            return refused

    def _comment(self, node_id: str) -> Comment:
        for comment in self._state.comments.values():
            if comment.node_id == node_id:
                return comment
        raise RefusedFieldError("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'")

    def _comment_node(self, comment: Comment) -> Node:
        return {
            "__typename": "IssueComment",
            "id": comment.node_id,
            "databaseId": comment.id,
            "fullDatabaseId": str(comment.id),
            "body": comment.body,
            "author": self._author(comment.author),
            "createdAt": comment.created_at,
            "updatedAt": comment.updated_at,
            "lastEditedAt": comment.updated_at if comment.updated_at != comment.created_at else None,
            "url": comment.html_url,
            "isMinimized": comment.minimized,
            "minimizedReason": comment.minimized_reason,
            "viewerCanMinimize": self._may_write,
            "viewerDidAuthor": comment.author == self._login,
        }

    def _author(self, login: str | None) -> Node | None:
        if login is None:
            return None
        # REST says github-actions[bot], an author here is github-actions, a viewer github-actions[bot] again.
        is_bot = login.endswith("[bot]")
        return self._actor(login.removesuffix("[bot]"), "Bot" if is_bot else "User")

    def _actor(self, login: str, kind: str) -> Node:
        number = number_of(login)
        url = f"{SITE}/{login}"
        return {"__typename": kind, "id": f"U_{number}", "databaseId": number, "login": login, "url": url}

    def _repository(self, _: Any, owner: str, name: str, **__: Any) -> Node:
        full = f"{owner}/{name}"
        if full.lower() != self._state.repository.lower():
            raise RefusedFieldError("NOT_FOUND", f"Could not resolve to a Repository with the name '{full}'.")
        url = f"{SITE}/{self._state.repository}"
        return {"id": "R_1", "nameWithOwner": self._state.repository, "url": url, "pullRequest": self._pull}

    def _pull(self, _: Any, number: int) -> Node:
        pull = self._state.pulls.get(number)
        if pull is None:
            message = f"Could not resolve to a PullRequest with the number of {number}."
            raise RefusedFieldError("NOT_FOUND", message)
        return {
            "id": f"PR_{number}",
            "number": number,
            "state": pull.state.upper(),
            "headRefOid": pull.head_sha,
            "url": f"{SITE}/{self._state.repository}/pull/{number}",
            "comments": self._comments(pull),
        }

    def _comments(self, pull: Pull) -> Callable[..., Node]:
        """Pages of a pull request's comments; a cursor is a position in the list."""

        def page(_: Any, first: int | None = None, last: int | None = None, **rest: Any) -> Node:
            nodes = [self._comment_node(comment) for comment in self._state.comments_of(pull.number)]
            size = _page_size(first, last)
            start, end = int(rest.get("after") or 0), int(rest.get("before") or len(nodes))
            if first is not None:
                end = min(end, start + size)
            else:
                start = max(start, end - size)
            info = {
                "startCursor": str(start),
                "endCursor": str(end),
                "hasNextPage": end < len(nodes),
                "hasPreviousPage": start > 0,
            }
            return {"totalCount": len(nodes), "pageInfo": info, "nodes": nodes[start:end]}

        return page


def _page_size(first: int | None, last: int | None) -> int:
    size = first if first is not None else last
    if size is None or not 1 <= size <= GREATEST_COUNT:
        message = f"You must provide a `first` or `last` value of 1 to {GREATEST_COUNT} to properly paginate."
        raise RefusedFieldError("MISSING_PAGINATION_BOUNDARIES", message)
    return size
