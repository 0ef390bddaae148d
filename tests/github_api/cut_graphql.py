"""Cut `graphql-subset.graphql` out of GitHub's full GraphQL schema.

    npm pack @octokit/graphql-schema && tar xzf octokit-graphql-schema-*.tgz
    python tests/github_api/cut_graphql.py package/schema.graphql

Of the types in `FIELDS` the named fields stay, with their own arguments and types; inputs, enums and scalars
that those reach stay whole. NOTICE names the package and version.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import NamedTypeNode, Node, TypeDefinitionNode, Visitor, parse, print_ast, visit

TARGET = Path(__file__).with_name("graphql-subset.graphql")

FIELDS = {
    "Query": "id node nodes repository viewer",
    "Mutation": "minimizeComment unminimizeComment",
    "MinimizeCommentPayload": "clientMutationId minimizedComment",
    "UnminimizeCommentPayload": "clientMutationId unminimizedComment",
    "Actor": "login url",
    "Bot": "databaseId id login url",
    "User": "databaseId id login url",
    "Node": "id",
    "Minimizable": "isMinimized minimizedReason viewerCanMinimize",
    "IssueComment": "author body createdAt databaseId fullDatabaseId id isMinimized lastEditedAt "
    "minimizedReason updatedAt url viewerCanMinimize viewerDidAuthor",
    "IssueCommentConnection": "nodes pageInfo totalCount",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    "PullRequest": "comments headRefOid id number state url",
    "Repository": "id nameWithOwner pullRequest url",
}


def main(full_path: str) -> None:
    TARGET.write_text(cut(Path(full_path).read_text(encoding="utf-8")), encoding="utf-8")


def cut(full: str) -> str:
    """The subset in GraphQL's own schema language, without prose."""
    document = parse(full, no_location=True)
    types = {node.name.value: node for node in document.definitions if isinstance(node, TypeDefinitionNode)}
    kept: dict[str, Node] = {}
    waiting = list(FIELDS)
    while waiting:
        name = waiting.pop()
        if name in types and name not in kept:
            kept[name] = _slim(types[name])
            waiting.extend(_named_types(kept[name]))
    return "\n\n".join(print_ast(kept[name]) for name in sorted(kept)) + "\n"


def _slim(node: Any) -> Any:
    slim = visit(node, _WithoutProse())
    wanted = FIELDS.get(slim.name.value, "").split()
    if not wanted:
        return slim
    return replace(
        slim,
        fields=tuple(field for field in slim.fields if field.name.value in wanted),
        interfaces=tuple(face for face in slim.interfaces or () if face.name.value in FIELDS),
    )


def _named_types(node: Node) -> list[str]:
    names = _TypeNames()
    visit(node, names)
    return names.found


class _WithoutProse(Visitor):
    def leave(self, node: Any, *_: Any) -> Node | None:
        blank = {"description": None, "directives": ()}
        present = {key: empty for key, empty in blank.items() if getattr(node, key, None)}
        return replace(node, **present) if present else None


class _TypeNames(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
        self.found.append(node.name.value)


if __name__ == "__main__":
    main(sys.argv[1])
